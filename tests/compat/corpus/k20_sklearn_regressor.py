# Keras 2.0: KerasRegressor in a Pipeline, score is minus the loss
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasRegressor
from sklearn.datasets import load_diabetes
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

np.random.seed(7)
X, Y = load_diabetes(return_X_y=True)
Y = (Y - Y.mean()) / Y.std()


def wider_model():
    model = Sequential()
    model.add(Dense(16, input_dim=10, kernel_initializer="normal", activation="relu"))
    model.add(Dense(1, kernel_initializer="normal"))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


pipeline = Pipeline(
    [
        ("standardize", StandardScaler()),
        ("mlp", KerasRegressor(build_fn=wider_model, epochs=20, batch_size=16, verbose=0)),
    ]
)
results = cross_val_score(pipeline, X, Y, cv=3)
assert -0.8 < results.mean() < -0.3, results
