# Keras 1.2: ModelCheckpoint to weights.{epoch}-{val_acc}.hdf5, the best one loaded back
import glob
import os
import tempfile

import numpy as np
from keras.callbacks import ModelCheckpoint
from keras.layers import Dense
from keras.models import Sequential
from sklearn.datasets import load_breast_cancer

np.random.seed(7)
os.chdir(tempfile.mkdtemp())
X, Y = load_breast_cancer(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)


def build():
    model = Sequential()
    model.add(Dense(12, input_dim=30, init="uniform", activation="relu"))
    model.add(Dense(1, init="uniform", activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


model = build()
filepath = "weights-improvement-{epoch:02d}-{val_acc:.2f}.hdf5"
checkpoint = ModelCheckpoint(
    filepath, monitor="val_acc", verbose=0, save_best_only=True, mode="max"
)
model.fit(
    X, Y, validation_split=0.33, nb_epoch=10, batch_size=10, callbacks=[checkpoint], verbose=0
)
best = sorted(glob.glob("*.hdf5"))[-1]
again = build()
again.load_weights(best)
assert again.evaluate(X, Y, verbose=0)[1] > 0.85
