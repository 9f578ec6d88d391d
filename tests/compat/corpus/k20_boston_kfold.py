# Keras 2.0: Boston housing of the book, k-fold by hand, history['val_mean_absolute_error']
# needs: BITAL_DATA
import numpy as np
from keras.datasets import boston_housing
from keras import models, layers

(train_data, train_targets), (test_data, test_targets) = boston_housing.load_data()
assert train_data.shape == (404, 13) and test_targets[0] == 7.2
mean, std = train_data.mean(axis=0), train_data.std(axis=0)
train_data, test_data = (train_data - mean) / std, (test_data - mean) / std


def build_model():
    model = models.Sequential()
    model.add(layers.Dense(64, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(1))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k, scores = 2, []
fold = len(train_data) // k
for i in range(k):
    val = slice(i * fold, (i + 1) * fold)
    rest = np.r_[0 : i * fold, (i + 1) * fold : len(train_data)]
    model = build_model()
    history = model.fit(
        train_data[rest],
        train_targets[rest],
        validation_data=(train_data[val], train_targets[val]),
        epochs=40,
        batch_size=16,
        verbose=0,
    )
    scores.append(history.history["val_mean_absolute_error"][-1])
assert np.mean(scores) < 4.0, scores
