"""What runs keep is what the trained model is and says, however it was trained."""

from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from bital import data
from bital.data.scaling import scaled
from bital.errors import InvalidInput, UnknownName
from bital.store.run import Run
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.arm import Arm
from bital.study.deal import dealt
from bital.study.design import Design
from bital.study.result import Unit
from bital.study.run import run_design
from bital.study.splits import Holdout
from bital.study.table import table

from .small import Watching, design, model, rows, wide

BOTH = ("weights", "predictions")


def stored(store: Store, run: Run) -> tuple[list[np.ndarray], dict[str, Any]]:
    weights = store.read(run, "weights")
    return [weights[name] for name in sorted(weights)], store.read(run, "predictions")


def shelf(folder: Path, name: str = "a.db") -> Shelf:
    return Shelf(Store.open(folder / name), "s", {})


def stops() -> list[keras.callbacks.Callback]:
    return [keras.callbacks.EarlyStopping(patience=1, restore_best_weights=True)]


ARMS = {
    "together": wide,
    "drops": partial(model, dropout=0.3),
    "stops": Arm(wide, callbacks=stops, epochs=8),
    "in turn": Arm(wide, callbacks=lambda: [Watching()]),
}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_model_with_the_weights_predicts_what_was_kept(workers: int, tmp_path: Path) -> None:
    asked = design(arms=ARMS, seeds=2, keep=BOTH)
    kept = shelf(tmp_path)
    result = run_design(asked, shelf=kept, workers=workers)
    assert not result.failed
    x, y = asked.data
    splits = dealt(asked.splits, table(asked.data).to_deal(asked.splits), (0, 1))
    runs = kept.store.runs()
    assert len(runs) == 8
    for run in runs:
        weights, said = stored(kept.store, run)
        made = asked.arm(run.name).build()
        made.set_weights(weights)
        split = splits[Unit(run.origin.seed)]
        assert said["classes"] == ["0", "1", "2"]
        for part, chosen in {"validation": split.validation, "test": split.test}.items():
            np.testing.assert_array_equal(said[part]["row"], chosen)
            np.testing.assert_array_equal(said[part]["target"], y[chosen])
            outputs = made.predict(x[chosen], verbose=0)
            np.testing.assert_allclose(said[part]["output"], outputs, rtol=1e-4, atol=1e-6)
        loss, accuracy = made.evaluate(x[split.test], y[split.test], verbose=0)
        assert run.scores["test_loss"] == pytest.approx(loss, rel=1e-4)
        assert run.scores["test_accuracy"] == pytest.approx(accuracy)


def test_only_runs_that_lack_something_are_trained_again_and_lose_nothing(tmp_path: Path) -> None:
    kept = shelf(tmp_path)
    choices: dict[str, Any] = {"arms": {"wide": wide}, "seeds": 2}
    assert run_design(design(**choices), shelf=kept).reused == 0
    assert run_design(design(**choices, keep=["weights"]), shelf=kept).reused == 0
    assert run_design(design(**choices, keep=["weights"]), shelf=kept).reused == 2
    assert run_design(design(**choices), shelf=kept).reused == 2
    again = run_design(design(**choices, keep=["predictions"]), shelf=kept)
    assert again.reused == 0
    runs = kept.store.runs()
    assert [set(run.blobs) for run in runs] == [{"history", *BOTH}] * 2
    scores = again.arms[0].scores["test_loss"]
    np.testing.assert_array_equal([run.scores["test_loss"] for run in runs], scores)
    more = run_design(design(arms={"wide": wide}, seeds=3, keep=BOTH), shelf=kept)
    assert more.reused == 2


def test_quantities_are_in_the_target_s_unit(tmp_path: Path) -> None:
    diabetes = data.load("diabetes")

    def build() -> keras.Model:
        made = keras.Sequential([keras.layers.Input((10,)), keras.layers.Dense(1)])
        made.compile(keras.optimizers.Adam(0.1), "mse", metrics=["mae"])
        return made

    splits = Holdout()
    asked = Design({"a": build}, diabetes, seeds=2, epochs=3, metric="test_mae", keep=BOTH)
    kept = shelf(tmp_path)
    run_design(asked, shelf=kept)
    for run in kept.store.runs():
        weights, said = stored(kept.store, run)
        output, target = said["test"]["output"][:, 0], said["test"]["target"]
        assert np.abs(output - target).mean() == pytest.approx(run.scores["test_mae"], rel=1e-4)
        (split,) = dealt(splits, table(diabetes).to_deal(splits), (run.origin.seed,)).values()
        np.testing.assert_array_equal(target, diabetes.y[split.test])
        linear = scaled(diabetes, split.train)[split.test] @ weights[0][:, 0] + weights[1][0]
        train = diabetes.y[split.train]
        np.testing.assert_allclose(output, linear * train.std() + train.mean(), rtol=1e-3)


def test_several_outputs(tmp_path: Path) -> None:
    x, y = rows()

    def build() -> keras.Model:
        given = keras.Input((4,))
        outputs = {
            "kind": keras.layers.Dense(3, activation="softmax", name="kind")(given),
            "size": keras.layers.Dense(1, name="size")(given),
        }
        made = keras.Model(given, outputs)
        made.compile("sgd", {"kind": "sparse_categorical_crossentropy", "size": "mse"})
        return made

    kept = shelf(tmp_path)
    targets = {"kind": y, "size": x[:, 0]}
    asked = design(arms={"a": build}, data=(x, targets), metric="test_loss", seeds=1, keep=BOTH)
    run_design(asked, shelf=kept)
    (run,) = kept.store.runs()
    test = stored(kept.store, run)[1]["test"]
    assert test["output"]["kind"].shape == (18, 3)
    np.testing.assert_array_equal(test["target"]["size"], x[test["row"], 0])


def test_what_cannot_be_kept_is_told() -> None:
    with pytest.raises(UnknownName, match=r"what is to be kept must be one of .*'weight'"):
        design(keep=["weight"])
    with pytest.raises(InvalidInput, match="keep must be a list"):
        design(keep="weights")
    with pytest.raises(InvalidInput, match="needs a store"):
        run_design(design(keep=BOTH))
