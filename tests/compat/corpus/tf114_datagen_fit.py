# TF 1.14: tf.keras ImageDataGenerator straight into fit, class_mode sparse, validation subset
import os
import tempfile

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorflow.keras.preprocessing.image import ImageDataGenerator


def paint(folder, per_class=24, size=(20, 16)):
    """PNG files of warm and cold noise, one folder a class."""
    rng = np.random.RandomState(1)
    for kind, channel in (("cold", 2), ("warm", 0)):
        os.makedirs(os.path.join(folder, kind))
        for i in range(per_class):
            pixels = rng.randint(0, 120, size + (3,)).astype("uint8")
            pixels[..., channel] += 100
            Image.fromarray(pixels).save(os.path.join(folder, kind, "%03d.png" % i))


folder = os.path.join(tempfile.mkdtemp(), "사진")
paint(folder, 20)
datagen = ImageDataGenerator(rescale=1.0 / 255, vertical_flip=True, validation_split=0.2)
train = datagen.flow_from_directory(
    folder, (8, 8), class_mode="sparse", subset="training", batch_size=8
)
valid = datagen.flow_from_directory(
    folder, (8, 8), class_mode="sparse", subset="validation", batch_size=8
)
model = tf.keras.Sequential(
    [
        tf.keras.layers.Flatten(input_shape=(8, 8, 3)),
        tf.keras.layers.Dense(2, activation=tf.nn.softmax),
    ]
)
model.compile(
    tf.keras.optimizers.Adam(lr=0.01), "sparse_categorical_crossentropy", metrics=["accuracy"]
)
history = model.fit_generator(train, epochs=12, validation_data=valid, verbose=0)
assert history.history["val_acc"][-1] > 0.9, history.history
