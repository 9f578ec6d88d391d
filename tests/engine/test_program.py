"""Programs by themselves: any segments, any number, one trace."""

from typing import Any

import jax
import keras
import numpy as np
import pytest

from bital.engine.arrays import normalised, to_device
from bital.engine.build import build
from bital.engine.passes import Pass, limited, whole_pass
from bital.engine.program import (
    PACKED_WORK,
    Control,
    Feed,
    Program,
    Ran,
    Segment,
    prediction_program,
    segment_table,
    step_program,
)
from bital.engine.rules import Finite, Improvement, Stop
from bital.models import functional
from bital.models.functional import State, read_state
from engine import made
from engine.parity import assert_close

X, Y = made.iris(50)
ARRAYS = to_device(normalised(X, Y))
CAPACITY = 6
WHOLE = whole_pass(50, 16)  # 3 batches and 2 rows
ORDERS = np.stack([np.random.RandomState(s).permutation(50) for s in range(CAPACITY)])


class Runner:
    """A model's training program, called with lists of segments."""

    def __init__(self, ordered: bool = True, check: Pass | None = None) -> None:
        keras.utils.set_random_seed(1)
        self.model = made.regularised()
        build(self.model, normalised(X, Y))
        self.state = read_state(self.model)
        order = jax.device_put(ORDERS.astype(np.int32)) if ordered else None
        self.feed = Feed(ARRAYS, order, ARRAYS)
        program = step_program(
            self.model,
            functional.train_step,
            self.state,
            self.feed,
            WHOLE,
            check,
            capacity=CAPACITY,
        )
        self.program = program.compiled()

    def __call__(self, segments: list[Segment], state: Any = None) -> tuple[State, Any]:
        ran: Ran = self.program(state or self.state, self.feed, control(segments))
        assert int(ran.done) == len(segments)
        return ran.state, (ran.logs, ran.validation)


def control(segments: list[Segment], *carries: Any) -> Control:
    return Control(np.int32(len(segments)), segment_table(segments, CAPACITY), None, tuple(carries))


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(check=whole_pass(50, 20))


def epoch(line: int, evaluate: bool = False) -> Segment:
    return Segment(line, 0, WHOLE.full, True, True, evaluate)


def assert_same_state(mine: State, other: State, tolerance: float = 0.0) -> None:
    for a, b in zip(jax.tree.leaves(mine), jax.tree.leaves(other), strict=True):
        assert a.dtype == b.dtype
        assert_close(a, b, tolerance)


def test_no_segment_changes_nothing(runner: Runner) -> None:
    state, _ = runner([])
    assert_same_state(state, runner.state)


def test_epochs_in_one_call_or_in_many(runner: Runner) -> None:
    together, lines = runner([epoch(0, True), epoch(1), epoch(2, True)])
    state: Any = None
    for line, evaluate in enumerate((True, False, True)):
        state, part = runner([epoch(line, evaluate)], state)
        for mine, other in zip(jax.tree.leaves(part), jax.tree.leaves(lines), strict=True):
            np.testing.assert_array_equal(mine[0], other[line])
    assert_same_state(together, state)


def test_an_epoch_in_parts(runner: Runner) -> None:
    whole, lines = runner([epoch(3, True)])
    parts = [
        Segment(3, 0, 1, True, False, False),
        Segment(3, 1, 3, False, False, False),
        Segment(3, 3, 3, False, True, True),
    ]
    state, last = runner(parts)
    assert_same_state(state, whole)
    for mine, other in zip(jax.tree.leaves(last), jax.tree.leaves(lines), strict=True):
        np.testing.assert_array_equal(mine[2], other[0])


def test_what_was_not_validated_reads_zero(runner: Runner) -> None:
    _, lines = runner([epoch(0)])
    logs, validation = lines
    assert float(validation["loss"][0]) == 0
    assert float(logs["loss"][0]) > 0


def test_rows_as_they_lie_are_rows_in_order() -> None:
    as_they_lie = Runner(ordered=False)
    in_order = Runner()
    in_order.feed = in_order.feed._replace(
        order=jax.device_put(np.tile(np.arange(50, dtype=np.int32), (CAPACITY, 1)))
    )
    assert_same_state(as_they_lie([epoch(0)])[0], in_order([epoch(0)])[0], 1e-6)


