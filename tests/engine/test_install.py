"""`bital.install`: Keras's own methods, names, answers and errors, carried out by bital."""

import inspect
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine.keras_own import METHODS, Trainer
from engine import made
from engine.parity import Outcome, Twins, assert_close, assert_same, trained
from engine.test_sources import Batched, batches, forever

X, Y = made.iris(60)
FIT = {"x": X, "y": Y, "batch_size": 20, "epochs": 3, "validation_split": 0.3}


@pytest.fixture
def installed() -> Iterator[None]:
    bital.install()
    yield
    bital.uninstall()


@cache
def kept(make: Callable[[], keras.Model]) -> Twins:
    return Twins(make, (X[:10], Y[:10]))


def keras_fit(model: keras.Model, *args: Any, **kwargs: Any) -> Any:
    """Keras's own loop, its validation and all, whatever is installed."""
    bital.uninstall()
    try:
        return model.fit(*args, **kwargs)
    finally:
        bital.install()


def installed_fit(model: keras.Model, *args: Any, **kwargs: Any) -> Any:
    return model.fit(*args, **kwargs)


def test_installing_twice_is_installing_once() -> None:
    own = dict(METHODS)
    for _ in range(2):
        bital.install()
        assert all(getattr(keras.Model, name) is not method for name, method in own.items())
    history = kept(made.softmax)().fit(**FIT, verbose=0)
    assert history.bital.path == "epochs"
    for _ in range(2):
        bital.uninstall()
        assert all(getattr(keras.Model, name) is method for name, method in own.items())
        assert all(getattr(Trainer, name) is method for name, method in own.items())
    assert not hasattr(kept(made.softmax)().fit(**FIT, verbose=0), "bital")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", METHODS)
def test_the_methods_look_like_keras_s(name: str) -> None:
    ours, own = getattr(keras.Model, name), METHODS[name]
    assert inspect.signature(ours) == inspect.signature(own)
    assert (ours.__name__, ours.__doc__) == (own.__name__, own.__doc__)
    assert ours.__qualname__ == own.__qualname__


@pytest.mark.usefixtures("installed")
def test_the_same_answers() -> None:
    ours = trained(installed_fit, kept(made.regularised), **FIT)
    assert_same(ours, trained(keras_fit, kept(made.regularised), **FIT))
    assert ours.history.bital.path == "epochs"
    model = ours.model
    for name, given in (("evaluate", (X, Y, 7)), ("predict", (X, 7))):
        mine = getattr(model, name)(*given, verbose=0)
        assert_close(mine, METHODS[name](model, *given, verbose=0), 1e-5)


class Kind(made.Subclassed):
    """Overrides what users override, and calls what it overrides."""

    def fit(self, *args: Any, **kwargs: Any) -> Any:
        self.seen = ["fit"]
        return super().fit(*args, **(kwargs | {"epochs": 2}))

    def predict(self, x: Any, **kwargs: Any) -> Any:
        return {"probability": super().predict(x, **kwargs)}


@pytest.mark.usefixtures("installed")
def test_a_subclass_that_overrides_fit() -> None:
    make = lambda: made.compiled(Kind())  # noqa: E731
    ours, keras_own = (trained(fit, make, **FIT) for fit in (installed_fit, keras_fit))
    assert_same(ours, keras_own)
    assert ours.model.seen == ["fit"]
    assert ours.history.bital.path == "epochs"
    assert set(ours.model.predict(X, verbose=0)) == {"probability"}
    assert bital.fit(ours.model, **FIT, verbose=0).epoch == [0, 1]


class Silent(made.Subclassed):
    def fit(self, *args: Any, **kwargs: Any) -> Any:
        super().fit(*args, **kwargs)


def test_a_fit_that_returns_nothing() -> None:
    assert bital.fit(made.compiled(Silent()), **FIT, verbose=0) is None


