"""What a study found: plain frozen values that a report can show and JSON can carry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from bital.study.spec import StudySpec
from bital.study.statistics.comparison import Comparison
from bital.study.statistics.power import Plan
from bital.study.statistics.procedure import Procedure
from bital.study.words import Language


@dataclass(frozen=True)
class Column:
    """One measured quantity of the table."""

    key: str
    """name in `ArmResult.scores`, as in "test_accuracy" """
    label: str
    """heading, as in "test accuracy" """
    better: Literal["higher", "lower"]


@dataclass(frozen=True, eq=False)
class ArmResult:
    """Every run of one arm. Arrays have an axis of runs first, as `StudyResult.units`.

    Where a time budget ran out, or the arm was settled before it did, it has only the first ones.
    """

    name: str
    """as the design has it: "l2_dropout" """
    label: str
    """as in the table: "L2 + dropout" """
    parameters: int
    """trainable and non-trainable weights of one model"""
    scores: dict[str, Float[np.ndarray, " units"]]
    """of the trained model by part and metric, as in "test_accuracy", for loss and every compiled
    metric, as `keras.Model.evaluate` measures them; NaN where a run diverged"""
    curves: dict[str, Float[np.ndarray, "units epochs"]]
    """by Keras history key ("loss", "val_loss", "accuracy", ...), one value per epoch; NaN after an
    early stop"""
    epochs: int
    """most passes over the training rows"""
    batch_size: int
    """rows per step"""
    optimizer: str
    """as in "Adam, learning rate 0.001" """
    summary: str
    """the layers in one line"""
    train_seconds: float
    """wall time of all runs' training with its validation and final scoring, on whatever machine
    and day they were trained; compilation not"""
    compile_seconds: float
    """time of building, tracing and compiling; arms compile side by side"""
    packed: bool
    """True: runs trained at once in one program; False: in turn"""


@dataclass(frozen=True)
class Verdict:
    """Which arms can be told from one of them, and from each other."""

    column: str
    """key of the column compared"""
    procedure: Procedure
    """how they were compared"""
    reference: str
    """name of the arm that the others are compared with"""
    chosen: bool
    """True: the reference was asked for; False: it has the best mean, no run of it diverged"""
    comparisons: tuple[Comparison, ...]
    """every other arm against the reference, corrected for each other; for all pairs where the
    reference came out best, because then it was chosen by the same scores"""
    pairs: tuple[Comparison, ...]
    """every arm against each later one, corrected for all pairs"""
    plans: dict[str, Plan]
    """by arm compared with the reference: seeds that would tell the two apart, one in five
    chances of missing allowed; without those that diverged or always differ by the same"""
    probability_best: dict[str, float]
    """by arm: how often it has the best mean when the runs are drawn again"""
    diverged: dict[str, int]
    """by arm: runs that ended in NaN; they count as worse than any other"""


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


@dataclass(frozen=True)
class Unit:
    """One run of every arm: the same split, batch order and stream of initial randomness."""

    seed: int
    """of initial weights, batch order and dropout, and of the split where none is fixed"""
    fold: int | None = None
    """which of k-fold's parts is tested on, from 0; None without folds"""
    repeat: int | None = None
    """which of k-fold's partitions, from 0; None without folds"""


@dataclass(frozen=True, eq=False)
class StudyResult:
    """A study's runs and what follows from them."""

    name: str
    question: str
    """what it was to answer, in its author's words; may be empty"""
    metric: str
    """key of the column that the verdict compares"""
    splits: str
    """how rows were dealt, as a sentence"""
    plain: Mapping[str, Any]
    """everything chosen as plain values; what code does is in the builders"""
    data: DataCard
    units: tuple[Unit, ...]
    """the axis of every arm's scores and curves"""
    columns: tuple[Column, ...]
    """measured quantities, the table's order; the last one is what the verdict compares"""
    arms: tuple[ArmResult, ...]
    """finished ones, in the order asked for"""
    verdict: Verdict | None
    """None with fewer than two units or arms, or without an arm to compare with"""
    seconds: float
    """wall time of the whole study, imports and compilation included"""
    published: Mapping[str, float] = field(default_factory=dict)
    """by arm: figures that someone published for the compared quantity"""
    spec: StudySpec | None = None
    """the command line's, with every default filled in; None for a study of one's own"""
    reused: int = 0
    """runs that came from the store"""
    failed: Mapping[str, str] = field(default_factory=dict)
    """by arm: why it could not be trained"""
    unkept: str = ""
    """why finished runs could not be kept in the store; empty where all were"""
    environment: dict[str, str] = field(default_factory=dict)
    """versions, processor, cores"""
    command: str = ""
    """the command line that runs it again; empty for a study in Python"""
    language: Language = "en"
    """that reports are in"""
    interrupted: bool = False
    """True when the study was stopped before every arm had finished"""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The distinct seeds."""
        return tuple(dict.fromkeys(unit.seed for unit in self.units))
