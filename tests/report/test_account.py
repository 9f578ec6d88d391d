import shlex
from dataclasses import replace

from bital.report import account
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
    assert account.interruption(result) == ""
    assert "2 of 9 variants" in account.interruption(replace(result, interrupted=True))


def test_data_and_times():
    result = classification()
    assert account.data(result) == (
        "digits, rows 1,149 train / 288 validation / 360 test; 30 epochs, batch size 32, "
        "Adam, learning rate 0.001."
    )
    assert account.times(result).startswith("31.7 s in all, 22.3 s of it training")
    assert account.title(result) == "digits: 9 variants, 10 seeds each"
    assert account.title(classification(1, names=("l2",))) == "digits: 1 variant, 1 seed"
