# Keras 2.0: KerasClassifier in a pipeline with cross_val_score and KFold
import numpy as np
from keras.models import Sequential
from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasClassifier
from keras.utils import np_utils
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold, cross_val_score
from sklearn.preprocessing import LabelEncoder

np.random.seed(7)
X, target = load_iris(return_X_y=True)
Y = np.array(["setosa", "versicolor", "virginica"])[target]
dummy_y = np_utils.to_categorical(LabelEncoder().fit(Y).transform(Y))


def baseline_model():
    model = Sequential()
    model.add(Dense(8, input_dim=4, activation="relu"))
    model.add(Dense(3, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


estimator = KerasClassifier(build_fn=baseline_model, epochs=200, batch_size=5, verbose=0)
kfold = KFold(n_splits=3, shuffle=True, random_state=7)
results = cross_val_score(estimator, X, dummy_y, cv=kfold)
assert results.mean() > 0.85, results