class Asking(keras.callbacks.Callback):
    """Evaluates and predicts in the middle of a training, with callbacks of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[Any] = []

    def ask(self, *args: Any, **kwargs: Any) -> None:
        heard = keras.callbacks.LambdaCallback(
            on_test_batch_end=lambda batch, logs: self.answers.append(batch)
        )
        self.answers += self.model.evaluate(X, Y, verbose=0, callbacks=[heard])
        self.answers.append(self.model.predict(X[:5], verbose=0))
        self.answers += [float(weight.sum()) for weight in self.model.get_weights()]


class AskingAtEpochs(Asking):
    on_epoch_end = Asking.ask


class AskingAtBatches(Asking):
    on_train_batch_end = Asking.ask


@pytest.mark.usefixtures("installed")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("kind", [AskingAtEpochs, AskingAtBatches])
def test_callbacks_that_evaluate_and_predict(kind: type[Asking]) -> None:
    asking = [kind(), kind()]
    keras_own, ours = (
        trained(fit, kept(made.regularised), callbacks=lambda a=a: [a], **FIT)
        for fit, a in zip((keras_fit, installed_fit), asking, strict=True)
    )
    assert_same(ours, keras_own)
    for mine, other in zip(asking[1].answers, asking[0].answers, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


@pytest.mark.usefixtures("installed")
def test_batches_by_hand_in_between() -> None:
    def steps(fit: Any) -> tuple[Outcome, list[Any]]:
        said: list[Any] = []

        def both(model: keras.Model, **given: Any) -> Any:
            said.append(model.train_on_batch(X[:20], Y[:20]))
            fit(model, **given)
            said.append(model.train_on_batch(X[20:40], Y[20:40]))
            said.append(model.test_on_batch(X, Y, return_dict=True))
            said.append(model.predict_on_batch(X[:3]))
            history = fit(model, **given)
            said.append(model.test_on_batch(X, Y))
            return history

        return trained(both, kept(made.regularised), **FIT), said

    (keras_own, theirs), (ours, mine) = map(steps, (keras_fit, installed_fit))
    assert_same(ours, keras_own)
    for a, b in zip(keras.tree.flatten(mine), keras.tree.flatten(theirs), strict=True):
        assert_close(a, b, 1e-5)


PASSED: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "nan": (made.softmax, {"x": np.where(X > 2, np.nan, X)}),
    "nan_in_labels": (made.regression, {"y": np.where(X > 2, np.nan, X)[:, :1]}),
    "labels_out_of_range": (made.softmax, {"y": Y + 2}),
    "broadcast_labels": (made.regression, {"y": X}),
    "no_batch_size": (made.softmax, {"batch_size": 0}),
    "no_steps": (made.softmax, {"steps_per_epoch": 0}),
    "no_epoch": (made.softmax, {"epochs": 0}),
    "epochs_over": (made.softmax, {"initial_epoch": 5}),
    "the_whole_as_validation": (made.softmax, {"validation_split": 0, "validation_data": (X, Y)}),
    "list_as_validation": (made.softmax, {"validation_split": 0, "validation_data": [X, Y]}),
    "eager": (lambda: made.softmax(run_eagerly=True), {"x": X[:20], "y": Y[:20]}),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("case", PASSED)
def test_what_keras_lets_pass(case: str) -> None:
    make, given = PASSED[case]
    ready = kept(make) if make in (made.softmax, made.regression) else make
    keras_own, ours = (trained(f, ready, **(FIT | given)) for f in (keras_fit, installed_fit))
    assert_same(ours, keras_own)


def uncompiled() -> keras.Model:
    return keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])


def sliced(**given: Any) -> dict[str, Any]:
    return FIT | given


ERRORS: dict[str, tuple[str, Callable[[], dict[str, Any]], str]] = {
    "uncompiled": ("fit", FIT.copy, "must call `compile\\(\\)`"),
    "uncompiled_evaluate": ("evaluate", lambda: {"x": X, "y": Y}, "must call `compile\\(\\)`"),
    "lengths": ("fit", lambda: sliced(y=Y[:50], validation_split=0), "Data cardinality"),
    "lengths_split": ("fit", lambda: sliced(y=Y[:50]), "cardinality|same number"),
    "lengths_evaluate": ("evaluate", lambda: {"x": X, "y": Y[:50]}, "Data cardinality"),
    "lengths_validation": (
        "fit",
        lambda: sliced(validation_data=(X, Y[:9])),
        "Data cardinality",
    ),
    "labels_beside_a_generator": (
        "fit",
        lambda: {"x": forever(), "y": Y, "steps_per_epoch": 2},
        "`y` should not be passed",
    ),
    "labels_beside_a_dataset": ("fit", lambda: {"x": Batched(), "y": Y}, "`y` should not"),
    "weights_beside_a_dataset": (
        "fit",
        lambda: {"x": Batched(), "sample_weight": X},
        "`sample_weights` should not",
    ),
    "split_of_a_generator": (
        "fit",
        lambda: {"x": forever(), "steps_per_epoch": 2, "validation_split": 0.2},
        "validation_split",
    ),
    "class_weight_of_a_generator": (
        "fit",
        lambda: {"x": batches(), "class_weight": {0: 2.0}},
        "`class_weight` is not supported",
    ),
    "two_weights": (
        "fit",
        lambda: sliced(class_weight={0: 2.0}, sample_weight=np.ones(60)),
        "at the same time",
    ),
    "no_batch": ("fit", lambda: {"x": (x for x in ())}, "at least one batch"),
    "batches_of_lists": ("fit", lambda: {"x": ([X, Y] for _ in range(3))}, "must return a tuple"),
    "text": ("predict", lambda: {"x": "iris"}, "Unrecognized data type"),
    "columns": ("fit", lambda: sliced(x=X[:, :3]), "incompatible|Invalid input shape"),
    "columns_predict": ("predict", lambda: {"x": X[:, :3]}, "incompatible|Invalid input shape"),
    "frequency": ("fit", lambda: sliced(validation_freq=1.5), "validation_freq"),
    "unknown_argument": ("evaluate", lambda: {"x": X, "y": Y, "step": 3}, "not recognized"),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.filterwarnings("ignore:`shuffle=True` was passed:UserWarning")
@pytest.mark.parametrize("case", ERRORS)
def test_errors_are_keras_s(case: str) -> None:
    method, given, message = ERRORS[case]
    kinds = []
    for call in (METHODS[method], getattr(keras.Model, method)):
        model = uncompiled() if case.startswith("uncompiled") else made.softmax()
        with pytest.raises(ValueError, match=message) as error:
            call(model, **given(), verbose=0)
        kinds.append(type(error.value))
    assert kinds[0] is kinds[1]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_arguments_that_there_are_not(method: str) -> None:
    model = made.softmax()
    with pytest.raises(TypeError, match="unexpected keyword argument 'epoch'"):
        getattr(model, method)(X, epoch=3)
    with pytest.raises(TypeError, match="too many positional arguments"):
        getattr(model, method)(X, *range(20))


def test_an_extension_of_ipython() -> None:
    assert bital.load_ipython_extension(None) is None
    assert keras.Model.fit is not METHODS["fit"]
    bital.unload_ipython_extension(None)
    assert keras.Model.fit is METHODS["fit"]


@pytest.mark.usefixtures("installed")
def test_keras_s_loop_validates_by_itself() -> None:
    class OwnFunction(made.Subclassed):
        def make_train_function(self, force: bool = False) -> Any:
            return super().make_train_function(force)

    make = lambda: made.compiled(OwnFunction())  # noqa: E731
    ours, keras_own = (trained(fit, make, **FIT) for fit in (installed_fit, keras_fit))
    assert_same(ours, keras_own)
    assert ours.history.bital.path == "keras"


@pytest.mark.usefixtures("installed")
def test_one_line_says_what_is_done(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from bital.engine import plan

    monkeypatch.setattr(plan, "_said", set())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for verbose in (0, 2, 2):
            kept(made.softmax)().fit(**FIT, verbose=verbose)
    assert capsys.readouterr().out.count("bital:") == 1
