import shlex
from dataclasses import replace

import pytest

from bital.report import account
from bital.report.markdown import markdown
from bital.report.page import page
from bital.report.table import render
from bital.study.result import Unit
from bital.study.spec import StudySpec

from .simulated import classification, regression


def test_command_holds_every_option_that_was_set():
    spec = StudySpec("digits", ("l2", "cnn"), 3, 30, 32, "sgd", 0.05, "l2", 0.01)
    assert account.command(spec) == (
        "bital study digits --variants l2,cnn --seeds 3 --epochs 30 --batch-size 32 "
        "--optimizer sgd --learning-rate 0.05 --baseline l2 --margin 0.01"
    )


def test_command_leaves_defaults_to_the_dataset():
    assert account.command(StudySpec("iris")) == "bital study iris --seeds 10 --optimizer adam"


def test_command_survives_a_shell():
    words = shlex.split(account.command(StudySpec("my data; rm", ("a b",))))
    assert words[2] == "my data; rm"
    assert words[4] == "a b"


def test_losses_are_named_for_the_task():
    assert "cross-entropy" in account.measures(classification())
    assert "squared units" in account.measures(regression())


def test_interruption_counts_against_what_was_asked():
    result = classification(names=("l2", "cnn"))
    assert account.losses(result) == []
    (said,) = account.losses(replace(result, interrupted=True))
    assert "2 of 9 arms finished" in said


def test_arms_that_could_not_be_trained_are_told():
    plain = {"arms": {"l2": {"label": "가중치"}, "cnn": {}}}
    result = replace(classification(), plain=plain, failed={"l2": "no", "cnn": "memory"})
    assert account.losses(result) == [
        "가중치 could not be trained: no",
        "cnn could not be trained: memory",
    ]
    for text in (page(result), markdown(result), render(result)):
        assert "cnn could not be trained: memory" in text


def test_data_and_times():
    result = classification()
    assert account.data(result) == (
        "digits, rows 1,149 train / 288 validation / 360 test; "
        "30 epochs, batch size 32, Adam, learning rate 0.001."
    )
    assert account.times(result).startswith("31.7 s in all, 22.3 s of it training")
    assert account.title(result) == "digits: 9 arms, 10 seeds each"
    assert account.title(classification(1, names=("l2",))) == "digits: 1 arm, 1 seed"


def test_arms_that_differ_are_told():
    result = classification(names=("l2", "dropout", "cnn"))
    first, second, third = result.arms
    arms = (replace(first, batch_size=64), replace(second, optimizer="SGD"), third)
    assert account.training(replace(result, arms=arms)) == (
        "30 epochs, batch size 64 or batch size 32, Adam, learning rate 0.001 or SGD"
    )
    arms = (replace(first, batch_size=64), replace(second, batch_size=16), third)
    assert "3 batch sizes" in account.training(replace(result, arms=arms))


@pytest.mark.parametrize(
    ("units", "counted", "shared"),
    [
        ((Unit(0), Unit(4)), "2 seeds", "seed"),
        ((Unit(0, 0, 0), Unit(0, 1, 0)), "1 seed × 2 folds", "seed and fold"),
        (
            tuple(Unit(s, f, r) for s in (0, 1) for r in (0, 1) for f in range(5)),
            "2 seeds × 2 repeats × 5 folds",
            "seed and fold",
        ),
    ],
)
def test_runs_are_counted_by_what_tells_them_apart(units, counted, shared):
    result = replace(classification(2, names=("l2",)), units=units)
    assert account.runs(result) == counted
    assert account.variable(result) == shared


def test_a_run_is_named():
    result = classification(1)
    assert account.unit(result, Unit(3)) == "seed 3"
    assert account.unit(result, Unit(3, 1, 0)) == "seed 3, fold 2"
    assert account.unit(result, Unit(3, 1, 2)) == "seed 3, repeat 3, fold 2"


def test_the_question_is_the_author_s():
    result = classification(names=("l2", "cnn"))
    assert account.question(result) == "Which of 2 arms does best on digits?"
    assert account.question(replace(result, question="왜?")) == "왜?"
    assert account.question(classification(names=("l2",))) == "How well does L2 do on digits?"
    assert account.question(classification(names=())) == "No arm finished on digits"


def test_a_study_of_one_s_own_says_less_of_losses():
    own = replace(classification(), spec=None)
    assert "cross-entropy" not in account.measures(own)


def test_runs_from_the_store_are_told():
    said = account.times(replace(classification(), reused=40))
    assert "40 runs came from the store" in said
