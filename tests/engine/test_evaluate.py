"""`bital.evaluate` and `bital.predict` against Keras's own."""

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from engine import made
from engine.parity import assert_close, left_behind
from engine.test_fit_models import scored
from engine.test_plan import Sequence

X, Y = made.iris(110)
NAMED = {"petals": X[:, 2:], "sepals": X[:, :2]}
TARGETS = {"kind": Y, "length": X[:, :1]}
WEIGHT = np.linspace(0, 3, 110)


class Halves(made.Subclassed):
    """A structure of outputs."""

    def call(self, x: Any, training: bool = False) -> Any:
        hidden = super().call(x, training)
        return {"first": hidden[:, :1], "rest": [hidden[:, 1:], keras.ops.sum(hidden, axis=1)]}


EVALUATED: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "short_last_batch": (made.regularised, {"x": X, "y": Y}),
    "whole_batches": (made.mlp, {"x": X, "y": Y, "batch_size": 22}),
    "fewer_rows_than_a_batch": (made.mlp, {"x": X[:9], "y": Y[:9]}),
    "steps": (made.mlp, {"x": X, "y": Y, "batch_size": 20, "steps": 2}),
    "sample_weight": (
        lambda: made.mlp(weighted_metrics=["accuracy"]),
        {"x": X, "y": Y, "sample_weight": WEIGHT},
    ),
    "two_outputs": (made.two_by_two, {"x": NAMED, "y": TARGETS}),
    "two_outputs_listed": (
        made.two_by_two_listed,
        {"x": [X[:, 2:], X[:, :2]], "y": [Y, X[:, :1]]},
    ),
    "unbuilt": (lambda: made.compiled(made.Subclassed()), {"x": X, "y": Y}),
    "loss_alone": (lambda: made.mlp(metrics=None), {"x": X, "y": Y}),
    "vector_metric": (
        scored(3, "categorical_crossentropy", lambda: keras.metrics.F1Score(name="f1")),
        {"x": X, "y": np.eye(3, dtype=np.float32)[Y]},
    ),
    "images": (made.cnn, dict(zip("xy", made.digits(50), strict=True))),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_evaluate(case: str) -> None:
    make, given = EVALUATED[case]
    seen, after = [], []
    for method in (keras.Model.evaluate, bital.evaluate):
        keras.utils.set_random_seed(4)
        model = make()
        seen.append([method(model, verbose=0, return_dict=d, **given) for d in (False, True)])
        after.append(left_behind(model))
    expected, ours = seen
    assert list(ours[1]) == list(expected[1])
    keras.tree.assert_same_structure(ours, expected)
    for mine, other in zip(jax.tree.leaves(ours), jax.tree.leaves(expected), strict=True):
        assert type(mine) is type(other)
        assert_close(mine, other, 1e-5)
    for group in ("weights", "rest", "metrics"):
        pairs = zip(getattr(after[1], group), getattr(after[0], group), strict=True)
        for mine, other in pairs:
            assert_close(mine, other, 1e-5, group)


PREDICTED: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "short_last_batch": (made.regularised, {"x": X}),
    "whole_batches": (made.mlp, {"x": X, "batch_size": 22}),
    "fewer_rows_than_a_batch": (made.mlp, {"x": X[:9]}),
    "batch_of_one": (made.mlp, {"x": X[:9], "batch_size": 1}),
    "steps": (made.mlp, {"x": X, "batch_size": 20, "steps": 2}),
    "two_outputs": (made.two_by_two, {"x": NAMED}),
    "two_outputs_listed": (made.two_by_two_listed, {"x": [X[:, 2:], X[:, :2]]}),
    "unbuilt": (made.Subclassed, {"x": X}),
    "images": (made.cnn, {"x": made.digits(50)[0]}),
    "float64": (made.mlp, {"x": X.astype(np.float64)}),
    "nan": (made.mlp, {"x": np.where(X > 1, np.nan, X)}),
    "dataset": (made.mlp, {"x": Sequence()}),
}


def built_halves() -> keras.Model:
    model = Halves()
    model(X[:1])
    return model


@pytest.mark.parametrize("case", [*PREDICTED, "structure"])
def test_predict(case: str) -> None:
    make, given = PREDICTED.get(case, (built_halves, {"x": X}))
    seen = []
    for method in (keras.Model.predict, bital.predict):
        keras.utils.set_random_seed(4)
        seen.append(method(make(), verbose=0, **given))
    expected, ours = seen
    keras.tree.assert_same_structure(ours, expected)
    for mine, other in zip(jax.tree.leaves(ours), jax.tree.leaves(expected), strict=True):
        assert type(mine) is type(other) is np.ndarray
        assert mine.dtype == other.dtype
        assert mine.flags.writeable
        np.testing.assert_allclose(mine, other, rtol=1e-4, atol=1e-6)


def test_predict_asks_for_no_compile() -> None:
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    assert bital.predict(model, X, verbose=0).shape == (110, 2)
    assert not model.compiled


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_callbacks(method: str) -> None:
    """Edge hooks are called around the program, batch hooks as often as there are batches."""
    calls: list[str] = []
    name = "test" if method == "evaluate" else "predict"

    class Edge(keras.callbacks.Callback):
        pass

    for hook in (f"on_{name}_begin", f"on_{name}_end"):
        setattr(Edge, hook, lambda self, logs=None, hook=hook: calls.append(hook))
    given = {"x": X, "y": Y} if method == "evaluate" else {"x": X}
    model = made.mlp()
    plain = getattr(bital, method)(model, verbose=0, callbacks=[Edge()], **given)
    assert calls == [f"on_{name}_begin", f"on_{name}_end"]

    setattr(Edge, f"on_{name}_batch_end", lambda self, batch, logs=None: calls.append("batch"))
    by_keras = getattr(bital, method)(model, verbose=0, callbacks=[Edge()], **given)
    assert calls.count("batch") == 4
    np.testing.assert_allclose(plain, by_keras, rtol=1e-5)


def test_weights_changed_where_a_test_begins_are_used() -> None:
    class Zero(keras.callbacks.Callback):
        def on_test_begin(self, logs: Any = None) -> None:
            for variable in self.model.trainable_variables:
                variable.assign(0 * variable.value)

    loss, _ = bital.evaluate(made.mlp(), X, Y, callbacks=[Zero()], verbose=0)
    assert loss == pytest.approx(np.log(3), rel=1e-5)


@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_too_many_steps_warn(method: str) -> None:
    given = {"x": X, "y": Y} if method == "evaluate" else {"x": X}
    with pytest.warns(UserWarning, match="more batches than the data has"):
        getattr(bital, method)(made.mlp(), batch_size=40, steps=9, verbose=0, **given)
