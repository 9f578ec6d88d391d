"""Programs by themselves: any segments, any number, one trace."""

from collections.abc import Callable
from typing import Any

import jax
import keras
import numpy as np
import pytest

from bital.engine import program
from bital.engine.arrays import normalised, to_device
from bital.engine.build import build
from bital.engine.passes import Pass, limited, whole_pass
from bital.engine.program import (
    Control,
    Feed,
    Ran,
    Segment,
    prediction_program,
    segment_table,
    step_program,
)
from bital.engine.rules import Improvement, Stop
from bital.kernels import one_call
from bital.models import functional
from bital.models.functional import State, read_state
from engine import made
from engine.parity import assert_close

X, Y = made.iris(50)
ARRAYS = to_device(normalised(X, Y))
CAPACITY = 6
WHOLE = whole_pass(50, 16)  # 3 batches and 2 rows
ORDERS = np.stack([np.random.RandomState(s).permutation(50) for s in range(CAPACITY)])
ONCE = Stop("val_loss", Improvement(False, -1e9), 2, None, False, 0)
"""never finds anything better: halts the second time it is asked after the first"""


class Runner:
    """A model's training program, called with lists of segments."""

    def __init__(
        self,
        ordered: bool = True,
        check: Pass | None = None,
        make: Callable[[], keras.Model] = made.regularised,
        **settings: Any,
    ) -> None:
        keras.utils.set_random_seed(1)
        self.model = make()
        build(self.model, normalised(X, Y))
        self.state = read_state(self.model)
        order = ORDERS.astype(np.int32) if ordered else None
        self.feed = Feed(ARRAYS, order, ARRAYS)
        self.carries = tuple(rule.init(self.state) for rule in settings.get("rules", ()))
        self.traced = step_program(
            self.model,
            functional.train_step,
            self.state,
            self.feed,
            WHOLE,
            check,
            capacity=CAPACITY,
            **settings,
        )
        self.program = self.traced.compiled()

    def __call__(
        self, segments: list[Segment], state: Any = None, rates: Any = None, carries: Any = None
    ) -> Ran:
        table = segment_table(segments, CAPACITY)
        control = Control(np.int32(len(segments)), table, rates, carries or self.carries)
        ran: Ran = self.program(state or self.state, self.feed, control)
        return ran


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(check=whole_pass(50, 20))


@pytest.fixture(scope="module")
def ruled() -> Runner:
    """With a learning rate for each segment and a rule that halts."""
    return Runner(check=whole_pass(50, 20), rate=1, rules=(ONCE,))


def epoch(line: int, evaluate: bool = False, number: int = -1) -> Segment:
    return Segment(line, 0, WHOLE.full, True, True, evaluate, number)


def assert_same_state(mine: State, other: State, tolerance: float = 0.0) -> None:
    for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(other), strict=True):
        assert a.dtype == b.dtype
        assert_close(a, b, tolerance)


def assert_same_line(mine: Ran, line: int, other: Ran, of: int) -> None:
    pairs = zip(jax.tree.leaves(mine[1:3]), jax.tree.leaves(other[1:3]), strict=True)
    for a, b in pairs:
        np.testing.assert_array_equal(a[line], b[of])


def test_no_segment_changes_nothing(runner: Runner) -> None:
    ran = runner([])
    assert_same_state(ran.state, runner.state)
    assert int(ran.done) == 0


def test_epochs_in_one_call_or_in_many(runner: Runner) -> None:
    together = runner([epoch(0, True), epoch(1), epoch(2, True)])
    assert int(together.done) == 3
    state: Any = None
    for line, evaluate in enumerate((True, False, True)):
        part = runner([epoch(line, evaluate)], state)
        state = part.state
        assert_same_line(part, 0, together, line)
    assert_same_state(together.state, state)


def test_an_epoch_in_parts(runner: Runner) -> None:
    whole = runner([epoch(3, True)])
    parts = [
        Segment(3, 0, 1, True, False, False),
        Segment(3, 1, 3, False, False, False),
        Segment(3, 3, 3, False, True, True),
    ]
    ran = runner(parts)
    assert_same_state(ran.state, whole.state)
    assert_same_line(ran, 2, whole, 0)


