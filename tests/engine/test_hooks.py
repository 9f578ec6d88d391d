"""Batch hooks: the calls, logs and sights of Keras's loop, and what hooks change, changes."""

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import GeneratorType
from typing import Any

import jax
import keras
import numpy as np
import pytest

import bital
from bital.engine.pace import Pace
from engine import made
from engine.parity import Outcome, Twins, assert_close, assert_same, trained
from engine.test_fit_models import OwnLogs
from engine.test_sources import BATCH, Batched, batches

# Keras reads its own variables so (get_weights, among others), and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X, Y = made.iris(110)
C = keras.callbacks
FIT = {"x": X, "y": Y, "batch_size": 10, "epochs": 2}  # 11 batches
Look = Callable[[str, int], bool]
KINDS = ("train", "test", "predict")


def never(hook: str, index: int) -> bool:
    return False


class Trace(C.Callback):
    """Writes down every call there is: hook, number, logs, and all variables where it looks."""

    def __init__(self, looks: Look = never, epochs: bool = True) -> None:
        super().__init__()
        self.looks = looks
        self.calls: list[tuple[str, int | None, dict[str, Any]]] = []
        self.sights: list[list[np.ndarray]] = []
        for kind in KINDS:
            for when in ("begin", "end"):
                self._listen(f"on_{kind}_{when}", numbered=False)
                self._listen(f"on_{kind}_batch_{when}")
        for when in ("begin", "end") if epochs else ():
            self._listen(f"on_epoch_{when}")

    def _listen(self, hook: str, numbered: bool = True) -> None:
        def note(index: int | None, logs: Any) -> None:
            self.calls.append((hook, index, dict(logs or {})))
            if index is not None and self.looks(hook, index):
                self.sights.append(variables(self.model))

        with_number = lambda index, logs=None: note(index, logs)  # noqa: E731
        setattr(self, hook, with_number if numbered else lambda logs=None: note(None, logs))


def variables(model: keras.Model) -> list[np.ndarray]:
    return [np.array(v.value) for v in (*model.variables, *model.optimizer.variables)]


def assert_same_trace(mine: Trace, other: Trace) -> None:
    assert [call[:2] for call in mine.calls] == [call[:2] for call in other.calls]
    assert mine.params == other.params
    for (hook, index, logs), (_, _, expected) in zip(mine.calls, other.calls, strict=True):
        assert list(logs) == list(expected), (hook, index)
        for name, value in expected.items():
            assert type(logs[name]) is type(value), (hook, index, name)
            assert_close(logs[name], value, 1e-5, f"{hook} {index} {name}")
    for mine_, other_ in zip(mine.sights, other.sights, strict=True):
        for a, b in zip(mine_, other_, strict=True):
            assert_close(a, b, 1e-4)


@cache
def kept(make: Callable[[], keras.Model]) -> Twins:
    return Twins(make, (X[:10], Y[:10]))


def executed() -> keras.Model:
    return made.softmax(steps_per_execution=3)


def own() -> keras.Model:
    return made.compiled(OwnLogs())


def at(*moments: tuple[str, int]) -> Look:
    return lambda hook, index: (hook, index) in moments


LOOKS: dict[str, Look] = {
    "never": never,
    "at_each_end": lambda hook, index: hook == "on_train_batch_end",
    "at_each_beginning": lambda hook, index: hook == "on_train_batch_begin",
    "at_both": lambda hook, index: "train_batch" in hook,
    "at_every_fourth": lambda hook, index: hook == "on_train_batch_end" and index % 4 == 3,
    "once_at_a_beginning": at(("on_train_batch_begin", 6)),
    "at_both_ends_of_a_step": at(("on_train_batch_begin", 6), ("on_train_batch_end", 6)),
    "from_one_end_to_the_next_beginning": at(
        ("on_train_batch_end", 4), ("on_train_batch_begin", 5)
    ),
    "in_the_test": lambda hook, index: "test_batch" in hook and index % 2 == 1,
    "at_epochs": lambda hook, index: "epoch" in hook,
}


@pytest.mark.parametrize("look", LOOKS)
def test_calls_and_sights(look: str) -> None:
    theirs, ours = Trace(LOOKS[look]), Trace(LOOKS[look])
    given = FIT | {"validation_data": (X[:35], Y[:35])}
    outcomes = [
        trained(fit, kept(made.regularised), callbacks=lambda trace=trace: [trace], **given)
        for fit, trace in ((keras.Model.fit, theirs), (bital.fit, ours))
    ]
    assert_same_trace(ours, theirs)
    assert bool(ours.sights) == (look != "never")
    assert_same(*reversed(outcomes))


