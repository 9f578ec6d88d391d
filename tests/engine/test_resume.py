"""A training that was killed, resumed, ends in the same bits as one that was not."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine import snapshot
from bital.errors import InvalidInput, SaveFailure
from engine import made

X, Y = made.iris(60)
SCRIPT = Path(__file__).with_name("killed.py")
KINDS = ["ahead", "watched", "dataset", "seconds"]
# Keras reads its own variables so, and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def process(folder: Path, kind: str) -> "subprocess.Popen[bytes]":
    tests = str(SCRIPT.parent.parent)
    paths = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    arguments = [str(SCRIPT), str(folder), f"{folder}.out.npz", kind]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *arguments], env=os.environ | {"PYTHONPATH": paths}
    )


def left_by(folder: Path) -> dict[str, Any]:
    with np.load(f"{folder}.out.npz") as file:
        values = dict(file)
    csv = Path(f"{folder}.csv").read_text(encoding="utf-8")
    best = keras.models.load_model(f"{folder}.keras").get_weights()
    return values | {"csv": csv} | {f"best{i}": weight for i, weight in enumerate(best)}


def check_killed(folder: Path, kind: str, kills: int) -> None:
    """Kill a training at random moments, then let it end, and compare it with one left alone."""
    moments = random.Random(kind)
    assert process(folder / "whole", kind).wait(timeout=300) == 0
    saved, killed = folder / "killed" / "training.npz", 0
    for _ in range(kills):
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        running = process(folder / "killed", kind)
        # Only once it has saved something new: a kill before that is a kill while starting.
        while running.poll() is None and (not saved.exists() or saved.stat().st_mtime_ns == before):
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.15))
        running.kill()
        killed += running.wait() == -9
    assert killed, "it ended before it could be killed"
    assert process(folder / "killed", kind).wait(timeout=300) == 0
    whole, resumed = left_by(folder / "whole"), left_by(folder / "killed")
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        assert np.array_equal(resumed[name], value), f"{kind}: {name} differs"


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize(("kind", "kills"), [("ahead", 2), ("dataset", 1)])
def test_killed_and_resumed(tmp_path: Path, kind: str, kills: int) -> None:
    check_killed(tmp_path, kind, kills)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_twenty_times(tmp_path: Path, kind: str) -> None:
    check_killed(tmp_path, kind, 20)


def fit(folder: Any, model: Callable[[], keras.Model] = made.softmax, **settings: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = model()
    given = {"x": X, "y": Y, "epochs": 3, "verbose": 0, "resume": folder} | settings
    return bital.fit(model, **given), model


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    first, model = fit(tmp_path)
    again, other = fit(tmp_path)
    assert again.history == first.history
    assert again.epoch == first.epoch
    for mine, its in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_more_epochs_go_on(tmp_path: Path) -> None:
    fit(tmp_path / "two", epochs=2)
    longer, _ = fit(tmp_path / "two", epochs=5)
    whole, _ = fit(tmp_path / "one", epochs=5)
    assert longer.history == whole.history


def test_early_stopping_stays_stopped(tmp_path: Path) -> None:
    def stopping() -> Any:
        return [keras.callbacks.EarlyStopping("loss", min_delta=10, patience=2)]

    first, _ = fit(tmp_path, epochs=20, callbacks=stopping())
    again, _ = fit(tmp_path, epochs=20, callbacks=stopping())
    assert len(first.epoch) == 3
    assert again.history == first.history


def own_loss(y: Any, p: Any) -> Any:
    return keras.ops.mean(keras.ops.square(p), axis=-1) + 0 * keras.ops.cast(y, "float32")[..., 0]


def network(activation: Any = "tanh", **how: Any) -> keras.Model:
    layers = keras.layers
    penalty = how.pop("penalty", None)
    body = [layers.Input((4,)), layers.Dense(5, activation, kernel_regularizer=penalty)]
    return made.compiled(keras.Sequential([*body, layers.Dense(3, "softmax")]), **how)


def scaled_loss(factor: float) -> Any:
    def loss(y: Any, p: Any) -> Any:
        return factor * keras.losses.sparse_categorical_crossentropy(y, p)

    return loss


ADAM = keras.optimizers.Adam
C = keras.callbacks
BASE: dict[str, Any] = {"model": lambda: network(optimizer=ADAM(0.01)), "validation_data": (X, Y)}
OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "data": ({"x": X + 1}, "another data"),
    "labels": ({"y": 2 - Y}, "another data"),
    "weights": ({"sample_weight": np.ones(60)}, "another data"),
    "batch_size": ({"batch_size": 7}, "another batch_size: None there, 7 here"),
    "model": ({"model": made.mlp}, r"another model\.variables"),
    "activation": (
        {"model": lambda: network("relu", optimizer=ADAM(0.01))},
        r"another model\.layers\.1\.activation: 'tanh' there, 'relu' here",
    ),
    "own_activation": (
        {"model": lambda: network(lambda x: keras.ops.tanh(x) + 1, optimizer=ADAM(0.01))},
        r"another model\.",
    ),
    "regularizer": (
        {"model": lambda: network(penalty="l2", optimizer=ADAM(0.01))},
        "kernel_regularizer: None there|kernel_regularizer: 'nothing' there|kernel_regularizer",
    ),
    "loss": (
        {"model": lambda: network(optimizer=ADAM(0.01), loss=own_loss)},
        "another loss: 'sparse_categorical_crossentropy' there",
    ),
    "metrics": (
        {"model": lambda: network(optimizer=ADAM(0.01), metrics=[])},
        r"another metrics",
    ),
    "loss_weights": (
        {"model": lambda: network(optimizer=ADAM(0.01), loss_weights=[0.5])},
        r"another loss_weights",
    ),
    "rate": (
        {"model": lambda: network(optimizer=ADAM(0.9))},
        r"learning_rate: 0\.00999\d+ there, 0\.8999\d+ here.*resume_changes=\['learning_rate'\]",
    ),
    "beta": (
        {"model": lambda: network(optimizer=ADAM(0.01, beta_1=0.1))},
        "beta_1: 0.9 there, 0.1",
    ),
    "optimizer": (
        {"model": lambda: network(optimizer=keras.optimizers.AdamW(0.01, weight_decay=0.5))},
        r"another optimizer\.",
    ),
    "held_out": ({"validation_data": (X + 1, Y)}, "another validation_data"),
    "no_held_out": ({"validation_data": None}, "another validation_data: .* None here"),
    "callbacks": ({"callbacks": [C.TerminateOnNaN()]}, "another callbacks"),
    "patience": ({"callbacks": [C.EarlyStopping("loss", patience=5)]}, "another callbacks"),
    "fewer_epochs": ({"epochs": 2}, "holds 3 epochs, and epochs is 2"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_another_training_is_refused(tmp_path: Path, case: str) -> None:
    settings, message = OTHERS[case]
    given = (
        BASE | {"callbacks": [C.EarlyStopping("loss", patience=3)]} if case == "patience" else BASE
    )
    first, _ = fit(tmp_path, **given)
    with pytest.raises(InvalidInput, match=message):
        fit(tmp_path, **(given | settings))
    assert fit(tmp_path, **given)[0].history == first.history, "what was saved must stay"


def test_another_function_of_the_same_name_is_refused(tmp_path: Path) -> None:
    fit(tmp_path, lambda: network(loss=scaled_loss(1.0)))
    fit(tmp_path, lambda: network(loss=scaled_loss(1.0)))
    with pytest.raises(InvalidInput, match=r"another loss\.holds"):
        fit(tmp_path, lambda: network(loss=scaled_loss(2.0)))


@pytest.mark.parametrize("shift", [0, 1])
def test_what_a_dataset_yields_first_is_compared(tmp_path: Path, shift: int) -> None:
    class Rows(keras.utils.PyDataset):
        def __init__(self, shift: int) -> None:
            super().__init__()
            self.shift = shift

        def __len__(self) -> int:
            return 2

        def __getitem__(self, number: int) -> Any:
            return X[30 * number :][:30] + self.shift, Y[30 * number :][:30]

    settings = {"x": Rows(0), "y": None, "shuffle": False}
    first, _ = fit(tmp_path, **settings)
    if not shift:
        assert fit(tmp_path, **settings)[0].history == first.history
        return
    with pytest.raises(InvalidInput, match="another data"):
        fit(tmp_path, **(settings | {"x": Rows(1)}))


def test_random_batches_are_told_by_their_shapes(tmp_path: Path) -> None:
    class Noisy(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, number: int) -> Any:
            noise = np.random.default_rng().normal(size=(30, 4))
            return (X[:30] + noise).astype(np.float32), Y[:30]

    fit(tmp_path, x=Noisy(), y=None)
    assert len(fit(tmp_path, x=Noisy(), y=None, epochs=4)[0].epoch) == 4


def test_a_new_learning_rate_counts_if_it_is_meant(tmp_path: Path) -> None:
    def of(rate: Any) -> dict[str, Any]:
        return {"model": lambda: network(optimizer=keras.optimizers.SGD(rate)), "shuffle": False}

    fit(tmp_path, **of(0.01))
    longer, model = fit(tmp_path, **of(0.5), epochs=6, resume_changes=["learning_rate"])
    assert float(model.optimizer.learning_rate) == 0.5
    apart, by_hand = fit(tmp_path / "apart", **of(0.01))
    by_hand.optimizer.learning_rate = 0.5
    rest = bital.fit(by_hand, X, Y, epochs=6, initial_epoch=3, verbose=0, shuffle=False)
    np.testing.assert_allclose(
        longer.history["loss"], apart.history["loss"] + rest.history["loss"], rtol=1e-6
    )
    again, _ = fit(tmp_path, **of(0.5), epochs=6)  # it is what is saved now
    assert again.history == longer.history
    with pytest.raises(InvalidInput, match="resume_changes must be one of learning_rate; got 'x'"):
        fit(tmp_path, **of(0.5), resume_changes="x")


def test_the_same_model_goes_on_after_its_rate_was_lowered(tmp_path: Path) -> None:
    def plateau() -> Any:
        return [C.ReduceLROnPlateau("loss", patience=1, min_delta=10)]

    _, model = fit(tmp_path, callbacks=plateau())
    longer, _ = fit(tmp_path, lambda: model, callbacks=plateau(), epochs=5)
    assert len(longer.epoch) == 5


PROGRAM = """
import sys, keras, numpy as np, bital
keras.utils.set_random_seed(1)
class Own(keras.layers.Layer):
    def call(self, x): return x * {factor}
