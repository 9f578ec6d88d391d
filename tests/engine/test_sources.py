"""Whatever yields batches, and arrays too large for memory: Keras's numbers, warnings and calls."""

import random
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import scipy.sparse
from jax.experimental.sparse import BCOO
from keras import layers
from keras.src.trainers.data_adapters.data_adapter import DataAdapter

import bital
from bital.engine import sources
from engine import made
from engine.parity import (
    Outcome,
    Twins,
    assert_close,
    assert_same,
    assert_same_history,
    check_same,
    trained,
)

X, Y = made.iris(120)
BATCH = 24
WEIGHT = np.linspace(0, 2, BATCH, dtype=np.float32)
Change = Callable[[Any, Any], Any]


def pair(x: Any, y: Any) -> Any:
    return x, y


def weighted(x: Any, y: Any) -> Any:
    return x, y, WEIGHT[: len(x)]


def alone(x: Any, y: Any) -> Any:
    return (x,)


def typed(x_type: str, y_type: str = "int32") -> Change:
    return lambda x, y: ((x * 3).astype(x_type), y.astype(y_type))


def csr(x: Any, y: Any) -> Any:
    return scipy.sparse.csr_matrix(np.round(x)), y


def bcoo(x: Any, y: Any) -> Any:
    return BCOO.fromdense(jnp.asarray(x)), y


def named(x: Any, y: Any) -> Any:
    return {"petals": x[:, 2:], "sepals": x[:, :2]}, {"kind": y, "length": x[:, :1]}


def listed(x: Any, y: Any) -> Any:
    return [x[:, 2:], x[:, :2]], [y, x[:, :1]]


def batches(change: Change = pair, times: int = 1, sizes: Any = (BATCH,) * 5) -> Iterator[Any]:
    """Rows one after another, from the beginning again where they end."""
    at = 0
    for size in sizes * times:
        rows = np.arange(at, at + size) % len(X)
        at += size
        yield change(X[rows], Y[rows])


def forever(change: Change = pair) -> Iterator[Any]:
    while True:
        yield from batches(change)


def alternating() -> Iterator[Any]:
    """Batches whose dtypes change from one to the next."""
    changes = (pair, typed("int32"), typed("bool"), typed("float32", "float32"), typed("bool"))
    for change, batch in zip(changes, batches(), strict=True):
        yield change(*batch)