def test_replica_axis_is_each_alone(runner: Runner) -> None:
    feed = runner.feed._replace(validation=None)
    program = step_program(
        runner.model, functional.train_step, runner.state, feed, WHOLE, capacity=CAPACITY
    )
    axes = (0, Feed((None, None), 0, None), None)
    packed = program.compiled(in_axes=axes)
    states = jax.tree.map(lambda a: np.stack([a, a]), runner.state)
    orders = np.stack([ORDERS, ORDERS[::-1]]).astype(np.int32)
    both = packed(states, Feed(ARRAYS, orders, None), control([epoch(0)])).state
    for r, line in enumerate((0, CAPACITY - 1)):
        alone, _ = runner([epoch(line)])
        mine = jax.tree.map(lambda a, r=r: a[r], both)
        assert_same_state(mine._replace(metrics=alone.metrics), alone, 1e-4)


def test_a_limited_pass_looks_at_the_first_rows() -> None:
    model = made.mlp()
    build(model, normalised(X, Y))
    state, span = read_state(model), limited(whole_pass(50, 16), 2)
    feed = Feed(ARRAYS)
    testing = step_program(
        model, functional.test_step, state, feed, span, capacity=CAPACITY
    ).compiled()
    logs = testing(state, feed, control([Segment(0, 0, 2, True, False)])).logs
    predicting = prediction_program(model, state, ARRAYS[:1], span).compiled()
    _, outputs = predicting(state, ARRAYS[:1], np.int32(2), np.bool_(False))
    expected = model.evaluate(X[:32], Y[:32], verbose=0, return_dict=True)  # donates the state
    for key, value in expected.items():
        assert float(logs[key][0]) == pytest.approx(value, rel=1e-5)
    np.testing.assert_allclose(outputs, model.predict(X[:32], verbose=0), rtol=1e-5)


def test_the_table_of_segments() -> None:
    table = segment_table([Segment(1, 2, 3, True, False, True)], 2)
    assert table.dtype == np.int32
    assert table.tolist() == [[1, 2, 3, 1, 0, 1, -1], [0] * 7]
    assert Segment(0, 1, 4, True, True).steps == 4


def test_rules_halt_the_loop_after_their_epoch() -> None:
    ordered = Runner()
    stop = Stop("loss", Improvement(up=True, delta=9.0), 2, None, keep=True, start=0)
    program = step_program(
        ordered.model,
        functional.train_step,
        ordered.state,
        ordered.feed,
        WHOLE,
        capacity=CAPACITY,
        rules=(stop, Finite()),
    ).compiled()
    segments = [epoch(line)._replace(epoch=line) for line in range(5)]
    carries = (stop.init(ordered.state), ())
    ran = program(ordered.state, ordered.feed, control(segments, *carries))
    assert int(ran.done) == 3, "the loss never rises by 9: patience ends in the third epoch"
    best = ran.carries[0]
    assert int(best.epoch) == 0
    first, _ = ordered([segments[0]])
    assert_same_state(State(*best.weights, [], []), first._replace(optimizer=[], metrics=[]))
    third, _ = ordered(segments[:3])
    assert_same_state(ran.state, third)


def test_small_steps_pack_and_convolutions_do_not() -> None:
    for make, arrays, packs in ((made.mlp, (X, Y), True), (made.cnn, made.digits(50), False)):
        model = make()
        build(model, normalised(*arrays))
        feed = Feed(normalised(*arrays), None)
        program = step_program(
            model, functional.train_step, read_state(model), feed, WHOLE, capacity=1
        )
        assert program.packs is packs


@pytest.mark.parametrize(
    ("primitives", "work", "packs"),
    [
        ({"add"}, 0, True),
        ({"dot_general"}, PACKED_WORK, True),
        ({"dot_general"}, PACKED_WORK + 1, False),
        ({"conv_general_dilated", "dot_general"}, 1, False),
    ],
)
def test_packs(primitives: set[str], work: int, packs: bool) -> None:
    assert jax.default_backend() == "cpu"
    assert Program(len, frozenset(primitives), work).packs is packs
