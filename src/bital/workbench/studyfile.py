"""A study written down: the fields of a study.toml. Loads neither Keras nor JAX."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from bital.study.keep import Kept
from bital.study.words import Language


@dataclass(frozen=True)
class ArmTable:
    """One arm: a recipe or a builder of one's own, and how it is fitted.

    The docstrings below the attributes are also the command line's help.
    """

    label: str = ""
    """what reports show; the arm's name when left out"""

    build: str = ""
    """a function that returns a new compiled model: "models.py:cnn" (a path from this file's
    folder) or "package.module:cnn"; without it the arm is a recipe"""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    """what `build` is called with, by name"""

    recipe: str = "original"
    """a network by name; the fields from units to learning_rate change it"""

    units: tuple[int, ...] | None = None
    """of each hidden layer"""

    fewer: bool | None = None
    """leave out the last hidden layer"""

    activation: str | None = None
    """of the hidden layers and convolutions; any of Keras's by name"""

    initializer: str | None = None
    """of every layer's weights; any of Keras's by name"""

    l2: float | None = None
    """strength of the penalty on the hidden layers' weights"""

    dropout: tuple[float, ...] | None = None
    """rates after the hidden layers, in order; the last one serves those that follow"""

    batch_norm: bool | None = None
    """normalize between a hidden layer's sum and its activation"""

    convolution: bool | None = None
    """two convolutions with max-pooling before one hidden layer; needs images"""

    optimizer: str | None = None
    """of a recipe: any Keras optimizer by name; adam when left out"""

    learning_rate: float | None = None
    """of a recipe: step size; the optimizer's own default when left out"""

    epochs: int | None = None
    """passes over the training rows; the study's when left out"""

    batch_size: int | Literal["all"] | None = None
    """rows per step, "all" for every training row in one; the study's when left out"""

    class_weight: Mapping[str, float] | None = None
    """weight of each class index in the training loss, as in {"0" = 1.0, "1" = 5.0}"""

    shuffle: bool = True
    """whether rows are visited in a new order each epoch"""

    callbacks: str | Mapping[str, Mapping[str, Any]] = ""
    """Keras's callbacks with their arguments, as in {EarlyStopping = {patience = 3}}:
    EarlyStopping, LearningRateScheduler ({schedule = "models.py:halved"}), ReduceLROnPlateau,
    SwapEMAWeights, TerminateOnNaN; or a function that returns a new list: "models.py:mine" """


@dataclass(frozen=True)
class StudyFile:
    """One comparison.

    The docstrings below the attributes are also the command line's help.
    """

    data: str
    """a dataset's name, a table "points.csv", arrays "arrays.npz" (x and y, or x_test and y_test
    too), a folder of images "photos/" with a subfolder a class, or a function that returns a bital
    Dataset, (x, y) or (x, y, x_test, y_test): "data.py:load". Paths are from this file's folder"""

    arms: Mapping[str, ArmTable]
    """what is compared: a table [arms.NAME] each"""

    name: str = ""
    """what reports and the store call it; the file's name when left out"""

    question: str = ""
    """what it is to answer, for reports"""

    target: str = ""
    """of a .csv: the column to predict"""

    task: Literal["", "classification", "regression"] = ""
    """of a .csv or .npz: what is predicted; seen from the target when left out, unless that is
    whole numbers"""

    ignore: tuple[str, ...] = ()
    """of a .csv: columns to leave out"""

    image_size: tuple[int, ...] = ()
    """of a folder of images: [height, width] to bring them to; their own, if it is one, when left
    out"""

    seeds: int | tuple[int, ...] = 10
    """how many seeds, or which"""

    epochs: int = 10
    """passes over the training rows, where an arm does not say otherwise"""

    batch_size: int = 32
    """rows per step, where an arm does not say otherwise"""

    metric: str = "val_accuracy"
    """what the verdict compares: "train_", "val_" or "test_" and "loss" or a compiled metric"""

    better: Literal["higher", "lower"] | None = None
    """which values of the metric are better; what Keras says of it when left out"""

    splits: str = "holdout"
    """which rows train, validate and test: "holdout", "5-fold" or "3x5-fold" """

    validation: float = 0.2
    """fraction of the rows to validate on"""

    test: float | None = None
    """fraction of the rows to test on, of a holdout; 0.2 when left out"""

    stratify: bool = True
    """whether classes keep their proportions"""

    groups: str = ""
    """of a .csv or .npz: the column or array whose equal values stay together in one part"""

    fixed: bool | None = None
    """whether every seed has the split that seed 0 draws, of a holdout"""

    baseline: str | None = None
    """arm to compare the others with, chosen beforehand; the one of the best mean when left out"""

    margin: float | None = None
    """difference of the metric too small to matter"""

    level: float = 0.95
    """1 - level is the rate of false findings allowed to the whole study"""

    published: Mapping[str, float] = field(default_factory=dict)
    """by arm: figures that someone published for the metric, set beside what comes out"""

    language: Language = "en"
    """of reports: en or ko"""

    keep: tuple[Kept, ...] = ()
    """what the store keeps of each run besides scores and history: "weights", "predictions" (of
    validation and test rows)"""
