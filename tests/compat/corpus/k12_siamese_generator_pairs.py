# Keras 1.2: two generators with one seed: images and their masks augmented alike
import numpy as np
from keras.layers import Convolution2D, Input
from keras.models import Model
from keras.preprocessing.image import ImageDataGenerator

np.random.seed(0)
images = np.random.rand(32, 12, 12, 1)
masks = (images > 0.5).astype("float32")
data_gen_args = dict(rotation_range=90.0, horizontal_flip=True, fill_mode="constant", cval=0.0)
image_flow = ImageDataGenerator(**data_gen_args).flow(images, batch_size=8, seed=1, shuffle=True)
mask_flow = ImageDataGenerator(**data_gen_args).flow(masks, batch_size=8, seed=1, shuffle=True)
for a, b in zip(image_flow, mask_flow):
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.75
    break
inputs = Input((12, 12, 1))
out = Convolution2D(1, 1, 1, activation="sigmoid")(inputs)
model = Model(input=inputs, output=out)
model.compile("adam", "binary_crossentropy")


def pairs():
    for batch in zip(image_flow, mask_flow):
        yield batch


history = model.fit_generator(pairs(), samples_per_epoch=320, nb_epoch=10, verbose=0)
assert history.history["loss"][-1] < history.history["loss"][0]