DATA: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "in_order": (made.softmax, lambda: FIT | {"shuffle": False}),
    "in_parts": (made.softmax, lambda: FIT | {"steps_per_epoch": 4, "epochs": 3}),
    "shuffled_in_batches": (made.softmax, lambda: FIT | {"shuffle": "batch"}),
    "validated_at_times": (
        made.softmax,
        lambda: FIT | {"validation_split": 0.3, "validation_freq": 2},
    ),
    "executions": (executed, lambda: FIT | {"validation_data": (X[:35], Y[:35])}),
    "executions_in_parts": (executed, lambda: FIT | {"steps_per_epoch": 4, "epochs": 3}),
    "dataset": (
        made.softmax,
        lambda: {"x": Batched(short=15), "validation_data": Batched(short=15), "epochs": 2},
    ),
    "dataset_in_executions": (
        executed,
        lambda: {"x": Batched(short=15), "validation_data": Batched(short=15)},
    ),
    "generator": (
        made.softmax,
        lambda: {"x": batches(times=2), "steps_per_epoch": 3, "epochs": 2, "shuffle": False},
    ),
    "generator_used_up": (
        made.softmax,
        lambda: {"x": batches(), "epochs": 2, "shuffle": False, "validation_data": batches()},
    ),
    "used_up_in_executions": (executed, lambda: {"x": batches(times=2), "shuffle": False}),
    "used_up_between_executions": (
        executed,
        lambda: {"x": batches(sizes=(BATCH,) * 6), "shuffle": False},
    ),
    "own_logs": (own, lambda: FIT | {"validation_data": (X[:35], Y[:35])}),
    "shown": (made.softmax, lambda: FIT | {"verbose": 1}),
}


def traced(
    fit: Any, make: Callable[[], keras.Model], *callbacks: C.Callback, **given: Any
) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # compared in test_sources.py
        return trained(fit, make, callbacks=lambda: list(callbacks), **given)


@pytest.mark.parametrize("case", DATA)
@pytest.mark.parametrize("looks", [False, True])
def test_calls_for(case: str, looks: bool) -> None:
    make, given = DATA[case]
    look = LOOKS["at_every_fourth"] if looks else never
    theirs, ours = Trace(look), Trace(look)
    keras_own = traced(keras.Model.fit, kept(make), theirs, **given())
    mine = traced(bital.fit, kept(make), ours, **given())
    assert_same_trace(ours, theirs)
    assert_same(mine, keras_own)
    generator = isinstance(given()["x"], GeneratorType)
    assert mine.history.bital.path == ("keras" if generator else "chunks")


Act = Callable[[keras.Model], None]


class Meddler(C.Callback):
    """Does something to the model at one batch of each epoch."""

    def __init__(self, hook: str, batch: int, act: Act) -> None:
        super().__init__()

        def meddle(index: int, logs: Any = None) -> None:
            if index == batch:
                act(self.model)

        setattr(self, hook, meddle)


def shrink(model: keras.Model) -> None:
    model.set_weights([0.5 * weight for weight in model.get_weights()])


def slow_down(model: keras.Model) -> None:
    model.optimizer.learning_rate = 0.3 * model.optimizer.learning_rate


def stop(model: keras.Model) -> None:
    model.stop_training = True


def stop_test(model: keras.Model) -> None:
    model.stop_evaluating = True


def predict(model: keras.Model) -> None:
    """By Keras, which donates the weights' arrays and puts others in their place."""
    model.predict(X[:10], verbose=0)


def evaluate(model: keras.Model) -> None:
    """Leaves other values in the metrics."""
    model.evaluate(X[:10], Y[:10], verbose=0)


def predict_by_bital(model: keras.Model) -> None:
    bital.predict(model, X[:10], verbose=0)


def reset(model: keras.Model) -> None:
    model.reset_metrics()


