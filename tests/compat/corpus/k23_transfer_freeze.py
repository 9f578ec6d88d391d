# Keras 2.3: transfer learning: an application without its top, frozen, then its last block fine-tuned
import numpy as np
from keras.applications.mobilenet import MobileNet, preprocess_input
from keras.models import Model, Sequential
from keras.layers import Dense, GlobalAveragePooling2D, Dropout
from keras.optimizers import Adam, SGD
from sklearn.datasets import load_digits

np.random.seed(0)
digits = load_digits()
rows = np.where(digits.target < 2)[0][:60]
x = np.repeat(np.repeat(digits.images[rows][..., None].repeat(3, -1), 4, 1), 4, 2) * (255. / 16)
y = np.eye(2)[digits.target[rows]]
x = preprocess_input(x.astype('float32'))
assert x.min() >= -1 and x.max() <= 1
base = MobileNet(weights=None, include_top=False, input_shape=(32, 32, 3), alpha=0.25)
features = GlobalAveragePooling2D()(base.output)
predictions = Dense(2, activation='softmax')(Dropout(0.1)(features))
model = Model(inputs=base.input, outputs=predictions)
for layer in base.layers:
    layer.trainable = False
assert len(model.trainable_weights) == 2, len(model.trainable_weights)
model.compile(optimizer=Adam(lr=0.01), loss='categorical_crossentropy', metrics=['accuracy'])
frozen = base.layers[1].get_weights()[0].copy()
model.fit(x, y, epochs=2, batch_size=20, verbose=0)
assert np.array_equal(frozen, base.layers[1].get_weights()[0])
for layer in model.layers[-10:]:
    layer.trainable = True
model.compile(optimizer=SGD(lr=1e-3, momentum=0.9), loss='categorical_crossentropy', metrics=['accuracy'])
assert len(model.trainable_weights) > 2
model.fit(x, y, epochs=1, batch_size=20, verbose=0)
assert np.array_equal(frozen, base.layers[1].get_weights()[0])
bottleneck = base.predict(x, verbose=0)
top = Sequential()
top.add(GlobalAveragePooling2D(input_shape=bottleneck.shape[1:]))
top.add(Dense(2, activation='softmax'))
top.compile('adam', 'categorical_crossentropy')
top.fit(bottleneck, y, epochs=1, verbose=0)
