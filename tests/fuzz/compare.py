"""A case carried out by Keras and by bital, and what differs.

Rounding is told from error in this way. A number may differ by `FORWARD` or `TRAINED` times the
largest of its array. Where it differs more, Keras trains the same case again three times, from
weights and inputs moved by a millionth of themselves: bital may differ from Keras by ten times
what Keras then differs from itself. What is left may be a weight whose gradient is rounding alone,
such as a bias before a normalization: Adam and its kind make whole steps of it. It is left out if
plain SGD in Keras moves it by less than a millionth of what it moves others, and if with plain SGD
bital does not differ from Keras at all.
"""

import os
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import keras
import numpy as np

import bital
from fuzz.call import call
from fuzz.case import Case

FORWARD = 2e-5
"Of the largest value: outputs of a model with given weights."
TRAINED = 1e-4
"Of the largest value: what a few steps of training leave behind."
LOW_PRECISION = 3e-2
NUDGE = 1e-6


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Rows in order, in batches."""

    def __init__(self, parts: tuple[Any, ...], size: int) -> None:
        super().__init__()
        self.parts, self.size = parts, size
        self.rows = len(keras.tree.flatten(parts[0])[0])

    def __len__(self) -> int:
        return ceil(self.rows / self.size)

    def __getitem__(self, number: int) -> Any:
        rows = slice(number * self.size, (number + 1) * self.size)
        return tuple(keras.tree.map_structure(lambda a: a[rows], part) for part in self.parts)


def endless(batches: Batches) -> Any:
    """Yield batches again and again."""
    while True:
        for number in range(len(batches)):
            yield batches[number]


class Refused(Exception):
    """Keras cannot do it, so there is nothing to compare."""


@dataclass(frozen=True)
class Difference:
    """A number that is not Keras's."""

    what: str
    size: float
    """largest difference; NaN for one of structure"""
    room: float
    """what rounding explains"""

    def __str__(self) -> str:
        return f"{self.what}: {self.size:.3g} where {self.room:.3g} is rounding"


PLAIN = call("optimizers.SGD", learning_rate=0.01)

Outcome = dict[str, Any]


def differences(case: Case) -> list[Difference]:
    """Carry a case out by Keras and by bital and return what differs.

    Raises:
        Refused: Keras raises an error.
    """
    theirs = _by_keras(case)
    try:
        ours = _by_bital(case)
    except Exception as error:  # noqa: BLE001 - whatever bital raises where Keras does not
        return [Difference(f"{type(error).__name__}: {str(error)[:300]}", np.nan, 0)]
    found = compared(ours, theirs, {})
    if not found:
        return []
    spread = spread_of(theirs, [_by_keras(case, nudge) for nudge in (1, 2, 3)])
    found = compared(ours, theirs, spread)
    if found and case.compile["optimizer"] != PLAIN:
        idle = _idle(case)
        found = [each for each in found if not any(name in each.what for name in idle)]
    return found


def _idle(case: Case) -> list[str]:
    """Return the weights whose gradient is rounding; none if bital differs under plain SGD."""
    graph = replace(case.graph, style="functional")
    settings = {**case.compile, "optimizer": PLAIN}
    plain = replace(case, graph=graph, compile=settings, callbacks=(), looks="")
    if differences(plain):
        return []
    moved = _by_keras(plain)["moved"]
    largest = max(moved.values(), default=0)
    return [name.replace("/", "_") for name, size in moved.items() if size < 1e-6 * largest]


def _by_keras(case: Case, nudge: int = 0) -> Outcome:
    try:
        return _carried_out(case, keras.Model.fit, keras.Model.predict, keras.Model.evaluate, nudge)
    except Exception as error:
        raise Refused(str(error)) from error


def _by_bital(case: Case) -> Outcome:
    before = os.environ.get("BITAL_KERNELS")
    os.environ["BITAL_KERNELS"] = case.kernels
    try:
        return _carried_out(case, bital.fit, bital.predict, bital.evaluate, 0)
    finally:
        if before is None:
            del os.environ["BITAL_KERNELS"]
        else:
            os.environ["BITAL_KERNELS"] = before


def _carried_out(
    case: Case,
    fit: Callable[..., Any],
    predict: Callable[..., Any],
    evaluate: Callable[..., Any],
    nudge: int,
) -> Outcome:
    names: dict[str, Any] = {}
    exec(compile(case.program, "<case>", "exec"), names)
    keras.utils.clear_session(free_memory=False)  # the same names for both
    keras.utils.set_random_seed(case.seed % 2**32)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = names["build"]()
        shake(model, case.seed)
        x, y, weights = names["data"](case.rows, case.seed)
        held_out = names["data"](case.held_out, case.seed + 1) if case.held_out else None
        if nudge:
            x = nudged(model, x, nudge)
        outcome: Outcome = {}
        model_was_built = model.built
        start = _values(model.trainable_variables) if model_was_built else {}
        size = case.fit["batch_size"]
        if model.built and case.looks == "predict":
            outcome["predict"] = predict(model, x, batch_size=size, verbose=0)
        if model.built and case.looks == "evaluate":
            outcome["evaluate"] = evaluate(model, x, y, batch_size=size, verbose=0)
        callbacks = names["callbacks"](folder)
        how = dict(names["settings"], callbacks=callbacks, verbose=0)
        parts = (x, y, weights) if case.weighted else (x, y)
        if case.weighted and isinstance(y, list):
            parts = (x, y, [weights] * len(y))
        if held_out is not None:
            how["validation_data"] = tuple(held_out[:2])
        if case.feed == "arrays":
            history = fit(
                model, *parts[:2], sample_weight=parts[2] if case.weighted else None, **how
            )
        else:
            del how["batch_size"]
            batches: Any = Batches(_tuples(parts), size)
            if case.feed == "generator":
                batches = endless(batches)
            history = fit(model, batches, **how)
        outcome["history"] = dict(history.history)
        outcome["epoch"] = list(history.epoch)
        outcome["trainable"] = _values(model.trainable_variables)
        outcome["non_trainable"] = _values(model.non_trainable_variables)
        outcome["optimizer"] = _values(model.optimizer.variables)
        if model_was_built:
            outcome["moved"] = {
                path: np.abs(after - start[path]).max(initial=0)
                for path, after in outcome["trainable"].items()
            }
        outcome["metrics"] = [np.array(v.value) for v in model.metrics_variables]
        outcome["callbacks"] = [_seen(c) for c in callbacks]
        if case.looks == "predict after":
            outcome["trained/predict"] = predict(model, x, batch_size=size, verbose=0)
        outcome["numpy"] = np.random.randint(0, 2**31, 4)
    return outcome