BEGIN, END = "on_train_batch_begin", "on_train_batch_end"
MEDDLING: dict[str, tuple[str, int, Act]] = {
    "weights_at_the_beginning": (BEGIN, 4, shrink),
    "weights_at_the_end": (END, 4, shrink),
    "weights_before_the_first": (BEGIN, 0, shrink),
    "weights_after_the_last": (END, 10, shrink),
    "rate_at_the_beginning": (BEGIN, 7, slow_down),
    "rate_at_the_end": (END, 7, slow_down),
    "stop_at_the_beginning": (BEGIN, 3, stop),
    "stop_at_the_end": (END, 3, stop),
    "stop_at_once": (BEGIN, 0, stop),
    "stop_at_the_last": (END, 10, stop),
    "predict_at_the_beginning": (BEGIN, 5, predict),
    "predict_at_the_end": (END, 5, predict),
    "predict_by_bital": (END, 5, predict_by_bital),
    "evaluate": (END, 5, evaluate),
    "metrics": (END, 5, reset),
    "metrics_after_the_last": (END, 10, reset),
    "evaluate_after_the_last": (END, 10, evaluate),
    "metrics_after_the_test": ("on_test_batch_end", 3, reset),
    "weights_in_the_test": ("on_test_batch_end", 1, shrink),
    "weights_before_a_test_batch": ("on_test_batch_begin", 1, shrink),
    "stop_in_the_test": ("on_test_batch_end", 1, stop_test),
    "old_name": ("on_batch_end", 4, shrink),
}


@pytest.mark.parametrize("look", ["never", "at_each_end"])
@pytest.mark.parametrize("case", MEDDLING)
def test_what_hooks_change(case: str, look: str) -> None:
    given = FIT | {"validation_data": (X[:35], Y[:35])}
    theirs, ours = Trace(LOOKS[look]), Trace(LOOKS[look])
    outcomes = [
        trained(
            fit,
            kept(made.regularised),
            callbacks=lambda trace=trace: [Meddler(*MEDDLING[case]), trace],
            **given,
        )
        for fit, trace in ((keras.Model.fit, theirs), (bital.fit, ours))
    ]
    assert_same_trace(ours, theirs)
    assert_same(*reversed(outcomes))


@pytest.mark.parametrize("act", [stop, shrink])
@pytest.mark.parametrize("make", [made.softmax, executed])
def test_what_hooks_change_in_a_stream(act: Act, make: Callable[[], keras.Model]) -> None:
    """A generator is left where Keras leaves it: the next training goes on from there."""

    def both_trainings(fit: Any) -> tuple[Outcome, int]:
        data, meddler = batches(times=3), Meddler(END, 2, act)
        given = {"x": data, "steps_per_epoch": 6, "shuffle": False}
        return traced(fit, kept(make), meddler, **given), len(list(data))

    (keras_own, left), (ours, mine) = map(both_trainings, (keras.Model.fit, bital.fit))
    assert_same(ours, keras_own)
    assert mine == left


def test_a_dataset_that_a_hook_ends_is_not_told_of_an_end() -> None:
    calls = []
    for fit in (keras.Model.fit, bital.fit):
        data = Batched()
        traced(fit, kept(made.softmax), Meddler(END, 1, stop), Trace(), x=data, epochs=3)
        calls.append(data.calls)
    assert calls[0] == calls[1] == ["end", "begin"]


class Raiser(C.Callback):
    def __init__(self, hook: str, batch: int, look: bool) -> None:
        super().__init__()

        def fail(index: int, logs: Any = None) -> None:
            if index == batch:
                assert self.model if look else True
                raise LookupError("no such thing")

        setattr(self, hook, fail)


@pytest.mark.parametrize("watched", ["never", "at_each_end", "at_both"])
@pytest.mark.parametrize("look", [False, True])
@pytest.mark.parametrize("hook", [BEGIN, END, "on_test_batch_end"])
def test_a_hook_that_fails_leaves_what_keras_leaves(hook: str, look: bool, watched: str) -> None:
    left = []
    for fit in (keras.Model.fit, bital.fit):
        model = kept(made.regularised)()
        keras.utils.set_random_seed(3)
        callbacks = [Raiser(hook, 6, look), Trace(LOOKS[watched])]
        with pytest.raises(LookupError, match="no such thing"):
            fit(model, **FIT, validation_data=(X, Y), callbacks=callbacks, verbose=0)
        left.append(variables(model))
    for mine, other in zip(left[1], left[0], strict=True):
        assert_close(mine, other, 1e-4)


def stop_before(model: keras.Model) -> C.Callback:
    return C.LambdaCallback(on_train_begin=lambda logs: setattr(model, "stop_training", True))


