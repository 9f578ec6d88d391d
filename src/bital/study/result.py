"""What a study found: plain frozen values that a report can show and JSON can carry."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float

from bital.study.spec import StudySpec
from bital.study.statistics.comparison import Comparison
from bital.study.statistics.power import Plan
from bital.study.statistics.procedure import Procedure


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
class Verdict:
    """Which variants can be told from one of them, and from each other."""

    column: str
    """key of the column compared"""
    procedure: Procedure
    """how they were compared"""
    reference: str
    """name of the variant that the others are compared with"""
    chosen: bool
    """True: the reference was asked for; False: it has the best mean, no run of it diverged"""
    comparisons: tuple[Comparison, ...]
    """every other variant against the reference, corrected for each other; for all pairs where the
    reference came out best, because then it was chosen by the same scores"""
    pairs: tuple[Comparison, ...]
    """every variant against each later one, corrected for all pairs"""
    plans: dict[str, Plan]
    """by variant compared with the reference: seeds that would tell the two apart, one in five
    chances of missing allowed; without those that diverged or always differ by the same"""
    probability_best: dict[str, float]
    """by variant: how often it has the best mean when the seeds are drawn again"""
    diverged: dict[str, int]
    """by variant: runs that ended in NaN; they count as worse than any other"""


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
    """None with fewer than two seeds or variants, or without a variant to compare with"""
    seconds: float
    """wall time of the whole study, imports and compilation included"""
    environment: dict[str, str] = field(default_factory=dict)
    """versions, processor, cores"""
    interrupted: bool = False
    """True when the study was stopped before every variant had finished"""