class Batched(keras.utils.PyDataset):
    """Five batches, the last one shorter if so wished; writes down how often it is told."""

    def __init__(
        self, change: Change = pair, count: int | None = 5, short: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.change, self.count, self.short = change, count, short
        self.calls: list[str] = []

    @property
    def num_batches(self) -> int | None:
        return self.count

    def __getitem__(self, index: int) -> Any:
        rows = np.arange(index * BATCH, (index + 1) * BATCH) % len(X)
        if self.count and index == self.count - 1:
            rows = rows[: len(rows) - self.short]
        return self.change(X[rows], Y[rows])

    def on_epoch_begin(self) -> None:
        self.calls.append("begin")

    def on_epoch_end(self) -> None:
        self.calls.append("end")


class Adapter(DataAdapter):
    """Keras takes an adapter of one's own as it is; this one does not know its length."""

    def __init__(self, passes: int = 99) -> None:
        self.left = passes
        self.calls: list[str] = []

    def get_jax_iterator(self) -> Any:
        self.left -= 1
        return batches() if self.left >= 0 else iter(())

    @property
    def num_batches(self) -> None:
        return None

    @property
    def batch_size(self) -> int:
        return BATCH

    def on_epoch_begin(self) -> None:
        self.calls.append("begin")

    def on_epoch_end(self) -> None:
        self.calls.append("end")


def sequences(change: Change = pair) -> Iterator[Any]:
    """Batches whose sequences differ in length from batch to batch."""
    for index, (x, y) in enumerate(batches()):
        yield change(np.repeat(x[:, None], 2 + index % 3, axis=1), y)


def pooled() -> keras.Model:
    stack = [layers.Input((None, 4)), layers.GlobalMaxPooling1D(), layers.Dense(3, "softmax")]
    return made.compiled(keras.Sequential(stack))


def remembering() -> keras.Model:
    """A recurrent layer that goes on where the last batch left it."""
    inputs = layers.Input(batch_shape=(BATCH, 1, 4))
    hidden = layers.SimpleRNN(3, stateful=True)(inputs)
    return made.compiled(keras.Model(inputs, layers.Dense(3, "softmax")(hidden)))


class Noisy(layers.Layer):
    """Draws from a generator of its own in every call, in a prediction too."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = keras.random.SeedGenerator(5)

    def call(self, x: Any) -> Any:
        return keras.random.dropout(x, 0.5, seed=self.seeds)


def noisy() -> keras.Model:
    stack = [layers.Input((4,)), Noisy(), layers.Dense(3, "softmax")]
    return made.compiled(keras.Sequential(stack))


def executed(units: int) -> Callable[[], keras.Model]:
    return lambda: made.softmax(steps_per_execution=units)


def unbuilt() -> keras.Model:
    return made.compiled(made.Subclassed())


def stepped(x: Any, y: Any) -> Any:
    return x[:, None], y


@cache
def kept(make: Callable[[], keras.Model]) -> Twins:
    batch = {made.two_by_two: named, made.two_by_two_listed: listed}.get(make, pair)
    change = stepped if make in (remembering, pooled) else batch
    return Twins(make, change(X[:BATCH], Y[:BATCH]))


EXECUTED = {units: executed(units) for units in (2, 3)}
IN_ORDER = {"shuffle": False}
ARRAYS = {"x": X, "y": Y, "batch_size": BATCH}
FED: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "generator": (made.softmax, lambda: {"x": batches()}),
    "generator_used_up": (made.softmax, lambda: {"x": batches(), "epochs": 3} | IN_ORDER),
    "generator_used_up_within_an_epoch": (
        made.softmax,
        lambda: {"x": batches(), "epochs": 3, "steps_per_epoch": 3} | IN_ORDER,
    ),
    "generator_used_up_and_validation": (
        made.softmax,
        lambda: {"x": batches(), "epochs": 3, "validation_data": (X[:30], Y[:30])} | IN_ORDER,
    ),
    "generator_without_end": (
        made.softmax,
        lambda: (
            {
                "x": forever(),
                "epochs": 3,
                "steps_per_epoch": 3,
                "validation_data": forever(),
                "validation_steps": 2,
            }
            | IN_ORDER
        ),
    ),
    "validation_used_up": (
        made.softmax,
        lambda: ARRAYS | {"epochs": 3, "validation_data": batches()},
    ),
    "validation_at_times": (
        made.softmax,
        lambda: (
            ARRAYS
            | {
                "epochs": 4,
                "validation_data": forever(),
                "validation_steps": 2,
                "validation_freq": 3,
            }
        ),
    ),
    "validation_after_listed_epochs": (
        made.softmax,
        lambda: ARRAYS | {"epochs": 4, "validation_data": Batched(), "validation_freq": [1, 4]},
    ),
    "dataset": (made.softmax, lambda: {"x": Batched(), "epochs": 2} | IN_ORDER),
    "dataset_shuffled": (made.softmax, lambda: {"x": Batched(), "epochs": 3}),
    "dataset_workers": (
        made.softmax,
        lambda: {"x": Batched(workers=2), "validation_data": Batched(workers=2), "epochs": 2},
    ),
    "dataset_in_parts": (made.softmax, lambda: {"x": Batched(), "epochs": 4, "steps_per_epoch": 2}),
    "dataset_too_short": (
        made.softmax,
        lambda: {"x": Batched(), "epochs": 2, "steps_per_epoch": 7},
    ),
    "dataset_without_end": (
        made.softmax,
        lambda: {"x": Batched(count=None), "epochs": 2, "steps_per_epoch": 3},
    ),
    "dataset_short_last_batch": (
        made.softmax,
        lambda: {"x": Batched(short=15), "epochs": 2, "validation_data": Batched(short=15)},
    ),
    "dataset_class_weight": (
        made.softmax,
        lambda: {"x": Batched(), "class_weight": {0: 1.0, 1: 0.2, 2: 3.0}},
    ),
    "dataset_of_lists": (made.softmax, lambda: {"x": Batched(lambda x, y: [x, y])}),
    "adapter": (made.softmax, lambda: {"x": Adapter(), "epochs": 3}),
    "sizes_that_differ": (
        made.softmax,
        lambda: {"x": batches(sizes=(24, 10, 24, 24, 7, 24, 10))} | IN_ORDER,
    ),
    "lengths_that_differ": (pooled, lambda: {"x": sequences()} | IN_ORDER),
    "weights": (
        made.softmax,
        lambda: {"x": Batched(weighted), "validation_data": Batched(weighted)},
    ),
    "weights_none": (made.softmax, lambda: {"x": Batched(lambda x, y: (x, y, None))}),
    "dicts": (made.two_by_two, lambda: {"x": Batched(named), "validation_data": Batched(named)}),
    "lists": (made.two_by_two_listed, lambda: {"x": Batched(listed)}),
    "dtypes_that_differ": (made.softmax, lambda: {"x": alternating()} | IN_ORDER),
    "float64": (made.softmax, lambda: {"x": Batched(typed("float64", "int64"))}),
    "float16": (made.softmax, lambda: {"x": Batched(typed("float16", "uint8"))}),
    "bool": (made.softmax, lambda: {"x": Batched(typed("bool"))}),
    "jax": (
        made.softmax,
        lambda: {"x": Batched(lambda x, y: (jnp.asarray(x), jnp.asarray(y)))},
    ),
    "sparse_batches": (made.softmax, lambda: {"x": batches(csr)} | IN_ORDER),
    "sparse_jax_batches": (made.softmax, lambda: {"x": Batched(bcoo), "epochs": 2}),
    "sparse_arrays": (
        made.softmax,
        lambda: {"x": csr(X, Y)[0], "y": Y, "batch_size": 60, "epochs": 2},
    ),
    "sparse_jax_arrays": (
        made.softmax,
        lambda: {"x": bcoo(X, Y)[0], "y": Y, "batch_size": 60, "validation_data": bcoo(X, Y)},
    ),
    "executions_of_two": (
        EXECUTED[2],
        lambda: {"x": forever(), "epochs": 2, "steps_per_epoch": 3} | IN_ORDER,
    ),
    "executions_of_two_used_up": (EXECUTED[2], lambda: {"x": batches(), "epochs": 2} | IN_ORDER),
    "executions_of_three": (
        EXECUTED[3],
        lambda: {"x": Batched(short=15), "epochs": 2, "validation_data": Batched(short=15)},
    ),
    "executions_of_sizes_that_differ": (
        EXECUTED[3],
        lambda: {"x": batches(sizes=(24, 10, 24, 24, 7, 24, 10))} | IN_ORDER,
    ),
    "stateful": (
        remembering,
        lambda: {"x": Batched(stepped), "epochs": 2, "validation_data": Batched(stepped)},
    ),
}
UNBUILT: dict[str, Callable[[], dict[str, Any]]] = {
    "generator": lambda: {"x": batches(times=2), "steps_per_epoch": 5, "epochs": 2} | IN_ORDER,
    "dataset": lambda: {"x": Batched(), "epochs": 2},
    "workers": lambda: {"x": Batched(workers=2), "epochs": 2},
    "adapter": lambda: {"x": Adapter()},
}


def heard(run: Callable[[], Any]) -> tuple[Any, list[str]]:
    """Return a result and the warnings that came with it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = run()
    return result, [str(w.message) for w in caught if w.category is UserWarning]


def both(run: Callable[[Any, dict[str, Any]], Any], methods: Any, given: Any) -> list[Any]:
    """Run by Keras and by bital; return each result, warnings, and what its data was told."""
    seen = []
    for method in methods:
        settings = given()
        random.seed(3)
        result, said = heard(lambda settings=settings, method=method: run(method, settings))
        calls = [getattr(data, "calls", None) for data in settings.values()]
        seen.append((result, said, calls, random.getstate()))
    assert seen[0][1:] == seen[1][1:], "warnings, calls of the dataset, or Python's random state"
    return [result for result, *_ in seen]


def check_fed(make: Callable[[], keras.Model], given: Callable[[], dict[str, Any]]) -> Outcome:
    def run(fit: Any, settings: dict[str, Any]) -> Outcome:
        return trained(fit, make, **settings)

    keras_own, ours = both(run, (keras.Model.fit, bital.fit), given)
    assert_same(ours, keras_own)
    assert ours.history.bital.path in ("chunks", "epoch")
    return ours


@pytest.mark.parametrize("case", FED)
def test_fit(case: str) -> None:
    make, given = FED[case]
    check_fed(kept(make), given)


@pytest.mark.parametrize("case", UNBUILT)
def test_fit_an_unbuilt_model(case: str) -> None:
    """Keras looks at a first batch, and so draws once more."""
    check_fed(unbuilt, UNBUILT[case])


def test_epochs_without_a_step() -> None:
    """Their logs are those of the last step; Keras fails if it is to validate then."""

    def run(fit: Any, settings: dict[str, Any]) -> Outcome:
        return trained(fit, kept(made.softmax), epochs=3, **settings)

    keras_own, ours = both(run, (keras.Model.fit, bital.fit), lambda: {"x": Adapter(1)})
    assert_same_history(ours.history, keras_own.history)
    validated, _ = heard(lambda: run(bital.fit, {"x": Adapter(1), "validation_data": (X, Y)}))
    assert_close(validated.history.history["loss"], keras_own.history.history["loss"], 1e-5)
    assert len(set(validated.history.history["val_loss"])) == 1


def test_no_batch_at_all_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one batch"):
        heard(lambda: bital.fit(kept(made.softmax)(), Adapter(0), verbose=0))


def test_a_generator_that_is_never_validated_on_is_not_drawn_from() -> None:
    data = batches()
    given = ARRAYS | {"epochs": 2, "validation_data": data, "validation_freq": 3}
    assert_same(
        trained(bital.fit, kept(made.softmax), **given),
        trained(keras.Model.fit, kept(made.softmax), **given),
    )
    assert len(list(data)) == 5


EVALUATED: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "generator": (made.softmax, lambda: {"x": batches()}),
    "generator_without_end": (made.softmax, lambda: {"x": forever(), "steps": 3}),
    "generator_too_short": (made.softmax, lambda: {"x": batches(), "steps": 9}),
    "dataset": (made.softmax, lambda: {"x": Batched(short=15)}),
    "dataset_steps": (made.softmax, lambda: {"x": Batched(), "steps": 2}),
    "dataset_workers": (made.softmax, lambda: {"x": Batched(workers=2)}),
    "adapter": (made.softmax, lambda: {"x": Adapter()}),
    "weights": (made.softmax, lambda: {"x": Batched(weighted)}),
    "sizes_that_differ": (made.softmax, lambda: {"x": batches(sizes=(24, 10, 24, 7))}),
    "executions": (EXECUTED[3], lambda: {"x": Batched(short=15)}),
    "executions_steps": (EXECUTED[2], lambda: {"x": forever(), "steps": 3}),
    "executions_of_arrays": (EXECUTED[2], lambda: ARRAYS | {"steps": 3}),
    "sparse": (made.softmax, lambda: {"x": bcoo(X, Y)[0], "y": Y, "batch_size": 60}),
    "dicts": (made.two_by_two, lambda: {"x": Batched(named)}),
    "stateful": (remembering, lambda: {"x": Batched(stepped)}),
    "unbuilt": (unbuilt, lambda: {"x": Batched(workers=2)}),
    "unbuilt_generator": (unbuilt, lambda: {"x": batches()}),
}


