# Keras 1.2: ImageDataGenerator over arrays, fit for featurewise statistics, fit_generator
import numpy as np
from keras.models import Sequential
from keras.layers import Convolution2D, Activation, Flatten, Dense
from keras.preprocessing.image import ImageDataGenerator
from keras.utils import np_utils
from sklearn.datasets import load_digits

np.random.seed(1337)
digits = load_digits()
X = digits.images[..., None].astype("float32")
Y = np_utils.to_categorical(digits.target, 10)
datagen = ImageDataGenerator(
    featurewise_center=True,
    featurewise_std_normalization=True,
    width_shift_range=0.1,
    height_shift_range=0.1,
    dim_ordering="tf",
)
datagen.fit(X)
assert abs(datagen.mean.mean() - X.mean()) < 1e-3

model = Sequential()
model.add(Convolution2D(16, 3, 3, border_mode="same", input_shape=(8, 8, 1), dim_ordering="tf"))
model.add(Activation("relu"))
model.add(Flatten())
model.add(Dense(10, init="uniform"))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit_generator(
    datagen.flow(X[:1500], Y[:1500], batch_size=50, seed=3),
    samples_per_epoch=1500,
    nb_epoch=8,
    validation_data=(datagen.standardize(X[1500:].copy()), Y[1500:]),
    verbose=0,
)
assert history.history["val_acc"][-1] > 0.8, history.history["val_acc"]
