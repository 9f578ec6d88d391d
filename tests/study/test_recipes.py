"""Whole studies on small data, against the same written by hand with Keras."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from bital import data
from bital.errors import InvalidInput, MissingData, UnknownName
from bital.models.network import network
from bital.models.recipe import RECIPES
from bital.study import bench, recipes
from bital.study.compare import verdict
from bital.study.estimate import Moment
from bital.study.recipes import run_study
from bital.study.result import ArmResult, StudyResult
from bital.study.spec import StudySpec
from bital.study.statistics.overlap import Overlap

IRIS = StudySpec("iris", ("original", "dropout_batch_norm"), seeds=2, epochs=2)


@pytest.fixture(scope="module")
def iris() -> StudyResult:
    return run_study(IRIS)


def by_hand(spec: StudySpec, variant: str, seed: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Train and measure one variant with one seed as a person would; scores and history."""
    dataset = data.load(spec.dataset)
    rows = data.split(dataset, seed)
    x, y = data.scaled(dataset, rows.train), dataset.y
    classifies = dataset.task == "classification"
    center, spread = (0, 1) if classifies else (y[rows.train].mean(), y[rows.train].std())
    keras.utils.set_random_seed(seed)
    outputs, last = (len(dataset.classes), "softmax") if classifies else (1, "linear")
    model = network(RECIPES[variant], x.shape[1:], outputs, last)
    if classifies:
        own: list[Any] = [
            keras.metrics.SparseCategoricalCrossentropy(name="crossentropy"),
            "accuracy",
        ]
        model.compile(spec.optimizer, "sparse_categorical_crossentropy", metrics=own)
        labels = y
    else:
        own = [keras.metrics.MeanSquaredError("mse"), keras.metrics.MeanAbsoluteError("mae")]
        model.compile(spec.optimizer, "mean_squared_error", metrics=own)
        labels = (y - center) / spread
    history = model.fit(
        x[rows.train],
        labels[rows.train],
        batch_size=spec.batch_size,
        epochs=spec.epochs,
        validation_data=(x[rows.validation], labels[rows.validation]),
        validation_batch_size=2048,
        verbose=0,
    ).history
    scores = {}
    for part, chosen in {"train": rows.train, "val": rows.validation, "test": rows.test}.items():
        predicted, truth = model.predict(x[chosen], verbose=0), y[chosen]
        if classifies:
            scores[f"{part}_crossentropy"] = float(
                -np.log(predicted[np.arange(len(truth)), truth].clip(1e-7)).mean()
            )
            scores[f"{part}_accuracy"] = float((predicted.argmax(-1) == truth).mean())
        else:
            error = predicted[:, 0] * spread + center - truth
            scores[f"{part}_mse"] = float((error**2).mean())
            scores[f"{part}_mae"] = float(np.abs(error).mean())
    return scores, history


def assert_by_hand(result: StudyResult, variant: ArmResult) -> None:
    for index, seed in enumerate(result.seeds):
        scores, history = by_hand(result.spec, variant.name, seed)
        for column in result.columns:
            assert variant.scores[column.key][index] == pytest.approx(scores[column.key], rel=1e-4)
        if result.data.task == "classification":
            assert set(variant.curves) == set(history)
            for key, values in history.items():
                np.testing.assert_allclose(
                    variant.curves[key][index], values, rtol=1e-4, err_msg=key
                )


def test_scores_and_curves_are_those_of_a_loop_by_hand(iris: StudyResult) -> None:
    for variant in iris.arms:
        assert_by_hand(iris, variant)


def test_images_too() -> None:
    result = run_study(StudySpec("digits", ("cnn",), seeds=1, epochs=1, batch_size=64))
    assert_by_hand(result, result.arms[0])
    assert result.verdict is None  # one seed
    assert result.data.shape == (8, 8, 1)
    assert sum(result.data.rows.values()) == 1797