@pytest.mark.parametrize("case", EVALUATED)
def test_evaluate(case: str) -> None:
    make, given = EVALUATED[case]
    ready = kept(make) if make is not unbuilt else make

    def run(evaluate: Any, settings: dict[str, Any]) -> Any:
        keras.utils.set_random_seed(2)
        return evaluate(ready(), verbose=0, return_dict=True, **settings)

    keras_own, ours = both(run, (keras.Model.evaluate, bital.evaluate), given)
    assert list(ours) == list(keras_own)
    for name, value in keras_own.items():
        assert_close(ours[name], value, 1e-5, name)


PREDICTED: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "generator": (made.softmax, lambda: {"x": batches(alone)}),
    "generator_with_labels": (made.softmax, lambda: {"x": batches()}),
    "generator_without_end": (made.softmax, lambda: {"x": forever(alone), "steps": 3}),
    "dataset": (made.softmax, lambda: {"x": Batched(alone, short=15)}),
    "dataset_of_arrays": (made.softmax, lambda: {"x": Batched(lambda x, y: x)}),
    "dataset_workers": (made.softmax, lambda: {"x": Batched(alone, workers=2)}),
    "adapter": (made.softmax, lambda: {"x": Adapter()}),
    "sizes_that_differ": (made.softmax, lambda: {"x": batches(alone, sizes=(24, 10, 24, 7))}),
    "executions": (EXECUTED[3], lambda: {"x": Batched(short=15)}),
    "executions_of_arrays": (EXECUTED[2], lambda: {"x": X, "batch_size": BATCH, "steps": 3}),
    "sparse": (made.softmax, lambda: {"x": bcoo(X, Y)[0], "batch_size": 60}),
    "dicts": (made.two_by_two, lambda: {"x": Batched(named)}),
    "lists": (made.two_by_two_listed, lambda: {"x": Batched(listed)}),
    "stateful": (remembering, lambda: {"x": Batched(stepped)}),
    "stateful_arrays": (remembering, lambda: {"x": X[:, None], "batch_size": BATCH}),
    "random": (noisy, lambda: {"x": Batched(short=15)}),
    "random_arrays": (noisy, lambda: {"x": X, "batch_size": 50}),
    "unbuilt": (made.Subclassed, lambda: {"x": Batched(workers=2)}),
    "unbuilt_generator": (made.Subclassed, lambda: {"x": batches(alone)}),
}


