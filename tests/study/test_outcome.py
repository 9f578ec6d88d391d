from math import inf, isnan, nan

import pytest

from bital.study.outcome import outcome

REST = {"train_seconds": 1.0, "compile_seconds": 0.5, "packed": True}


def test_scores_are_named_by_their_part() -> None:
    logs = {"loss": 0.5, "accuracy": 0.9, "f1": [0.1, 0.2]}
    found = outcome({"train": logs, "test": logs}, {"loss": [1.0, 0.5]}, {}, None, **REST)
    assert found.scores == {
        "train_loss": 0.5,
        "train_accuracy": 0.9,
        "test_loss": 0.5,
        "test_accuracy": 0.9,
    }
    assert found.history == {"loss": [1.0, 0.5]}
    assert not found.diverged


def test_targets_that_were_divided_give_errors_in_their_own_unit() -> None:
    powers = {"loss": 2, "mae": 1}
    logs = {"loss": 2.0, "mae": 1.5, "r2": 0.5}
    history = {"loss": [2.0], "val_mae": [1.0], "r2": [0.5]}
    found = outcome({"val": logs}, history, powers, 10.0, **REST)
    assert found.scores == {"val_loss": 200.0, "val_mae": 15.0, "val_r2": 0.5}
    assert found.history == {"loss": [200.0], "val_mae": [10.0], "r2": [0.5]}


@pytest.mark.parametrize("loss", [nan, inf])
def test_a_run_that_diverged_has_no_scores(loss: float) -> None:
    logs = {"test": {"loss": loss, "accuracy": 0.1}}
    found = outcome(logs, {"loss": [1.0, loss]}, {}, None, **REST)
    assert found.diverged
    assert all(map(isnan, found.scores.values()))
