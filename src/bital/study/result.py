"""What a study found: plain frozen values that a report can show and JSON can carry."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float

from bital.study.spec import StudySpec


@dataclass(frozen=True)
class Column:
    """One measured quantity of the table."""

    key: str
    """name in `VariantResult.scores`, as in "test_accuracy" """
    label: str
    """heading, as in "test accuracy" """
    better: Literal["higher", "lower"]


@dataclass(frozen=True, eq=False)
class VariantResult:
    """Every run of one variant. Arrays have a seed axis first, as `StudyResult.seeds`."""

    name: str
    """as on the command line: "l2_dropout" """
    label: str
    """as in the table: "L2 + dropout" """
    parameters: int
    """trainable and non-trainable weights of one model"""
    scores: dict[str, Float[np.ndarray, " seeds"]]
    """by `Column.key`; NaN where a run diverged"""
    curves: dict[str, Float[np.ndarray, "seeds epochs"]]
    """by Keras history key ("loss", "val_loss", "accuracy", ...), one value per epoch"""
    train_seconds: float
    """wall time of all seeds' training with its validation; compilation and final scoring not"""
    compile_seconds: float
    """time of building, tracing and compiling; variants compile side by side"""
    packed: bool
    """True: seeds trained at once in one program; False: in turn through the same program"""


@dataclass(frozen=True)
class Difference:
    """A variant minus the best one on the verdict's column, paired over seeds."""

    variant: str
    """name of the variant"""
    mean: float
    low: float
    """lower end of the confidence interval of the mean difference"""
    high: float
    """upper end of the same"""

    @property
    def distinguishable(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Verdict:
    """Which variants can be told from the best one."""

    column: str
    """key of the column compared"""
    best: str
    """name of the variant with the best mean"""
    level: float
    """confidence level of each interval, as in 0.95; not corrected for the number of variants"""
    differences: tuple[Difference, ...]
    """one for every other variant whose runs all finished"""
    diverged: tuple[str, ...]
    """variants with a run that ended in NaN; they are not compared"""


@dataclass(frozen=True)
class DataCard:
    """What the study was run on."""

    name: str
    task: Literal["classification", "regression"]
    source: str
    fingerprint: str
    shape: tuple[int, ...]
    """of one input row"""
    classes: tuple[str, ...]
    """class names; empty for regression"""
    rows: dict[str, int]
    """split sizes: "train", "validation", "test" """


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A study's runs and what follows from them."""

    spec: StudySpec
    """with every default filled in"""
    data: DataCard
    seeds: tuple[int, ...]
    columns: tuple[Column, ...]
    """measured quantities, the table's order; the last one is what the verdict compares"""
    variants: tuple[VariantResult, ...]
    """finished ones, in the order asked for"""
    verdict: Verdict | None
    """None with fewer than two seeds or fewer than two comparable variants"""
    seconds: float
    """wall time of the whole study, imports and compilation included"""
    environment: dict[str, str] = field(default_factory=dict)
    """versions, processor, cores"""
    interrupted: bool = False
    """True when the study was stopped before every variant had finished"""
