"""Which measured quantities a study's table shows."""

from typing import TYPE_CHECKING

from bital.study.design import PARTS, Design
from bital.study.result import Column
from bital.study.words import Language, Words

if TYPE_CHECKING:
    from bital.study.sketch import Direction

_PARTS = {
    "train": Words("train {}", "훈련 {}"),
    "val": Words("validation {}", "검증 {}"),
    "test": Words("test {}", "테스트 {}"),
}
_MEASURES = {
    "loss": Words("loss", "손실"),
    "accuracy": Words("accuracy", "정확도"),
    "crossentropy": Words("cross-entropy", "교차 엔트로피"),
    "mse": Words("MSE", "MSE"),
    "mae": Words("MAE", "MAE"),
    "precision": Words("precision", "정밀도"),
    "recall": Words("recall", "재현율"),
}


def columns(design: Design, better: "Direction", parts: set[str]) -> tuple[Column, ...]:
    """Return the metric on every part of the rows, the compared one last, and the held-out loss.

    Args:
        design: what was chosen.
        better: which values of the metric are.
        parts: of the rows that there are: some of "train", "val" and "test".
    """
    language = design.language
    keys = [f"{part}_{design.measure}" for part in PARTS if part in parts]
    found = [Column(key, label(key, language), better) for key in keys if key != design.metric]
    held_out = "val_loss" if "val" in parts else "test_loss"
    if design.measure != "loss" and held_out.partition("_")[0] in parts:
        found.insert(0, Column(held_out, label(held_out, language), "lower"))
    return *found, Column(design.metric, label(design.metric, language), better)


def label(key: str, language: Language = "en") -> str:
    """Write a score's key as a heading, as in "validation accuracy"."""
    part, _, measure = key.partition("_")
    return _PARTS[part](language).format(measured(measure, language))


def measured(measure: str, language: Language = "en") -> str:
    """Write a log's name in words, as in "cross-entropy"."""
    known = _MEASURES.get(measure)
    return measure.replace("_", " ") if known is None else known(language)
