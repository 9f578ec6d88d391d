# Keras 1.2: GridSearchCV over build_fn's arguments and nb_epoch
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasClassifier
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import scale

np.random.seed(7)
X, Y = load_breast_cancer(return_X_y=True)
X = scale(X)


def create_model(optimizer="rmsprop", init="glorot_uniform"):
    model = Sequential()
    model.add(Dense(8, input_dim=30, init=init, activation="relu"))
    model.add(Dense(1, init=init, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["accuracy"])
    return model


model = KerasClassifier(build_fn=create_model, verbose=0)
param_grid = dict(optimizer=["rmsprop", "adam"], nb_epoch=[5], batch_size=[32], init=["uniform"])
grid = GridSearchCV(estimator=model, param_grid=param_grid, cv=2)
grid_result = grid.fit(X, Y)
assert grid_result.best_score_ > 0.85
assert set(grid_result.best_params_) == {"optimizer", "nb_epoch", "batch_size", "init"}
