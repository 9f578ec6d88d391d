"""Dispatches: as few as can be, in parts where they must, and whole epochs after an interrupt."""

import re
from collections.abc import Callable
from typing import Any

import keras
import pytest

import bital
from bital.engine.dispatch import Ready
from bital.engine.pace import Pace
from engine import made
from engine.parity import Outcome, Twins, assert_same, check_same, left_behind, trained
from engine.test_fit_models import OwnLogs

X, Y = made.iris(110)
FIT = {
    "x": X,
    "y": Y,
    "batch_size": 20,
    "validation_data": (X[:40], Y[:40]),
}  # 5 batches and 10 rows


class Calls:
    """Counts dispatches; raises what it is told to in place of one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, fails_at: int | None = None) -> None:
        self.count = 0
        inner = Ready.__call__

        def call(ready: Ready, *args: Any) -> Any:
            self.count += 1
            if self.count == fails_at:
                raise KeyboardInterrupt
            return inner(ready, *args)

        patch.setattr(Ready, "__call__", call)


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in the middle of a callback."""

    def __init__(self, hook: str, epoch: int) -> None:
        super().__init__()
        self.ended = False

        def interrupt(at: int, logs: Any = None) -> None:
            if at == epoch:
                raise KeyboardInterrupt

        setattr(self, hook, interrupt)

    def on_train_end(self, logs: Any = None) -> None:
        self.ended = True


def paced(patch: pytest.MonkeyPatch, steps: int) -> None:
    patch.setattr(Pace, "steps", lambda self: steps)


def interrupted(
    make: Callable[[], keras.Model], trainer: Callable[..., Any] = bital.fit, **fit: Any
) -> Outcome:
    """What is left behind by a training of 6 epochs that Ctrl-C ends."""
    models: list[keras.Model] = []

    def fit_and_keep(model: keras.Model, **settings: Any) -> Any:
        models.append(model)
        return trainer(model, **settings)

    with pytest.raises(KeyboardInterrupt):
        trained(fit_and_keep, make, epochs=6, **(FIT | fit))
    return left_behind(models[0], models[0].history)


def assert_whole_epochs(outcome: Outcome, make: Callable[[], keras.Model], epochs: int) -> None:
    shorter = trained(keras.Model.fit, make, epochs=epochs, **FIT)
    shorter.history.params["epochs"] = 6
    # Orders of rows for epochs that never ended have been drawn; Keras draws them too.
    ours = Outcome(**(vars(outcome) | {"numpy_state": shorter.numpy_state}))
    assert_same(ours, shorter)


def test_500_epochs_take_a_handful_of_dispatches(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(monkeypatch)
    history = trained(bital.fit, made.mlp, epochs=500, **FIT).history
    assert history.epoch == list(range(500))
    assert history.bital.path == "epochs"
    assert history.bital.reason == ""
    assert calls.count <= 15


def test_a_watcher_gets_one_dispatch_an_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, 1000)
    calls = Calls(monkeypatch)
    settings = FIT | {"callbacks": lambda: [Interrupt("on_epoch_end", -1)]}
    history = trained(bital.fit, made.mlp, epochs=4, **settings).history
    assert history.bital.path == "epoch"
    assert "Interrupt" in history.bital.reason
    assert calls.count == 4