def _values(variables: Any) -> dict[str, np.ndarray]:
    """Return values by path; two variables of one path are numbered."""
    values: dict[str, np.ndarray] = {}
    for variable in variables:
        path = variable.path.replace("/", "_")
        values[path if path not in values else f"{path}.{len(values)}"] = np.array(variable.value)
    return values


def _tuples(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(tuple(part) if isinstance(part, list) else part for part in parts)


def shake(model: keras.Model, seed: int) -> None:
    """Give a built model's weights values that no initializer does, so that each one counts."""
    rng = np.random.default_rng(seed)
    for variable in model.trainable_variables:
        value = np.array(variable.value, np.float32)
        variable.assign(value + 0.1 * rng.normal(size=value.shape).astype(np.float32))
    for variable in model.non_trainable_variables:
        value = np.array(variable.value)
        if value.dtype.kind == "f" and "moving" in variable.path:
            variable.assign(value * rng.uniform(0.5, 2, value.shape) + 0.05)


def nudged(model: keras.Model, x: Any, seed: int) -> Any:
    """Move a model's weights and return x, moved, by a millionth of themselves."""
    rng = np.random.default_rng(seed)

    def moved(value: Any) -> Any:
        value = np.array(value)
        if value.dtype.kind != "f" or value.dtype.itemsize < 4:
            return value
        noise = rng.choice([-NUDGE, NUDGE], value.shape)
        return (value * (1 + noise) + noise * np.abs(value).max(initial=0)).astype(value.dtype)

    for variable in (*model.trainable_variables, *model.non_trainable_variables):
        variable.assign(moved(variable.value))
    return keras.tree.map_structure(
        lambda a: (
            (a * (1 + rng.choice([-NUDGE, NUDGE], a.shape))).astype(a.dtype)
            if a.dtype.kind == "f"
            else a
        ),
        x,
    )


def _seen(callback: Any) -> dict[str, Any]:
    """Return a callback's plain numbers."""
    return {
        key: float(value)
        for key, value in vars(callback).items()
        if isinstance(value, (bool, int, float, np.number)) and not key.startswith("_")
    }


def _leaves(outcome: Outcome) -> dict[str, Any]:
    flat = {}
    for group, value in outcome.items():
        if group == "moved":
            continue
        for path, leaf in keras.tree.flatten_with_path(value):
            flat["/".join(map(str, (group, *path)))] = leaf
    return flat


def spread_of(base: Outcome, others: list[Outcome]) -> dict[str, float]:
    """Return how far Keras is from itself, by the place of a number; inf if the places differ."""
    base = _leaves(base)
    spread: dict[str, float] = {}
    for other in map(_leaves, others):
        if other.keys() != base.keys():
            return dict.fromkeys(base, np.inf) | {"structure": np.inf}
        for key, value in base.items():
            spread[key] = max(spread.get(key, 0), _distance(value, other[key]))
    return spread


def _distance(a: Any, b: Any) -> float:
    if a is None and b is None:
        return 0.0
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.shape != b.shape or (np.isfinite(a) != np.isfinite(b)).any():
        return np.inf
    both = np.isfinite(a)
    return float(np.abs(a[both] - b[both]).max(initial=0))


def compared(ours: Outcome, theirs: Outcome, spread: dict[str, float]) -> list[Difference]:
    """Return what differs by more than rounding, given how far Keras is from itself."""
    mine, other = _leaves(ours), _leaves(theirs)
    if list(mine) != list(other):
        if "structure" in spread:
            return []
        changed = sorted(set(mine) ^ set(other))[:5]
        return [Difference(f"structure: {changed or 'the order of keys'}", np.nan, 0)]
    found = []
    for key, value in other.items():
        distance = _distance(mine[key], value)
        share = FORWARD if key.startswith(("predict", "evaluate")) else TRAINED
        largest = np.abs(
            np.nan_to_num(np.asarray(0 if value is None else value, np.float64), posinf=0, neginf=0)
        ).max(initial=1e-6)
        exact = key.startswith(("epoch", "numpy"))
        room = 0.0 if exact else share * largest * (10 if key.startswith("optimizer") else 1)
        room += 10 * spread.get(key, 0)
        if distance > room:
            found.append(Difference(key, distance, room))
    return found