@pytest.mark.parametrize("case", PREDICTED)
def test_predict(case: str) -> None:
    make, given = PREDICTED[case]
    ready = kept(make) if make is not made.Subclassed else make

    def run(predict: Any, settings: dict[str, Any]) -> Any:
        keras.utils.set_random_seed(2)
        model = ready()
        return predict(model, verbose=0, **settings), [np.array(v) for v in model.variables]

    keras_own, ours = both(run, (keras.Model.predict, bital.predict), given)
    keras.tree.assert_same_structure(ours[0], keras_own[0])
    for mine, other in zip(jax.tree.leaves(ours), jax.tree.leaves(keras_own), strict=True):
        assert mine.dtype == other.dtype
        assert_close(mine, other, 1e-5)


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for data, windows of two batches."""
    monkeypatch.setenv("BITAL_MEMORY", "100")
    monkeypatch.setattr(sources, "WINDOW_BYTES", 1100)


TAILED = {"x": X[:110], "y": Y[:110], "batch_size": BATCH, "epochs": 3}
STREAMED: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "shuffled": (made.regularised, {}),
    "in_order": (made.softmax, {"shuffle": False}),
    "shuffled_in_batches": (made.softmax, {"shuffle": "batch"}),
    "whole_batches": (made.softmax, ARRAYS),
    "in_parts": (made.softmax, {"steps_per_epoch": 3}),
    "in_parts_shuffled_in_batches": (made.softmax, {"steps_per_epoch": 3, "shuffle": "batch"}),
    "split": (made.softmax, {"validation_split": 0.3}),
    "validated": (made.softmax, {"validation_data": (X, Y), "validation_batch_size": 50}),
    "validated_in_part": (made.softmax, {"validation_data": (X, Y), "validation_steps": 3}),
    "class_weight": (made.softmax, {"class_weight": {0: 1.0, 1: 0.2, 2: 3.0}}),
    "sample_weight": (made.softmax, {"sample_weight": np.linspace(0, 2, 110)}),
    "float64": (made.softmax, {"x": X[:110].astype(np.float64), "y": Y[:110].astype(np.int64)}),
    "jax": (made.softmax, {"x": jnp.asarray(X[:110])}),
    "fewer_rows_than_a_batch": (made.softmax, {"x": X[:9], "y": Y[:9]}),
    "executions": (EXECUTED[3], {"validation_data": (X[:90], Y[:90])}),
    "executions_in_parts": (EXECUTED[2], {"steps_per_epoch": 3}),
    "two_inputs": (
        made.two_by_two,
        dict(zip("xy", named(X[:110], Y[:110]), strict=True)),
    ),
    "stateful": (remembering, ARRAYS | {"x": X[:, None]}),
}


@pytest.mark.filterwarnings("ignore:steps_per_epoch=:UserWarning")
@pytest.mark.filterwarnings("ignore:Your input ran out of data:UserWarning")
@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("case", STREAMED)
def test_arrays_too_large(case: str) -> None:
    make, given = STREAMED[case]
    outcome = check_same(kept(make), path="chunks", **(TAILED | given))
    assert "more than the 0 MB of BITAL_MEMORY" in outcome.history.bital.reason
    assert outcome.history.bital.dispatches > 2


@pytest.mark.usefixtures("little")
def test_arrays_on_disk(tmp_path: Path) -> None:
    for name, array in (("x", X[:110]), ("y", Y[:110])):
        np.save(tmp_path / f"{name}.npy", array)
    mapped = {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in "xy"}
    ours = trained(bital.fit, kept(made.softmax), **(TAILED | mapped))
    assert_same(ours, trained(keras.Model.fit, kept(made.softmax), **TAILED))


@pytest.mark.parametrize("shuffle", [True, "batch"])
def test_streamed_or_not_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch, shuffle: bool | str
) -> None:
    given = TAILED | {"shuffle": shuffle, "validation_data": (X[:50], Y[:50])}
    whole = trained(bital.fit, kept(made.softmax), **given)
    monkeypatch.setenv("BITAL_MEMORY", "100")
    streamed = trained(bital.fit, kept(made.softmax), **given)
    assert (whole.history.bital.path, streamed.history.bital.path) == ("epochs", "chunks")
    assert_same(streamed, whole, 1e-6)


def test_only_the_validation_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_MEMORY", "1000")
    given = {"x": X[:40], "y": Y[:40], "batch_size": 20, "epochs": 2, "validation_data": (X, Y)}
    outcome = check_same(kept(made.softmax), path="epoch", **given)
    assert "validation_data: 0 MB of data is more" in outcome.history.bital.reason


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize("make", [made.softmax, noisy])
def test_evaluate_and_predict_arrays_too_large(make: Callable[[], keras.Model]) -> None:
    for method, given in (
        ("evaluate", {"x": X[:110], "y": Y[:110]}),
        ("predict", {"x": X[:110]}),
        ("predict", {"x": X[:110], "steps": 3}),
    ):
        expected, ours = (
            getattr(where, method)(kept(make)(), batch_size=BATCH, verbose=0, **given)
            for where in (keras.Model, bital)
        )
        assert_close(ours, expected, 1e-5, method)
