"""Designs carried out: each run is what Keras would make of it, and none is made twice."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from bital.data.splitting import Rows, deal
from bital.errors import InvalidInput, StoreFailure, UnknownName
from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.estimate import Moment
from bital.study.result import ArmResult, StudyResult, Unit
from bital.study.run import run_design
from bital.study.splits import Holdout, KFold

from .small import Memory, Watching, design, model, narrow, rows, wide

CALLBACKS = {
    "stops": lambda: [keras.callbacks.EarlyStopping(patience=0, restore_best_weights=True)],
    "watches": lambda: [Watching()],
}


def by_keras(asked: Design, name: str, seed: int) -> tuple[dict[str, list[float]], dict[str, Any]]:
    """Train one arm with one seed as a person would; history and scores."""
    arm, (x, y) = asked.arm(name), asked.data
    split = deal(Rows("mine", len(y), y, "abc"), seed, 0.2, 0.2)
    keras.utils.set_random_seed(seed)
    made = arm.build()
    size = len(split.train) if arm.batch_size == "all" else arm.batch_size or asked.batch_size
    history = made.fit(
        x[split.train],
        y[split.train],
        batch_size=size,
        epochs=arm.epochs or asked.epochs,
        validation_data=(x[split.validation], y[split.validation]),
        callbacks=None if arm.callbacks is None else list(arm.callbacks()),
        class_weight=arm.class_weight,
        shuffle=arm.shuffle,
        verbose=0,
    )
    scores = {}
    for part, chosen in {"train": split.train, "val": split.validation, "test": split.test}.items():
        logs = made.evaluate(x[chosen], y[chosen], verbose=0, return_dict=True)
        scores |= {f"{part}_{key}": value for key, value in logs.items()}
    return history.history, scores


def assert_equal_to_keras(result: StudyResult, asked: Design) -> None:
    for arm in result.arms:
        for index, unit in enumerate(result.units):
            history, scores = by_keras(asked, arm.name, unit.seed)
            assert set(arm.scores) == set(scores)
            for key, value in scores.items():
                assert arm.scores[key][index] == pytest.approx(value, rel=1e-4, abs=1e-6), key
            for key, values in history.items():
                curve = arm.curves[key][index]
                np.testing.assert_allclose(curve[: len(values)], values, rtol=1e-4, atol=1e-6)
                assert np.isnan(curve[len(values) :]).all()


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_every_kind_of_arm_is_what_keras_makes_of_it() -> None:
    asked = design(
        arms={
            "plain": wide,
            "drops": lambda: model(dropout=0.3),
            "shorter": Arm(narrow, "더 짧게", epochs=1, batch_size=5),
            "whole": Arm(wide, batch_size="all", shuffle=False),
            "weighted": Arm(wide, class_weight={0: 1.0, 1: 5.0, 2: 0.5}),
            "stops": Arm(wide, callbacks=CALLBACKS["stops"], epochs=6),
            "watches": Arm(wide, callbacks=CALLBACKS["watches"]),
        },
        seeds=(3, 14),
    )
    result = run_design(asked)
    assert_equal_to_keras(result, asked)
    arms = {arm.name: arm for arm in result.arms}
    assert list(arms) == list(asked.arms)
    assert result.units == (Unit(3), Unit(14))
    assert result.seeds == (3, 14)
    assert result.metric == result.columns[-1].key == "val_accuracy"
    assert result.columns[-1].better == "higher"
    assert result.data.rows == {"train": 54, "validation": 18, "test": 18}
    assert (arms["shorter"].label, arms["shorter"].epochs, arms["shorter"].batch_size) == (
        "더 짧게",
        1,
        5,
    )
    assert (arms["whole"].batch_size, arms["plain"].batch_size) == (54, 16)
    assert arms["plain"].parameters == 4 * 8 + 8 + 8 * 3 + 3
    assert arms["plain"].optimizer == "SGD, learning rate 0.1"
    assert arms["plain"].summary == "Dense 8 relu, Dropout 0, Dense 3 softmax"
    assert arms["plain"].packed
    assert not arms["watches"].packed
    assert result.plain["arms"]["weighted"]["class_weight"] == {"0": 1.0, "1": 5.0, "2": 0.5}
    np.testing.assert_allclose(
        arms["watches"].scores["test_loss"], arms["plain"].scores["test_loss"], rtol=1e-4
    )


def test_several_inputs_and_several_outputs() -> None:
    x, y = rows()

    def build() -> keras.Model:
        left, right = keras.Input((2,), name="left"), keras.Input((2,), name="right")
        both = keras.layers.Concatenate()([left, right])
        outputs = {
            "kind": keras.layers.Dense(3, activation="softmax", name="kind")(both),
            "size": keras.layers.Dense(1, name="size")(both),
        }
        made = keras.Model({"left": left, "right": right}, outputs)
        losses = {"kind": "sparse_categorical_crossentropy", "size": "mse"}
        made.compile("sgd", losses, metrics={"kind": ["accuracy"]})
        return made

    given = {"left": x[:, :2], "right": x[:, 2:]}, {"kind": y, "size": x[:, 0]}
    result = run_design(
        design(arms={"a": build, "b": build}, data=given, metric="test_kind_accuracy")
    )
    assert result.data.task == "regression"  # of several targets none says how to deal rows
    first, second = result.arms
    np.testing.assert_array_equal(first.scores["test_loss"], second.scores["test_loss"])
    assert result.verdict is not None
    assert result.verdict.comparisons[0].reading == "not distinguishable"


def test_test_rows_of_ones_own_are_tested_on() -> None:
    (x, y), (x_test, y_test) = rows(), rows(30, seed=1)
    asked = design(data=(x, y, x_test, y_test), metric="test_accuracy", splits=Holdout(test=0))
    result = run_design(asked)
    assert result.data.rows == {"train": 72, "validation": 18, "test": 30}
    assert result.verdict is not None
    assert result.verdict.procedure.overlap is None
    held = replace(asked, metric="val_accuracy")
    found = run_design(held).verdict
    assert found is not None
    assert found.procedure.overlap is not None
    assert (found.procedure.overlap.train, found.procedure.overlap.test) == (72, 18)


def test_folds_of_uneven_sizes_cover_every_row_once() -> None:
    asked = design(
        data=rows(91),
        seeds=2,
        splits=KFold(4, repeats=2, validation=0),
        metric="test_accuracy",
        arms={"wide": wide, "narrow": narrow},
        epochs=1,
    )
    result = run_design(asked)
    assert len(result.units) == 2 * 2 * 4
    assert result.units[5] == Unit(0, 1, 1)
    assert result.data.rows["validation"] == 0
    assert "val_loss" not in result.arms[0].scores
    assert result.verdict is not None
    overlap = result.verdict.procedure.overlap
    assert overlap is not None
    assert overlap.test / overlap.train == pytest.approx(1 / 3, rel=0.05)


def test_a_diverged_run_is_counted() -> None:
    result = run_design(design(arms={"wide": wide, "lost": lambda: model(rate=1e30)}))
    lost = result.arms[1]
    assert all(np.isnan(scores).all() for scores in lost.scores.values())
    assert result.verdict is not None
    assert result.verdict.diverged == {"lost": 3}


def test_a_regression_on_a_dataset_is_scored_in_its_units() -> None:
    from bital import data

    def build() -> keras.Model:
        made = keras.Sequential([keras.Input((10,)), keras.layers.Dense(1)])
        made.compile("sgd", "mse", metrics=["mae"])
        return made

    asked = design(arms={"linear": build}, data="diabetes", metric="test_mae", epochs=5, seeds=1)
    (arm,) = run_design(asked).arms
    spread = data.load("diabetes").y.std()
    assert 0.3 * spread < arm.scores["test_mae"][0] < spread
    assert 0.1 * spread**2 < arm.scores["test_loss"][0] < spread**2
    assert arm.curves["val_mae"][0, -1] == pytest.approx(arm.scores["val_mae"][0], rel=1e-3)


def equal(first: ArmResult, second: ArmResult) -> bool:
    same = [np.array_equal(first.scores[key], second.scores[key]) for key in first.scores]
    return all(same) and np.array_equal(first.curves["loss"], second.curves["loss"])


def test_runs_that_are_there_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf, asked = Memory(), design()
    first = run_design(asked, shelf=shelf)
    assert first.reused == 0
    assert shelf.saved == [("wide", [0, 1, 2]), ("narrow", [0, 1, 2])]  # a pack is kept at once
    again = run_design(asked, shelf=shelf)
    assert again.reused == 6
    assert len(shelf.saved) == 2
    assert all(map(equal, first.arms, again.arms))
    assert repr(again.verdict) == repr(first.verdict)

    more = replace(asked, arms={**asked.arms, "new": lambda: model(3)}, seeds=4, name="more")
    grown = run_design(more, shelf=shelf)
    assert grown.reused == 6
    assert shelf.saved[2:] == [("wide", [3]), ("narrow", [3]), ("new", [0, 1, 2, 3])]
    np.testing.assert_array_equal(
        grown.arms[0].scores["test_loss"][:3], first.arms[0].scores["test_loss"]
    )
    for changed in ({"epochs": 3}, {"data": rows(seed=2)}, {"splits": Holdout(test=0.1)}):
        assert run_design(replace(asked, **changed), shelf=shelf).reused == 0


def test_runs_in_turn_are_kept_one_by_one() -> None:
    shelf = Memory()
    asked = design(arms={"watches": Arm(wide, callbacks=CALLBACKS["watches"])})
    whole = run_design(asked, shelf=shelf)
    assert shelf.saved == [("watches", [0]), ("watches", [1]), ("watches", [2])]
    for key in list(shelf.kept)[1:]:
        del shelf.kept[key]
    again = run_design(asked, shelf=shelf)
    assert again.reused == 1
    assert equal(whole.arms[0], again.arms[0])


@pytest.mark.parametrize("after", [0, 1])
def test_a_store_that_fails_costs_no_result(after: int) -> None:
    class Full(Memory):
        def save(self, *args: Any) -> None:
            if len(self.saved) >= after:
                raise StoreFailure("the disk is full")
            super().save(*args)

    shelf = Full()
    result = run_design(design(), shelf=shelf)
    assert result.unkept == "the disk is full"
    assert len(result.arms) == 2
    assert len(shelf.saved) == after


def test_a_store_that_recovers_has_every_run() -> None:
    class Locked(Memory):
        asked = 0

        def save(self, *args: Any) -> None:
            self.asked += 1
            if self.asked == 1:
                raise StoreFailure("locked")
            super().save(*args)

    shelf = Locked()
    assert run_design(design(), shelf=shelf).unkept == ""
    assert len(shelf.kept) == 6


def test_ctrl_c_leaves_what_is_finished_and_the_store_has_it() -> None:
    def stop(moment: Moment) -> None:
        if moment.training and moment.arm == "narrow":
            raise KeyboardInterrupt

    shelf = Memory()
    result = run_design(design(), shelf=shelf, listener=stop)
    assert result.interrupted
    assert [arm.name for arm in result.arms] == ["wide"]
    assert run_design(design(), shelf=shelf).reused == 3


def test_the_best_so_far_is_told() -> None:
    told: list[Moment] = []
    result = run_design(design(), listener=told.append)
    assert told[-1].runs_done == told[-1].runs == 6
    scores = {arm.name: arm.scores["val_accuracy"].mean() for arm in result.arms}
    assert told[-1].best.startswith(max(scores, key=lambda name: scores[name]))
    assert told[0].best == ""


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({"metric": "val_acuracy"}, "Did you mean 'accuracy'"),
        ({"metric": "test_accuracy", "splits": Holdout(test=0)}, "needs rows of that part"),
        ({"arms": {"a": keras.Sequential}}, "arm 'a': model must be compiled"),
        ({"arms": {"a": lambda: None}}, "arm 'a': model must be a keras.Model"),
        ({"data": (rows()[0], rows()[1][:-1])}, "same number of rows"),
        ({"data": rows()[0]}, "data must be"),
        ({"data": "irsi"}, "Did you mean 'iris'"),
        ({"data": iter([])}, "data must be"),
        ({"data": (rows()[0] * np.nan, rows()[1])}, "NaN"),
        ({"splits": KFold(40)}, "each class must have a row in every fold"),
        ({"splits": KFold(91, stratify=False)}, "at least as many rows as folds"),
        ({"splits": KFold(3, groups=[0, 1] * 45)}, "at least as many groups as folds"),
        ({"splits": KFold(3, groups=[0, 1])}, "one value per row"),
        ({"splits": KFold(3), "data": (*rows(), *rows())}, "comes with its own"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_input_is_told_before_the_first_step(choices: dict[str, Any], words: str) -> None:
    with pytest.raises((InvalidInput, UnknownName), match=words):
        run_design(design(**choices))


def test_a_metric_without_a_known_direction_asks_for_one() -> None:
    def odd() -> keras.Model:
        class Odd(keras.metrics.Metric):
            def __init__(self) -> None:
                super().__init__(name="odd")
                self.seen = self.add_variable((), "zeros", name="seen")

            def update_state(self, y: Any, outputs: Any, sample_weight: Any = None) -> None:
                self.seen.assign(keras.ops.mean(outputs))

            def result(self) -> Any:
                return self.seen.value

        made = model()
        made.compile("sgd", "sparse_categorical_crossentropy", metrics=[Odd()])
        return made

    asked = design(arms={"a": odd}, metric="val_odd", seeds=2, epochs=1)
    with pytest.raises(InvalidInput, match='Give better="higher"'):
        run_design(asked)
    assert run_design(replace(asked, better="higher")).columns[-1].better == "higher"