def loss(y, p): return keras.losses.sparse_categorical_crossentropy(y, p)
for _ in range({models}):
    model = keras.Sequential([keras.Input((4,)), Own(), keras.layers.Lambda(lambda x: x + 1.0),
        keras.layers.Dense(3, activation="softmax")])
model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
x = np.random.default_rng(0).normal(size=(30, 4)); y = np.arange(30) % 3
history = bital.fit(model, x, y, epochs={epochs}, verbose=0, resume=sys.argv[1],
    callbacks=[keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * {fall})])
print(len(history.epoch))
"""


def test_a_program_of_one_s_own_is_known_again_in_another_process(tmp_path: Path) -> None:
    def ran(**changed: Any) -> "subprocess.CompletedProcess[str]":
        settings = {"factor": 2.0, "models": 1, "epochs": 2, "fall": 0.9} | changed
        (tmp_path / "a.py").write_text(PROGRAM.format(**settings), encoding="utf-8")
        command = [sys.executable, "-W", "ignore", str(tmp_path / "a.py"), str(tmp_path / "saved")]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    assert ran().stdout == "2\n"
    assert ran(epochs=3, models=2).stdout == "3\n"
    assert "InvalidInput: resume goes on with the same training" in ran(epochs=3, factor=3.0).stderr
    assert "another callbacks.0.schedule" in ran(epochs=3, fall=0.8).stderr


def test_a_folder_that_cannot_be_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "taken" / "training.npz").mkdir(parents=True)
    for folder, told in {
        "": "must name a folder; got an empty text",
        tmp_path / "file": "is no folder",
        tmp_path / "file" / "below": "is no folder",
        tmp_path / "taken": "is a folder",
        Path("/proc/bital"): "/proc is read-only" if os.geteuid() else "",
    }.items():
        if told:
            with pytest.raises(InvalidInput, match=told):
                fit(folder)


@pytest.mark.parametrize("value", [5, None, [], {}, {"epoch": 3}, "text", {"print": 1, "epoch": 2}])
def test_files_without_a_training_are_refused(tmp_path: Path, value: Any) -> None:
    snapshot.write(tmp_path / "training.npz", value)
    with pytest.raises(InvalidInput, match=r"must be a training saved by .*Delete it"):
        fit(tmp_path)


@pytest.mark.parametrize("text", ["5", "null", '{"list": []}', '{"dict": []}', '{"array": 3}', "["])
def test_damaged_files_are_refused(tmp_path: Path, text: str) -> None:
    np.savez(tmp_path / "training.npz", text=np.frombuffer(text.encode(), np.uint8))
    with pytest.raises(InvalidInput, match=r"must be a training saved by .*Delete it"):
        fit(tmp_path)
    with (tmp_path / "training.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(InvalidInput, match=r"must be a training saved by .*Delete it"):
        fit(tmp_path)


def test_cut_files_are_refused(tmp_path: Path) -> None:
    fit(tmp_path)
    whole = (tmp_path / "training.npz").read_bytes()
    for size in range(0, len(whole) - 1, len(whole) // 7):
        (tmp_path / "training.npz").write_bytes(whole[:size])
        with pytest.raises(InvalidInput, match=r"must be a training saved by .*Delete it"):
            fit(tmp_path)


def test_a_full_disk_keeps_what_was_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = fit(tmp_path)

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(
            SaveFailure, match="No space left on device.*What was saved there before"
        ):
            fit(tmp_path, epochs=5)
    assert [file.name for file in tmp_path.iterdir()] == ["training.npz"]
    assert fit(tmp_path)[0].history == first.history


@pytest.mark.skipif(os.name != "posix", reason="looks whether a process runs")
def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f"training.npz.{dead.pid}.part").write_bytes(b"half")
    (tmp_path / f"training.npz.{os.getppid()}.part").write_bytes(b"on its way")
    fit(tmp_path)
    assert sorted(f.name for f in tmp_path.iterdir()) == [
        "training.npz",
        f"training.npz.{os.getppid()}.part",
    ]


def test_a_callback_that_holds_itself_is_saved_without(tmp_path: Path) -> None:
    class Round(keras.callbacks.Callback):
        def __init__(self) -> None:
            super().__init__()
            self.ring: list[Any] = [1]
            self.ring.append(self.ring)

    first, _ = fit(tmp_path, callbacks=[Round()])
    assert fit(tmp_path, callbacks=[Round()])[0].history == first.history


def test_save_every_is_checked_without_resume() -> None:
    with pytest.raises(InvalidInput, match="save_every must be"):
        bital.fit(made.softmax(), X, Y, save_every="nonsense", verbose=0)


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "soon", "10 days", None])
def test_when_to_save_is_checked(tmp_path: Path, every: Any) -> None:
    with pytest.raises(InvalidInput, match="save_every must be a number of epochs"):
        fit(tmp_path, save_every=every)


def test_what_cannot_be_resumed_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a generator cannot"):
        fit(tmp_path, x=((X, Y) for _ in range(9)), y=None, steps_per_epoch=3, shuffle=False)
    with pytest.raises(InvalidInput, match="run_eagerly"):
        fit(tmp_path, lambda: made.softmax(run_eagerly=True))
    (tmp_path / "training.npz").write_bytes(b"half")
    with pytest.raises(InvalidInput, match="Delete it to start anew"):
        fit(tmp_path)
