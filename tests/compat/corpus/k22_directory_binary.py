# Keras 2.2: cats-and-dogs recipe: flow_from_directory, augmentation, fit_generator, history['acc']
import os
import tempfile

import numpy as np
from PIL import Image
from keras import layers, models, optimizers
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


base_dir = tempfile.mkdtemp()
train_dir, validation_dir = os.path.join(base_dir, "train"), os.path.join(base_dir, "validation")
paint(train_dir)
paint(validation_dir, 10)

train_datagen = ImageDataGenerator(
    rescale=1.0 / 255,
    rotation_range=40,
    width_shift_range=0.2,
    height_shift_range=0.2,
    shear_range=0.2,
    zoom_range=0.2,
    horizontal_flip=True,
    fill_mode="nearest",
)
test_datagen = ImageDataGenerator(rescale=1.0 / 255)
train_generator = train_datagen.flow_from_directory(
    train_dir, target_size=(16, 16), batch_size=8, class_mode="binary"
)
validation_generator = test_datagen.flow_from_directory(
    validation_dir, target_size=(16, 16), batch_size=5, class_mode="binary"
)
assert train_generator.class_indices == {"cold": 0, "warm": 1}
for data_batch, labels_batch in train_generator:
    assert data_batch.shape == (8, 16, 16, 3) and labels_batch.shape == (8,)
    break

model = models.Sequential()
model.add(layers.Conv2D(8, (3, 3), activation="relu", input_shape=(16, 16, 3)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=optimizers.RMSprop(lr=5e-3), metrics=["acc"])
history = model.fit_generator(
    train_generator,
    steps_per_epoch=6,
    epochs=6,
    validation_data=validation_generator,
    validation_steps=4,
    verbose=0,
)
acc = history.history["acc"]
val_acc = history.history["val_acc"]
assert len(acc) == 6 and val_acc[-1] > 0.9, (acc, val_acc)
