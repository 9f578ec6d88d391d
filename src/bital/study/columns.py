"""Which measured quantities a study's table shows."""

from bital.study.design import PARTS, Design
from bital.study.result import Column
from bital.study.sketch import Direction

_WORDS = {"train": "train", "val": "validation", "test": "test"}


def columns(design: Design, better: Direction, parts: set[str]) -> tuple[Column, ...]:
    """Return the metric on every part of the rows, the compared one last, and the held-out loss.

    Args:
        design: what was chosen.
        better: which values of the metric are.
        parts: of the rows that there are: some of "train", "val" and "test".
    """
    keys = [f"{part}_{design.measure}" for part in PARTS if part in parts]
    found = [Column(key, label(key), better) for key in keys if key != design.metric]
    held_out = "val_loss" if "val" in parts else "test_loss"
    if design.measure != "loss" and held_out.partition("_")[0] in parts:
        found.insert(0, Column(held_out, label(held_out), "lower"))
    return *found, Column(design.metric, label(design.metric), better)


def label(key: str) -> str:
    """Write a score's key as a heading, as in "validation accuracy"."""
    part, _, measure = key.partition("_")
    return f"{_WORDS[part]} {measure.replace('_', ' ')}"