def test_regression_is_scored_in_the_targets_units() -> None:
    result = run_study(
        StudySpec("diabetes", ("original", "batch_norm"), seeds=2, epochs=2, optimizer="sgd")
    )
    assert [column.key for column in result.columns] == [
        "train_mse",
        "val_mse",
        "test_mse",
        "test_mae",
    ]
    for variant in result.arms:
        assert_by_hand(result, variant)
        # the last point of the validation curve is what the trained copies score
        np.testing.assert_allclose(
            variant.curves["val_mse"][:, -1], variant.scores["val_mse"], rtol=1e-3
        )
    assert result.verdict is not None
    assert result.verdict.column == "test_mae"


def test_the_result_says_what_was_run(iris: StudyResult) -> None:
    assert iris.spec == replace(IRIS, batch_size=16)
    assert iris.seeds == (0, 1)
    assert [v.name for v in iris.arms] == ["original", "dropout_batch_norm"]
    assert [v.label for v in iris.arms] == ["original DNN", "dropout + BN"]
    weights = 4 * 64 + 64 + 64 * 32 + 32 + 32 * 3 + 3
    assert [v.parameters for v in iris.arms] == [weights, weights + 4 * 64 + 4 * 32]
    assert iris.data.rows == {"train": 90, "validation": 30, "test": 30}
    assert iris.data.fingerprint == data.load("iris").fingerprint
    for variant in iris.arms:
        assert all(scores.shape == (2,) for scores in variant.scores.values())
        assert all(curve.shape == (2, 2) for curve in variant.curves.values())
        assert variant.train_seconds > 0
        assert variant.compile_seconds > 0
    assert iris.seconds > sum(v.train_seconds for v in iris.arms)
    assert iris.environment["keras"] == keras.__version__
    assert not iris.interrupted
    overlap = Overlap(train=90, test=30)  # each seed drew its test rows from the same 150
    again = verdict(iris.columns[-1], iris.arms, overlap=overlap)
    assert repr(iris.verdict) == repr(again)  # NaN is not equal to itself


