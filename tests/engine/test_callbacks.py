"""Callbacks are called when Keras calls them, see what Keras shows, and change what they change."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine.callbacks import has_hook, hooked, listed, users
from engine import made
from engine.parity import Outcome, assert_close, assert_same, check_same, trained

# Keras reads its own variables so (get_weights, among others), and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X, Y = made.iris(120)
FIT = {"x": X, "y": Y, "batch_size": 24, "validation_data": (X[:40], Y[:40]), "epochs": 6}
C = keras.callbacks


class Witness(C.Callback):
    """Writes down each call: its name, epoch, logs, and the weights at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, Any, dict[str, Any], list[np.ndarray]]] = []

    def note(self, name: str, epoch: int | None, logs: dict[str, Any] | None) -> None:
        values = [np.array(v) for v in (*self.model.variables, *self.model.optimizer.variables)]
        self.seen.append((name, epoch, dict(logs or {}), values))

    def on_train_begin(self, logs: Any = None) -> None:
        self.note("train_begin", None, logs)

    def on_train_end(self, logs: Any = None) -> None:
        self.note("train_end", None, logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.note("epoch_begin", epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.note("epoch_end", epoch, logs)


class TestWitness(Witness):
    __test__ = False

    def on_test_begin(self, logs: Any = None) -> None:
        self.note("test_begin", None, logs)

    def on_test_end(self, logs: Any = None) -> None:
        self.note("test_end", None, logs)


class Shaker(C.Callback):
    """Changes weights where an epoch begins and where it ends."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.set_weights([w + 0.01 for w in self.model.get_weights()])

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["shaken"] = float(epoch)
        layer = self.model.layers[0]
        layer.kernel.assign(layer.kernel * 0.9)
        self.model.optimizer.learning_rate.assign(0.02 / (epoch + 1))


class Stopper(C.Callback):
    """Stops after the epoch in which it was told to."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == 2


class EarlyStopper(C.Callback):
    """Stops where an epoch begins: Keras runs one batch of it."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = epoch == 2


class MetricReader(C.Callback):
    """Looks at a metric where an epoch begins: Keras has reset it."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.read.append(float(self.model.metrics[0].result()))


class Predicting(C.Callback):
    """Predicts by Keras, which donates the weights' arrays and puts others in their place."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.model.predict(X, verbose=0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["spread"] = float(self.model.predict(X, verbose=0).std())
        self.model.evaluate(X, Y, verbose=0)


def averaged() -> keras.Model:
    return made.mlp(optimizer=keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.7))


CALLBACKS: dict[str, tuple[Callable[[], keras.Model], Callable[[], list[Any]]]] = {
    "early_stopping": (made.mlp, lambda: [C.EarlyStopping(min_delta=0.3, patience=2)]),
    "early_stopping_restores": (
        made.mlp,
        lambda: [C.EarlyStopping("accuracy", 0.5, 1, restore_best_weights=True)],
    ),
    "best_weights_never_stopped": (
        lambda: made.regularised(optimizer=keras.optimizers.SGD(2.0)),
        lambda: [C.EarlyStopping(patience=9, restore_best_weights=True)],
    ),
    "reduce_on_plateau": (
        made.mlp,
        lambda: [C.ReduceLROnPlateau(patience=0, factor=0.5, min_delta=0.2)],
    ),
    "rate_by_schedule": (
        made.mlp,
        lambda: [C.LearningRateScheduler(lambda epoch, rate: rate * 0.8)],
    ),
    "changes_weights": (made.regularised, lambda: [Shaker()]),
    "predicts": (made.regularised, lambda: [Predicting()]),
    "stops_at_the_end": (made.mlp, lambda: [Stopper()]),
    "stops_at_the_beginning": (made.mlp, lambda: [EarlyStopper()]),
    "swaps_weights_for_the_test": (averaged, lambda: [C.SwapEMAWeights()]),
    "swaps_weights_for_the_epoch": (averaged, lambda: [C.SwapEMAWeights(swap_on_epoch=True)]),
    "own_history": (made.mlp, lambda: [C.History()]),
}


@pytest.mark.parametrize("case", CALLBACKS)
def test_trains_as_under_keras(case: str) -> None:
    make, callbacks = CALLBACKS[case]
    outcome = check_same(make, callbacks=callbacks, **FIT)
    own = all(type(c).__module__.startswith("keras.") for c in callbacks())
    swaps = any(isinstance(c, C.SwapEMAWeights) for c in callbacks())
    assert outcome.history.bital.path == ("epochs" if own and not swaps else "epoch")


def witnessed(fit: Any, witness: Witness, **settings: Any) -> Outcome:
    return trained(fit, made.regularised, callbacks=lambda: [witness], **(FIT | settings))


@pytest.mark.parametrize("kind", [Witness, TestWitness])
@pytest.mark.parametrize("settings", [{}, {"validation_freq": 2}, {"validation_data": None}])
def test_same_calls_same_logs_same_sight(kind: type[Witness], settings: dict[str, Any]) -> None:
    theirs, ours = kind(), kind()
    keras_own = witnessed(keras.Model.fit, theirs, **(settings | {"epochs": 3}))
    assert_same(witnessed(bital.fit, ours, **(settings | {"epochs": 3})), keras_own)
    assert ours.params == theirs.params
    assert [(name, epoch, list(logs)) for name, epoch, logs, _ in ours.seen] == [
        (name, epoch, list(logs)) for name, epoch, logs, _ in theirs.seen
    ]
    for (name, epoch, logs, values), (_, _, expected, sight) in zip(
        ours.seen, theirs.seen, strict=True
    ):
        for key, value in expected.items():
            assert type(logs[key]) is type(value)
            assert_close(logs[key], value, 1e-5, f"{name} {epoch} {key}")
        for mine, other in zip(values, sight, strict=True):
            assert_close(mine, other, 1e-4, f"{name} {epoch}")


def test_metrics_are_fresh_where_an_epoch_begins() -> None:
    theirs, ours = MetricReader(), MetricReader()
    witnessed(keras.Model.fit, theirs, epochs=3)
    witnessed(bital.fit, ours, epochs=3)
    assert ours.read == theirs.read


def test_lambda_at_the_epoch_edge() -> None:
    ends: dict[str, list[int]] = {"keras": [], "bital": []}
    for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit)):
        callback = C.LambdaCallback(
            on_epoch_end=lambda epoch, logs, name=name: ends[name].append(epoch)
        )
        outcome = trained(fit, made.mlp, callbacks=lambda callback=callback: [callback], **FIT)
    assert ends["bital"] == ends["keras"] == list(range(6))
    assert outcome.history.bital.path == "epoch"


def test_files_are_written_as_by_keras(tmp_path: Path) -> None:
    written = {}
    for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit)):
        folder = tmp_path / name
        folder.mkdir()
        callbacks = [
            C.ModelCheckpoint(folder / "{epoch}.keras"),
            C.ModelCheckpoint(
                folder / "best.weights.h5", save_best_only=True, save_weights_only=True
            ),
            C.CSVLogger(folder / "log.csv"),
        ]
        trained(
            fit, made.mlp, callbacks=lambda callbacks=callbacks: callbacks, **(FIT | {"epochs": 2})
        )
        rows = np.genfromtxt(folder / "log.csv", delimiter=",", skip_header=1)
        saved = keras.models.load_model(folder / "2.keras")
        best = keras.models.load_model(folder / "2.keras")
        best.load_weights(folder / "best.weights.h5")
        header = (folder / "log.csv").read_text().splitlines()[0]
        names = sorted(path.name for path in folder.iterdir())
        written[name] = (names, header), [rows, *saved.get_weights(), *best.get_weights()]
    assert written["bital"][0] == written["keras"][0]
    for mine, other in zip(written["bital"][1], written["keras"][1], strict=True):
        assert_close(mine, other, 1e-5)


def test_a_backup_goes_on_where_it_was(tmp_path: Path) -> None:
    """BackupAndRestore tells in on_train_begin which epoch comes next."""

    class Crash(C.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise RuntimeError("power cut")

    seen = {}
    for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit)):
        backup = [C.BackupAndRestore(tmp_path / name)]
        with pytest.raises(RuntimeError, match="power cut"):
            trained(fit, made.mlp, callbacks=lambda backup=backup: [*backup, Crash()], **FIT)
        seen[name] = trained(fit, made.mlp, callbacks=lambda backup=backup: backup, **FIT)
    assert seen["bital"].history.epoch == seen["keras"].history.epoch
    assert_same(seen["bital"], seen["keras"])


def test_nests_and_lists_are_flattened() -> None:
    one, two = Witness(), Stopper()
    assert users(None) == []
    assert users(one) == [one]
    assert users([one, [two, C.History()], C.ProgbarLogger()]) == [one, two]
    made_list = listed([one], add_history=True, model=made.mlp())
    assert users(made_list) == [one]
    assert listed(made_list) is made_list


def test_a_list_of_keras_stays_in_charge() -> None:
    def fit_with(fit: Any) -> Outcome:
        def both(model: keras.Model, **settings: Any) -> Any:
            callbacks = C.CallbackList(
                [Stopper()], add_history=True, model=model, epochs=6, steps=5
            )
            return fit(model, **(settings | {"callbacks": callbacks}))

        return trained(both, made.mlp, **FIT)

    assert_same(fit_with(bital.fit), fit_with(keras.Model.fit))


def test_hooks_are_told_from_defaults() -> None:
    assert has_hook(Shaker(), "on_epoch_end")
    assert not has_hook(Shaker(), "on_test_begin")
    assert has_hook(C.LambdaCallback(on_train_end=print), "on_train_end")
    assert not hooked(C.ModelCheckpoint("x.keras"), "train")
    assert hooked(C.ModelCheckpoint("x.keras", save_freq=3), "train")
    assert not hooked(C.ModelCheckpoint("x.keras", save_freq=3), "test")
