# Keras 2.2: image-classification script with class weights, decay, period, multi_gpu_model, plots of history
import numpy as np
from keras.utils import to_categorical, multi_gpu_model, Sequence
from keras.models import Model
from keras.layers import Input, Dense, concatenate, SeparableConv2D, Flatten, GlobalAveragePooling2D
from keras.layers.normalization import BatchNormalization
from keras.optimizers import SGD
from sklearn.datasets import load_digits

np.random.seed(0)
digits = load_digits()
x, t = (digits.images / 16.)[..., None].astype('float32'), digits.target


class Batches(Sequence):
    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return int(np.ceil(len(self.x) / float(self.batch_size)))

    def __getitem__(self, idx):
        part = slice(idx * self.batch_size, (idx + 1) * self.batch_size)
        return self.x[part], self.y[part]


inputs = Input((8, 8, 1))
h = SeparableConv2D(16, 3, activation='relu', depthwise_initializer='he_normal')(inputs)
h = BatchNormalization(axis=-1, momentum=0.9)(h)
h = concatenate([Flatten()(h), Dense(8, activation='relu')(GlobalAveragePooling2D()(inputs))])
h = Dense(32, kernel_initializer='normal', activation='relu')(h)
model = Model(inputs=inputs, outputs=Dense(10, activation='softmax')(h))
try:
    model = multi_gpu_model(model, gpus=2)
except ValueError:
    pass
model.compile(optimizer=SGD(lr=0.05, momentum=0.9, decay=1e-3), loss='categorical_crossentropy', metrics=['accuracy'])
y = to_categorical(t, num_classes=10)
history = model.fit_generator(generator=Batches(x[:1500], y[:1500], 50), steps_per_epoch=30, epochs=10,
                              validation_data=Batches(x[1500:], y[1500:], 50), validation_steps=6,
                              class_weight={i: 1. for i in range(10)}, workers=4, use_multiprocessing=True,
                              max_queue_size=20, verbose=0)
assert max(history.history['val_acc']) > 0.7, history.history['val_acc']
assert 'loss' in history.history and history.epoch == list(range(10))
score = model.evaluate_generator(Batches(x[1500:], y[1500:], 50), steps=6)
pred = model.predict_generator(Batches(x[1500:], y[1500:], 50), steps=6)
assert pred.shape[0] == len(x[1500:]) and abs((pred.argmax(1) == t[1500:]).mean() - score[1]) < 1e-4
