# Keras 2.2: predict_generator over a test folder, class names back from indices, reset()
import os
import tempfile

import numpy as np
from PIL import Image
from keras.layers import Dense, GlobalAveragePooling2D
from keras.models import Sequential
from keras.preprocessing.image import ImageDataGenerator


def paint(folder, per_class=24, size=(20, 16)):
    """PNG files of warm and cold noise, one folder a class."""
    rng = np.random.RandomState(1)
    for kind, channel in (("cold", 2), ("warm", 0)):
        os.makedirs(os.path.join(folder, kind))
        for i in range(per_class):
            pixels = rng.randint(0, 120, size + (3,)).astype("uint8")
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(os.path.join(folder, kind, "%03d.png" % i))


folder = tempfile.mkdtemp()
paint(os.path.join(folder, "train"))
paint(os.path.join(folder, "test"), 7)
generator = ImageDataGenerator(rescale=1 / 255.0, validation_split=0.25)
train = generator.flow_from_directory(
    os.path.join(folder, "train"), (12, 12), batch_size=6, subset="training", seed=1
)
valid = generator.flow_from_directory(
    os.path.join(folder, "train"), (12, 12), batch_size=6, subset="validation", seed=1
)
assert (train.samples, valid.samples) == (36, 12)
model = Sequential(
    [GlobalAveragePooling2D(input_shape=(12, 12, 3)), Dense(2, activation="softmax")]
)
model.compile("adam", "categorical_crossentropy", ["accuracy"])
model.optimizer.lr = 0.1
model.fit_generator(train, steps_per_epoch=train.n // train.batch_size, epochs=10, verbose=0)
test = ImageDataGenerator(rescale=1 / 255.0).flow_from_directory(
    os.path.join(folder, "test"), (12, 12), batch_size=1, class_mode=None, shuffle=False
)
test.reset()
pred = model.predict_generator(test, steps=test.n, verbose=0)
labels = dict((v, k) for k, v in train.class_indices.items())
named = [labels[k] for k in np.argmax(pred, axis=1)]
right = [os.path.dirname(f) == n for f, n in zip(test.filenames, named)]
assert np.mean(right) > 0.9, named
assert model.evaluate_generator(valid, steps=2)[1] > 0.9