def test_a_seed_means_the_same_split_and_batch_order_for_every_variant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[Any] = []
    prepare = bench.prepare_replicas

    def watched(make: Any, seeds: Any, rows: Any, **options: Any) -> Any:
        trainer = prepare(make, seeds, rows, **options)
        states = [state[1] for state in trainer.__self__._numpy]  # type: ignore[attr-defined]
        seen.append((rows.train, rows.validation, np.stack(states)))
        return trainer

    monkeypatch.setattr(bench, "prepare_replicas", watched)
    run_study(replace(IRIS, variants=("original", "l2", "dropout_batch_norm"), epochs=1))
    assert len(seen) == 3
    for other in seen[1:]:
        for ours, theirs in zip(seen[0], other, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    train = seen[0][0]
    assert not np.array_equal(train[0], train[1])  # seeds differ


def test_the_same_study_twice_gives_the_same_numbers(iris: StudyResult) -> None:
    again = run_study(IRIS)
    for one, other in zip(iris.arms, again.arms, strict=True):
        for key, scores in one.scores.items():
            np.testing.assert_array_equal(scores, other.scores[key])


def test_a_variant_alone_gives_what_it_gives_among_others(iris: StudyResult) -> None:
    alone = run_study(replace(IRIS, variants=("dropout_batch_norm",)))
    for key, scores in iris.arms[1].scores.items():
        np.testing.assert_allclose(alone.arms[0].scores[key], scores, rtol=1e-5)


def test_more_seeds_leave_the_first_ones_as_they_were(iris: StudyResult) -> None:
    more = run_study(replace(IRIS, variants=("original",), seeds=3))
    for key, scores in iris.arms[0].scores.items():
        np.testing.assert_allclose(more.arms[0].scores[key][:2], scores, rtol=1e-5)


@pytest.mark.parametrize(("dataset", "variant"), [("iris", "l2"), ("diabetes", "original")])
def test_divergence_is_a_result(dataset: str, variant: str) -> None:
    # iris's original is left out: its softmax saturates at a loss of 10 and stays finite
    spec = StudySpec(dataset, (variant,), 2, 2, optimizer="sgd", learning_rate=1e6)
    (result,) = run_study(spec).arms
    for key, scores in result.scores.items():
        assert not np.isfinite(scores).any(), key
    assert not np.isfinite(result.curves["loss"][:, -1]).any()


def test_a_diverged_variant_does_not_spoil_the_others() -> None:
    spec = StudySpec("iris", ("original", "l2", "fewer_layers"), 2, 2, None, "sgd", 1e6)
    result = run_study(spec)
    assert result.verdict is not None
    assert result.verdict.diverged == {"l2": 2}
    assert np.isfinite(result.arms[0].scores["test_accuracy"]).all()


def test_a_baseline_and_a_margin_reach_the_verdict() -> None:
    result = run_study(replace(IRIS, baseline="original", margin=0.5))
    assert result.verdict is not None
    assert (result.verdict.reference, result.verdict.chosen) == ("original", True)
    assert result.verdict.procedure.margin == 0.5


def test_official_test_rows_are_no_overlap(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    iris = data.load("iris")
    rows = np.arange(0, 150, 5, dtype=np.int32)
    monkeypatch.setattr(recipes.data, "load", lambda name: replace(iris, test_rows=rows))
    result = run_study(replace(IRIS, epochs=1))
    assert result.verdict is not None
    assert result.verdict.procedure.overlap is None


def test_progress_is_told_to_the_end() -> None:
    told: list[Moment] = []
    run_study(IRIS, told.append)
    shares = [moment.done for moment in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert told[-1].arm == "dropout + BN"
    assert [m.seconds_left is None for m in told] == [True] + [False] * (len(told) - 1)


def interrupt_at(label: str) -> Any:
    def listener(moment: Moment) -> None:
        if moment.training and moment.arm == label:
            raise KeyboardInterrupt

    return listener


def test_ctrl_c_leaves_what_is_finished() -> None:
    spec = replace(IRIS, variants=("original", "l2", "dropout"))
    result = run_study(spec, interrupt_at("L2"))
    assert result.interrupted
    assert [v.name for v in result.arms] == ["original"]
    assert result.spec.variants == ("original", "l2", "dropout")
    assert result.verdict is None


def test_ctrl_c_before_anything_is_finished_is_passed_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        run_study(IRIS, interrupt_at("original DNN"))


def test_an_unknown_optimizer_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"got 'adma'\. Did you mean .*'adam'"):
        run_study(replace(IRIS, optimizer="adma"))


@pytest.mark.parametrize("name", ["SGD", "adamw", "lamb", "muon"])
def test_optimizers_go_by_their_kerass_names(name: str) -> None:
    result = run_study(replace(IRIS, optimizer=name, variants=("original",), seeds=1, epochs=1))
    assert np.isfinite(result.arms[0].scores["train_loss"]).all()


@pytest.mark.parametrize("name", ["optimizer", "lossscaleoptimizer", "multioptimizer", ""])
def test_optimizers_that_need_more_than_a_name_are_refused(name: str) -> None:
    with pytest.raises(UnknownName, match="optimizer must be one of"):
        run_study(replace(IRIS, optimizer=name))


@pytest.mark.parametrize(
    "spec",
    [
        StudySpec("irsi"),
        StudySpec("iris", ("cnn",)),
        StudySpec("iris", seeds=0),
        StudySpec("iris", epochs=-1),
    ],
    ids=str,
)
def test_bad_input_is_refused_before_the_first_step(
    spec: StudySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "prepare_replicas", None)
    with pytest.raises(InvalidInput):
        run_study(spec)


def test_missing_files_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("BITAL_DATA", str(tmp_path))
    monkeypatch.setattr(recipes.data, "load", _nothing_here)
    with pytest.raises(MissingData):
        run_study(StudySpec("mnist"))


def _nothing_here(name: str) -> Any:
    raise MissingData(f"{name} is not here")