def test_a_stop_before_the_first_epoch_ends_it_after_a_batch() -> None:
    theirs, ours = Trace(), Trace()
    outcomes = []
    for fit, trace in ((keras.Model.fit, theirs), (bital.fit, ours)):

        def stopped(model: keras.Model, fit: Any = fit, trace: Any = trace, **given: Any) -> Any:
            return fit(model, **(given | {"callbacks": [stop_before(model), trace]}))

        outcomes.append(trained(stopped, kept(made.softmax), **FIT))
    assert_same_trace(ours, theirs)
    assert_same(*reversed(outcomes))


@pytest.mark.parametrize(
    ("look", "most"),
    [(never, 14), (lambda hook, index: hook == END and index % 20 == 19, 60), (at((END, 50)), 24)],
)
def test_dispatches(monkeypatch: pytest.MonkeyPatch, look: Look, most: int) -> None:
    """Hooks that only read logs cost next to nothing, sights a dispatch or two each."""
    monkeypatch.setattr(Pace, "steps", lambda self: 1000)
    given = FIT | {"batch_size": 1, "epochs": 3}
    history = trained(bital.fit, kept(made.softmax), callbacks=lambda: [Trace(look)], **given)
    assert 3 <= history.history.bital.dispatches <= most


ALONE: dict[str, tuple[Callable[[], keras.Model], Callable[[], dict[str, Any]]]] = {
    "arrays": (made.regularised, lambda: {"x": X, "batch_size": 20}),
    "one_row_at_a_time": (made.regression, lambda: {"x": X[:3], "batch_size": 1}),
    "executions": (executed, lambda: {"x": X, "batch_size": 20}),
    "executions_steps": (executed, lambda: {"x": X, "batch_size": 20, "steps": 4}),
    "dataset": (made.softmax, lambda: {"x": Batched(short=15)}),
    "dataset_in_executions": (executed, lambda: {"x": Batched(short=15)}),
    "generator": (made.softmax, lambda: {"x": batches()}),
    "generator_in_executions": (executed, lambda: {"x": batches(sizes=(24, 10, 24, 24, 7))}),
    "two_outputs": (
        made.two_by_two,
        lambda: {"x": {"petals": X[:, 2:], "sepals": X[:, :2]}, "batch_size": 20},
    ),
}


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("case", ALONE)
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_calls_without_a_training(case: str, method: str, looks: bool) -> None:
    make, given = ALONE[case]
    if method == "evaluate" and make in (made.two_by_two, made.regression):
        return
    twins, seen = kept(make) if make is not made.two_by_two else named(), []
    look = (lambda hook, index: index % 2 == 0) if looks else never
    for where in (keras.Model, bital):
        trace, settings = Trace(look), given()
        if method == "evaluate" and settings["x"] is X:
            settings["y"] = Y
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            result = getattr(where, method)(twins(), callbacks=[trace], verbose=0, **settings)
        seen.append((result, trace))
    (expected, theirs), (result, ours) = seen
    assert_same_structure(result, expected)
    assert [call[:2] for call in ours.calls] == [call[:2] for call in theirs.calls]
    for (_, _, logs), (_, _, others) in zip(ours.calls, theirs.calls, strict=True):
        assert_same_structure(logs, others)
    assert len(ours.sights) == len(theirs.sights)
    for mine, other in zip(ours.sights, theirs.sights, strict=True):
        assert_same_structure(mine, other)


@cache
def named() -> Twins:
    x = {"petals": X[:10, 2:], "sepals": X[:10, :2]}
    return Twins(made.two_by_two, (x, {"kind": Y[:10], "length": X[:10, :1]}))


def assert_same_structure(mine: Any, other: Any) -> None:
    keras.tree.assert_same_structure(mine, other)
    for a, b in zip(keras.tree.flatten(mine), keras.tree.flatten(other), strict=True):
        assert_close(a, b, 1e-5)


def test_a_hook_ends_a_prediction() -> None:
    class Enough(C.Callback):
        def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
            self.model.stop_predicting = batch == 2

    expected, ours = (
        where.predict(kept(made.softmax)(), X, batch_size=10, callbacks=[Enough()], verbose=0)
        for where in (keras.Model, bital)
    )
    assert_close(ours, expected, 1e-5)
    assert len(ours) == 30


def files(fit: Any, folder: Path, make: Callable[[], keras.Model], saver: Any) -> dict[str, Any]:
    """Train with a callback that saves; return the weights in each file, by its name."""
    folder.mkdir()
    outcome = traced(fit, kept(make), saver(folder), **FIT)
    model = outcome.model
    seen: dict[str, Any] = {"": [*outcome.weights, *outcome.optimizer]}
    for path in sorted(folder.rglob("*.h5")):
        model.load_weights(path)
        seen[str(path.relative_to(folder))] = variables(model)
    return seen


