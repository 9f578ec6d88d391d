# Keras 2.2: looking at augmentation: load_img, img_to_array, flow(save_to_dir=...), break by hand
import os
import tempfile

import numpy as np
from PIL import Image
from keras.preprocessing import image
from keras.preprocessing.image import ImageDataGenerator, array_to_img, img_to_array, load_img


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
paint(os.path.join(folder, "data"), 2)
preview = os.path.join(folder, "preview")
os.mkdir(preview)
datagen = ImageDataGenerator(
    rotation_range=40, zoom_range=0.2, brightness_range=(0.5, 1.5), channel_shift_range=10.0
)
img = load_img(os.path.join(folder, "data", "warm", "000.png"), target_size=(32, 32))
x = img_to_array(img)
x = x.reshape((1,) + x.shape)
i = 0
for batch in datagen.flow(
    x, batch_size=1, save_to_dir=preview, save_prefix="cat", save_format="jpeg"
):
    i += 1
    if i > 5:
        break
assert 1 <= len(os.listdir(preview)) <= 6
assert array_to_img(batch[0]).size == (32, 32)
grey = image.load_img(os.path.join(folder, "data", "cold", "001.png"), grayscale=True)
assert image.img_to_array(grey).shape == (20, 16, 1)