def test_what_was_not_validated_reads_zero(runner: Runner) -> None:
    ran = runner([epoch(0)])
    assert float(ran.validation["loss"][0]) == 0
    assert float(ran.logs["loss"][0]) > 0


def test_each_segment_has_its_rate(ruled: Runner, runner: Runner) -> None:
    assert ruled.model.optimizer.variables[1] is ruled.model.optimizer._learning_rate
    rates = np.linspace(0.1, 0.02, CAPACITY, dtype=np.float32)
    together = ruled([epoch(0), epoch(1)], rates=rates)
    state = runner.state
    for line, rate in enumerate(rates[:2]):
        moments = list(state.optimizer)
        moments[1] = jax.numpy.asarray(rate)
        state = runner([epoch(line)], state._replace(optimizer=moments)).state
    assert_same_state(together.state, state, 1e-6)
    assert float(together.state.optimizer[1]) == rates[1]


def test_a_rule_halts_after_the_epoch_it_halts_in(ruled: Runner, runner: Runner) -> None:
    rates = np.full(CAPACITY, 0.1, np.float32)
    epochs = [epoch(line, True, line) for line in range(5)]
    ran = ruled(epochs, rates=rates)
    assert int(ran.done) == 3
    assert_same_state(ran.state, runner([epoch(line, True) for line in range(3)]).state, 1e-6)
    kept = ran.carries[0]
    assert (int(kept.wait), bool(kept.any)) == (2, True)
    assert float(kept.value) == float(ran.validation["loss"][0])
    assert float(ran.logs["loss"][3]) == 0, "what did not run left no logs"


def test_rules_look_only_where_an_epoch_ends(ruled: Runner) -> None:
    rates = np.full(CAPACITY, 0.1, np.float32)
    parts = [epoch(line, True) for line in range(5)]
    ran = ruled(parts, rates=rates)
    assert int(ran.done) == 5
    assert not bool(ran.carries[0].any)
    unseen = ruled([epoch(line, False, line) for line in range(5)], rates=rates)
    assert int(unseen.done) == 5, "without validation there is nothing to look at"


def test_a_rule_goes_on_with_what_it_knows(ruled: Runner) -> None:
    rates = np.full(CAPACITY, 0.1, np.float32)
    known = (ONCE.init(ruled.state)._replace(any=np.bool_(True), wait=np.int32(1)),)
    ran = ruled([epoch(line, True, line + 7) for line in range(5)], rates=rates, carries=known)
    assert int(ran.done) == 1


def test_rows_as_they_lie_are_rows_in_order(runner: Runner) -> None:
    as_they_lie = Runner(ordered=False)
    order = np.tile(np.arange(50, dtype=np.int32), (CAPACITY, 1))
    in_order = runner.program(
        runner.state,
        runner.feed._replace(order=order),
        Control(np.int32(1), segment_table([epoch(0)], CAPACITY)),
    )
    assert_same_state(as_they_lie([epoch(0)]).state, in_order.state, 1e-6)


def test_batches_that_are_stacked_are_rows(runner: Runner) -> None:
    """What is streamed has an axis of batches before that of rows."""
    stacked = jax.tree.map(lambda a: np.asarray(a)[:48].reshape(3, 16, *a.shape[1:]), ARRAYS)
    feed, span = Feed(stacked), Pass(1, 3, 0, True)
    program = step_program(
        runner.model, functional.train_step, runner.state, feed, span, capacity=1
    ).compiled()
    control = Control(np.int32(1), segment_table([Segment(0, 0, 2, True, False)], 1))
    ran = program(runner.state, feed, control)
    order = np.tile(np.arange(50, dtype=np.int32), (CAPACITY, 1))
    whole = Control(np.int32(1), segment_table([Segment(0, 0, 2, True, False)], CAPACITY))
    expected = runner.program(runner.state, runner.feed._replace(order=order), whole)
    assert_same_state(ran.state, expected.state, 1e-6)


