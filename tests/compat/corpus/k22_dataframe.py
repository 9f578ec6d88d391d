# Keras 2.2.4: flow_from_dataframe, class_mode other, has_ext
import os
import tempfile

import numpy as np
import pandas as pd
from PIL import Image
from keras.layers import Dense, Flatten
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
paint(os.path.join(folder, "all"), 16)
names = [os.path.join(k, "%03d.png" % i) for k in ("cold", "warm") for i in range(16)]
df = pd.DataFrame({"id": names, "label": ["cold"] * 16 + ["warm"] * 16})
df["red"] = (df["label"] == "warm").astype(float)
gen = ImageDataGenerator(rescale=1 / 255.0)
flow = gen.flow_from_dataframe(
    df,
    os.path.join(folder, "all"),
    x_col="id",
    y_col="label",
    has_ext=True,
    target_size=(10, 10),
    batch_size=8,
    class_mode="categorical",
    seed=2,
)
assert flow.class_indices == {"cold": 0, "warm": 1} and len(flow) == 4
raw = gen.flow_from_dataframe(
    df,
    os.path.join(folder, "all"),
    "id",
    "red",
    target_size=(10, 10),
    batch_size=8,
    class_mode="other",
)
model = Sequential([Flatten(input_shape=(10, 10, 3)), Dense(1)])
model.compile("adam", "mse")
history = model.fit_generator(raw, steps_per_epoch=4, epochs=30, verbose=0)
assert history.history["loss"][-1] < 0.5 * history.history["loss"][0]