@pytest.mark.parametrize("steps", [2, 4])
def test_epochs_in_parts_give_the_same_numbers(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    paced(monkeypatch, steps)
    calls = Calls(monkeypatch)
    check_same(made.regularised, epochs=2, **FIT)
    assert calls.count == 2 * -(-5 // steps)


PARTS: dict[str, tuple[Callable[[], keras.Model], dict[str, Any]]] = {
    "goes_on_within_the_data": (made.mlp, {"steps_per_epoch": 3, "epochs": 4}),
    "own_logs": (lambda: made.compiled(OwnLogs()), {"epochs": 2}),
    "in_order": (made.regularised, {"shuffle": False, "epochs": 2}),
    "shown": (made.mlp, {"epochs": 2, "verbose": 1}),
}


@pytest.mark.parametrize("case", PARTS)
def test_parts(monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    paced(monkeypatch, 2)
    make, fit = PARTS[case]
    check_same(make, **(FIT | fit))


def test_parts_of_different_lengths_share_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = iter([1, 3, 1, 2, 100, 4] + [7] * 20)
    monkeypatch.setattr(Pace, "steps", lambda self: next(lengths))
    check_same(made.regularised, epochs=5, **FIT)


@pytest.mark.parametrize("hook", ["on_epoch_end", "on_epoch_begin"])
def test_ctrl_c_in_a_callback_leaves_what_keras_leaves(hook: str) -> None:
    callbacks = [Interrupt(hook, 2), Interrupt(hook, 2)]
    keras_own, ours = (
        interrupted(made.regularised, fit, callbacks=lambda callback=callback: [callback])
        for fit, callback in zip((keras.Model.fit, bital.fit), callbacks, strict=True)
    )
    assert_same(ours, keras_own)
    assert not any(callback.ended for callback in callbacks)


@pytest.mark.parametrize("hook", ["on_epoch_end", "on_epoch_begin", "on_test_begin"])
def test_the_model_lives_when_a_callback_predicts_and_fails(hook: str) -> None:
    """Keras's predict donates the weights' arrays: what was read before it is gone."""

    def predict_and_fail(self: Any, *args: Any, **kwargs: Any) -> None:
        self.model.predict(X, verbose=0)
        raise LookupError("no such thing")

    callback = type("Failing", (keras.callbacks.Callback,), {hook: predict_and_fail})
    keras.utils.set_random_seed(1)
    model = made.mlp()
    with pytest.raises(LookupError, match="no such thing"):
        bital.fit(model, **FIT, callbacks=[callback()], verbose=0)
    assert model.predict(X, verbose=0).shape == (110, 3)
    assert len(bital.fit(model, **FIT, verbose=0).epoch) == 1


def test_ctrl_c_between_calls_leaves_the_last_whole_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, 12)  # two epochs a call
    Calls(monkeypatch, fails_at=3)
    assert_whole_epochs(interrupted(made.regularised), made.regularised, 4)


def test_ctrl_c_between_parts_leaves_the_last_whole_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    paced(monkeypatch, 2)  # three calls an epoch
    Calls(monkeypatch, fails_at=6)
    assert_whole_epochs(interrupted(made.regularised), made.regularised, 1)


def test_training_goes_on_after_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        paced(patch, 6)
        Calls(patch, fails_at=3)
        outcome = interrupted(made.mlp, shuffle=False)
    bital.fit(outcome.model, **FIT, shuffle=False, epochs=6, initial_epoch=2, verbose=0)
    whole = trained(keras.Model.fit, made.mlp, epochs=6, shuffle=False, **FIT)
    ours = left_behind(outcome.model)
    for mine, other in zip(ours.weights, whole.weights, strict=True):
        assert abs(mine - other).max() < 1e-5


def test_a_callback_that_fails_is_heard() -> None:
    class Broken(keras.callbacks.Callback):
        def on_test_begin(self, logs: Any = None) -> None:
            raise LookupError("no such thing")

    with pytest.raises(LookupError, match="no such thing"):
        trained(bital.fit, made.mlp, callbacks=lambda: [Broken()], epochs=2, **FIT)


C = keras.callbacks
SHOWN: dict[str, dict[str, Any]] = {
    "ahead": {},
    "rules": {"callbacks": lambda: [C.ReduceLROnPlateau(patience=0, min_delta=9, verbose=1)]},
    "watched": {"callbacks": lambda: [C.LambdaCallback(on_epoch_end=lambda epoch, logs: None)]},
    "hooked": {"callbacks": lambda: [C.LambdaCallback(on_train_batch_end=lambda batch, logs: 0)]},
    "unvalidated": {"validation_data": None},
    "one_epoch": {"epochs": 1},
}


def shown(capsys: Any, run: Callable[[], Any]) -> list[str]:
    """The lines on a terminal after a call, times and our own line left out."""
    capsys.readouterr()
    run()
    text = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out)
    whole = [line.rsplit("\r", 1)[-1].replace("\x08", "") for line in text.split("\n")]
    return [
        re.sub(r"[\d.]+(us|ms|s)\b(/(step|epoch))?", "", ln) for ln in whole if "bital" not in ln
    ]


def last(lines: list[str]) -> list[str]:
    """Of a bar, what stands there in the end: the bars on the way come at other moments."""
    whole = [re.sub(r"^.*?(\d+/\d+ ━+)(?!.*━)", r"\1", line).rstrip() for line in lines]
    bars = [re.match(r"(\d+)/(\d+) ━", line) for line in whole]
    return [
        line
        for line, bar in zip(whole, bars, strict=True)
        if line and (bar is None or bar[1] == bar[2])
    ]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("case", SHOWN)
def test_the_terminal_shows_what_keras_shows(case: str, verbose: int, capsys: Any) -> None:
    given = FIT | {"epochs": 3, "verbose": verbose} | SHOWN[case]
    expected, ours = (
        last(shown(capsys, lambda fit=fit: trained(fit, twins, **given)))
        for fit in (keras.Model.fit, bital.fit)
    )
    assert ours == expected


@pytest.mark.parametrize("verbose", [1, 2])
@pytest.mark.parametrize("hooks", [False, True])
@pytest.mark.parametrize("method", ["evaluate", "predict"])
def test_the_terminal_without_a_training(
    method: str, verbose: int, hooks: bool, capsys: Any
) -> None:
    kind = "test" if method == "evaluate" else method
    heard = C.LambdaCallback(**{f"on_{kind}_batch_end": lambda batch, logs: None})
    given = {"x": X} | ({"y": Y} if method == "evaluate" else {})
    expected, ours = (
        last(
            shown(
                capsys,
                lambda where=where: getattr(where, method)(
                    twins(), **given, verbose=verbose, callbacks=[heard] if hooks else None
                ),
            )
        )
        for where in (keras.Model, bital)
    )
    assert ours == expected


twins = Twins(made.softmax, (X[:20], Y[:20]))