def test_a_limited_pass_looks_at_the_first_rows() -> None:
    model = made.mlp()
    build(model, normalised(X, Y))
    state, span = read_state(model), limited(whole_pass(50, 16), 2)
    feed = Feed(ARRAYS)
    program = step_program(model, functional.test_step, state, feed, span, capacity=1).compiled()
    control = Control(np.int32(1), segment_table([Segment(0, 0, 2, True, False)], 1))
    logs = program(state, feed, control).logs
    predicting = prediction_program(model, state, ARRAYS[:1], span).compiled()
    _, outputs = predicting(state, ARRAYS[:1], np.int32(2), np.bool_(False))
    expected = model.evaluate(X[:32], Y[:32], verbose=0, return_dict=True)  # donates the state
    for key, value in expected.items():
        assert float(logs[key][0]) == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(outputs, model.predict(X[:32], verbose=0), rtol=1e-5)


@pytest.mark.parametrize(("stop", "tail", "rows"), [(3, True, 50), (3, False, 48), (1, False, 16)])
def test_a_prediction_ends_where_it_is_told_to(
    predicting: Any, stop: int, tail: bool, rows: int
) -> None:
    model, program = predicting
    _, outputs = program(read_state(model), ARRAYS[:1], np.int32(stop), np.bool_(tail))
    assert outputs.shape == (50, 3)
    np.testing.assert_allclose(outputs[:rows], model(X[:rows]), rtol=1e-5)
    assert not np.any(outputs[rows:])


@pytest.fixture(scope="module")
def predicting() -> Any:
    model = made.mlp()
    return model, prediction_program(model, read_state(model), ARRAYS[:1], WHOLE).compiled()


def test_the_table_of_segments() -> None:
    table = segment_table([Segment(1, 2, 3, True, False, True, 4)], 2)
    assert table.dtype == np.int32
    assert table.tolist() == [[1, 2, 3, 1, 0, 1, 4], [0] * 7]


def _arguments(runner: Runner) -> tuple[State, Feed, Control]:
    table = segment_table([epoch(0, True), epoch(1), epoch(2, True)], CAPACITY)
    return runner.state, runner.feed, Control(np.int32(3), table)


@pytest.fixture(scope="module")
def small() -> Runner:
    return Runner(check=whole_pass(50, 20), make=made.mlp)


def test_a_small_program_is_one_function_and_gives_the_same(
    small: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []

    def compiled_as_one(*given: Any) -> Any:
        made.append(one_call.compiled_as_one(*given))
        return made[-1]

    arguments = _arguments(small)
    monkeypatch.setattr(program, "compiled_as_one", compiled_as_one)
    mine = small.traced.compile(*arguments)(*arguments)
    assert made
    assert made[0] is not None
    other = small.program(*arguments)
    assert_same_state(mine.state, other.state, 1e-5)
    for a, b in zip(jax.tree.leaves(mine[1:]), jax.tree.leaves(other[1:]), strict=True):
        assert_close(a, b, 1e-5)


def test_what_cannot_be_one_function_is_compiled_as_ever(
    small: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = _arguments(small)
    monkeypatch.setattr(program, "compiled_as_one", lambda *_: None)
    ran = small.traced.compile(*arguments)(*arguments)
    assert_same_state(ran.state, small.program(*arguments).state)


def test_larger_networks_convolutions_and_normalization_are_many_kernels() -> None:
    for make, data in (
        (made.cnn, made.digits(32)),
        (wide, made.iris(32)),
        (made.regularised, made.iris(32)),
    ):
        model = make()
        build(model, normalised(*data))
        arrays = to_device(normalised(*data))
        traced = step_program(
            model,
            functional.train_step,
            read_state(model),
            Feed(arrays, np.arange(32, dtype=np.int32)[None]),
            whole_pass(32, 16),
            capacity=1,
        )
        assert not traced.one_call


def wide() -> keras.Model:
    layers = [keras.layers.Dense(64, activation="relu") for _ in range(2)]
    return made.compiled(keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(3)]))