SAVERS: dict[str, Callable[[Path], C.Callback]] = {
    "every_third": lambda folder: C.ModelCheckpoint(
        folder / "{epoch}-{batch}.weights.h5", save_freq=3, save_weights_only=True
    ),
    "every_epoch": lambda folder: C.ModelCheckpoint(
        folder / "{epoch}-{loss:.3f}.weights.h5", save_weights_only=True
    ),
    "backup": lambda folder: C.BackupAndRestore(folder, save_freq=4, delete_checkpoint=False),
}


@pytest.mark.parametrize("make", [made.regularised, executed])
@pytest.mark.parametrize("case", SAVERS)
def test_files_saved_within_an_epoch(
    tmp_path: Path, case: str, make: Callable[[], keras.Model]
) -> None:
    theirs, ours = (
        files(fit, tmp_path / name, make, SAVERS[case])
        for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit))
    )
    assert list(ours) == list(theirs)
    assert len(ours) > 1
    for name in theirs:
        for mine, other in zip(ours[name], theirs[name], strict=True):
            assert_close(mine, other, 1e-4, name)


def test_a_backup_within_an_epoch_is_gone_on_from(tmp_path: Path) -> None:
    left = []
    for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit)):
        twins = kept(made.regularised)
        backup = C.BackupAndRestore(tmp_path / name, save_freq=4)
        with pytest.raises(LookupError):
            trained(fit, twins, callbacks=lambda b=backup: [b, Raiser(END, 9, False)], **FIT)
        left.append(trained(fit, twins, callbacks=lambda b=backup: [b], **FIT))
    assert_same(*reversed(left))


class Pair(keras.Model):
    """A generator and a critic, trained in turn within one step, with logs of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.maker = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(4)])
        self.critic = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
        self.seeds = keras.random.SeedGenerator(3)
        self.tracker = keras.metrics.Mean(name="critic_mean")

    def call(self, x: Any) -> Any:
        return self.critic(x)

    def train_step(self, state: Any, data: Any) -> Any:
        trainable, rest, moments, metrics = state
        real, _ = data
        with keras.StatelessScope(list(zip(self.non_trainable_variables, rest, strict=True))) as s:
            noise = keras.random.normal((real.shape[0], 2), seed=self.seeds)
        rest = [s.get_current_value(v) for v in self.non_trainable_variables]
        both = list(zip(self.trainable_variables, range(99), strict=False))
        makers = {index for v, index in both if any(v is w for w in self.maker.variables)}

        def losses(trainable: Any) -> Any:
            with keras.StatelessScope(list(zip(self.trainable_variables, trainable, strict=True))):
                fake = keras.ops.mean(self.critic(self.maker(noise)))
                true = keras.ops.mean(self.critic(real))
            return fake, true

        def critic_loss(trainable: Any) -> Any:
            fake, true = losses(trainable)
            return jax.nn.softplus(fake) + jax.nn.softplus(-true)

        gradient = jax.grad(critic_loss)(trainable)
        against = jax.grad(lambda t: jax.nn.softplus(-losses(t)[0]))(trainable)
        grads = [against[i] if i in makers else g for i, g in enumerate(gradient)]
        trainable, moments = self.optimizer.stateless_apply(moments, grads, trainable)
        logs = {"critic": critic_loss(trainable), "maker": losses(trainable)[0]}
        return logs, (trainable, rest, moments, metrics)


def adversarial() -> keras.Model:
    model = Pair()
    model.compile(keras.optimizers.Adam(0.01))
    return model


@cache
def subclassed() -> Twins:
    return Twins(lambda: made.compiled(made.Subclassed()), (X[:10], Y[:10]))


@pytest.mark.parametrize("make", [adversarial, subclassed])
@pytest.mark.parametrize("look", [never, LOOKS["at_every_fourth"]])
def test_calls_for_models_of_another_make(make: Callable[[], Any], look: Look) -> None:
    make = subclassed() if make is subclassed else make
    theirs, ours = Trace(look), Trace(look)
    keras_own = trained(keras.Model.fit, make, callbacks=lambda: [theirs], **FIT)
    mine = trained(bital.fit, make, callbacks=lambda: [ours], **FIT)
    assert_same_trace(ours, theirs)
    assert_same(mine, keras_own)
