from dataclasses import replace

from bital.report.verdict import sentence
from bital.study.result import Difference, Verdict

from .simulated import classification

RESULT = classification(names=("original", "l2", "dropout"))


def judged(*differences: Difference, diverged: tuple[str, ...] = ()) -> str:
    verdict = Verdict("test_accuracy", "dropout", 0.95, differences, diverged)
    return sentence(replace(RESULT, verdict=verdict))


APART = Difference("original", -0.02, -0.03, -0.01)
ALIKE = Difference("l2", -0.002, -0.01, 0.006)


def test_some_are_alike():
    assert judged(APART, ALIKE) == (
        "Not distinguishable from the best (Dropout) on test accuracy, "
        "paired over 10 seeds, 95 % interval: L2."
    )


def test_none_is_alike():
    assert judged(APART) == (
        "Dropout is best on test accuracy: every other variant is distinguishably worse "
        "(paired over 10 seeds, 95 % interval)."
    )


def test_all_are_alike():
    both = (ALIKE, replace(ALIKE, variant="original"))
    assert judged(*both).startswith("No variant is distinguishable from the best (Dropout)")


def test_an_interval_that_ends_at_zero_does_not_distinguish():
    assert "interval: Original DNN." in judged(Difference("original", -0.01, -0.02, 0.0))


def test_diverged_variants_are_named():
    assert judged(APART, diverged=("l2",)).endswith("Not compared, because a run diverged: L2.")


def test_one_seed_cannot_tell():
    assert "One seed cannot tell variants apart" in sentence(classification(seeds=1))


def test_one_variant_has_nothing_to_compare_with():
    assert "nothing to compare it with" in sentence(classification(names=("l2",)))


def test_nothing_finished():
    assert "No variant finished" in sentence(classification(names=()))


def test_too_few_comparable():
    assert "none can be compared" in sentence(replace(RESULT, verdict=None))
