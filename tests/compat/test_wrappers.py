"""Functions that build models, inside scikit-learn's tools."""

from typing import Any

import keras
import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from bital.compat import notes
from bital.compat.wrappers import KerasClassifier, KerasRegressor
from bital.errors import UnknownName


def network(
    units: int = 8, loss: str = "sparse_categorical_crossentropy", outputs: int = 3
) -> keras.Model:
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(outputs, activation="softmax" if outputs > 1 else "sigmoid"),
        ]
    )
    model.compile(keras.optimizers.Adam(0.05), loss, metrics=["accuracy"])
    return model


def line(rate: float = 0.1) -> keras.Model:
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse")
    return model


@pytest.fixture(scope="module")
def iris() -> tuple[np.ndarray, np.ndarray]:
    x, y = load_iris(return_X_y=True)
    return StandardScaler().fit_transform(x), y


@pytest.fixture(autouse=True)
def seed() -> None:
    keras.utils.set_random_seed(0)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_labels_of_any_kind(iris: Any, loss: str) -> None:
    x, y = iris
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    found = KerasClassifier(build_fn=network, loss=loss, epochs=15, batch_size=16, verbose=0)
    history = found.fit(x, names)
    assert len(history.epoch) == 15
    assert found.classes_.tolist() == sorted(set(names))
    assert found.score(x, names) > 0.9
    assert (found.predict(x) == names).mean() > 0.9
    assert found.predict_proba(x).shape == (150, 3)


def test_two_classes_with_one_output(iris: Any) -> None:
    x, y = iris
    found = KerasClassifier(network, loss="binary_crossentropy", outputs=1, epochs=15, verbose=0)
    found.fit(x[:100], y[:100] + 5)
    assert set(found.predict(x[:100])) == {5, 6}
    np.testing.assert_allclose(found.predict_proba(x[:100]).sum(axis=1), 1, rtol=1e-6)
    assert found.score(x[:100], y[:100] + 5) > 0.95


def test_one_column_a_class(iris: Any) -> None:
    x, y = iris
    found = KerasClassifier(network, loss="categorical_crossentropy", epochs=15, verbose=0)
    found.fit(x, keras.utils.to_categorical(y), sample_weight=np.ones(150))
    assert found.score(x, keras.utils.to_categorical(y)) > 0.9
    assert (found.predict(x) == y).mean() > 0.9


def test_cross_validation_and_clone(iris: Any) -> None:
    x, y = iris
    model = KerasClassifier(build_fn=network, nb_epoch=15, batch_size=16, verbose=0)
    assert clone(model).get_params() == model.get_params()
    assert is_classifier(model)
    pipeline = Pipeline([("scale", StandardScaler()), ("net", model)])
    folds = KFold(n_splits=3, shuffle=True, random_state=0)
    assert cross_val_score(pipeline, x, y, cv=folds).mean() > 0.85
    assert (cross_val_predict(model, x, y, cv=folds) == y).mean() > 0.85


def test_a_grid_search_takes_arguments_of_both_functions(iris: Any) -> None:
    x, y = iris
    model = KerasClassifier(build_fn=network, verbose=0)
    search = GridSearchCV(model, {"units": [1, 16], "epochs": [1, 12]}, cv=2)
    search.fit(x, y)
    assert search.best_params_ == {"units": 16, "epochs": 12}
    assert search.best_score_ > 0.8


def test_a_line_is_regressed() -> None:
    x = np.linspace(-1, 1, 64)[:, None]
    y = 3 * x[:, 0] - 1
    model = make_pipeline(StandardScaler(), KerasRegressor(line, epochs=60, verbose=0))
    model.fit(x, y)
    assert model.predict(x).shape == (64,)
    assert -0.1 < model.score(x, y) <= 0
    assert is_regressor(model)


def test_what_builds_may_be_an_object_or_the_class_itself() -> None:
    class Builder:
        def __call__(self, rate: float) -> keras.Model:
            return line(rate)

    class Own(KerasRegressor):
        def __call__(self, rate: float) -> keras.Model:
            return line(rate)

    for model in (KerasRegressor(Builder(), rate=0.5), Own(rate=0.5)):
        model.fit(np.zeros((4, 1)), np.zeros(4), epochs=1, verbose=0)
        assert float(model.model.optimizer.learning_rate) == 0.5
        assert clone(model).get_params()["rate"] == 0.5


def test_unknown_parameters_and_missing_accuracy_are_told() -> None:
    with pytest.raises(UnknownName, match=r"unit.*Did you mean 'units'"):
        KerasClassifier(network, unit=3)
    model = KerasClassifier(line, epochs=1, verbose=0)
    model.fit(np.zeros((4, 1)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match=r"it measures loss. Add metrics=\['accuracy'\]"):
        model.score(np.zeros((4, 1)), [0, 1, 0, 1])


def test_nb_epoch_is_told() -> None:
    notes.forget()
    model = KerasRegressor(line, nb_epoch=2, verbose=0)
    assert len(model.fit(np.zeros((4, 1)), np.zeros(4)).epoch) == 2
    assert notes.told() == (notes.Note("nb_epoch=", "epochs="),)
