from dataclasses import replace

from bital.report.verdict import sentence
from bital.study.result import Unit
from bital.study.statistics.overlap import Overlap

from .simulated import classification, diverge, judge, shift

RESULT = classification(names=("original", "l2", "dropout"))
HOW = "Paired over 10 seeds at the 5 % level, corrected for 3 pairs (Holm)."


def test_all_are_alike():
    assert sentence(classification(names=("original", "l2", "batch_norm"))) == (
        "Compared with the best (L2) on test accuracy, no other arm is distinguishable. " + HOW
    )


def test_all_are_worse():
    apart = shift(shift(RESULT, "l2", -0.05), "dropout", 0.05)
    assert sentence(apart) == (
        f"Compared with the best (Dropout) on test accuracy, every other arm is worse. {HOW}"
    )


def test_every_reading_has_its_list():
    apart = shift(shift(RESULT, "l2", 0.05), "dropout", 0.0, baseline="original", margin=0.01)
    assert sentence(apart) == (
        "Compared with Original DNN on test accuracy: better: L2; equivalent within 0.01: Dropout. "
        "Paired over 10 seeds at the 5 % level, corrected for 2 comparisons (Holm)."
    )
    turned = sentence(judge(apart, baseline="l2"))
    assert turned.startswith("Compared with L2 on test accuracy, every other arm is worse.")


def test_a_single_comparison_is_not_corrected():
    two = sentence(classification(names=("original", "l2")))
    assert "on test accuracy: not distinguishable: Original DNN." in two
    assert two.endswith("Paired over 10 seeds at the 5 % level.")


def test_overlap_is_told():
    said = sentence(judge(RESULT, overlap=Overlap(3, 1)))
    assert said.endswith("3 pairs (Holm) and overlapping splits (Nadeau-Bengio).")


def test_diverged_arms_are_compared_and_named():
    alike = classification(names=("original", "l2", "batch_norm"))
    lost = sentence(diverge(alike, "original", 10))
    assert "worse: Original DNN; not distinguishable: Batch normalization." in lost
    assert lost.endswith("Diverged runs count as worse than any other: Original DNN (10 of 10).")


def test_one_seed_cannot_tell():
    assert "One seed cannot tell arms apart" in sentence(classification(seeds=1))


def test_one_variant_has_nothing_to_compare_with():
    assert "nothing to compare it with" in sentence(classification(names=("l2",)))


def test_nothing_finished():
    assert "No arm finished" in sentence(classification(names=()))


def test_none_is_best():
    lost = RESULT
    for arm in RESULT.arms:
        lost = diverge(lost, arm.name, 1)
    assert "Every arm has a diverged run" in sentence(lost)


def test_a_baseline_that_did_not_finish():
    plain = {**RESULT.plain, "baseline": "cnn"}
    waiting = judge(replace(RESULT, plain=plain), baseline="cnn")
    assert "The baseline, cnn, did not finish" in sentence(waiting)


def test_seeds_of_a_fold_are_averaged():
    units = tuple(Unit(seed, fold, 0) for seed in (0, 1) for fold in range(5))
    said = sentence(replace(RESULT, units=units))
    assert "Paired over 2 seeds × 5 folds, the seeds of a fold averaged, at the 5 % level" in said
