"""What a study is asked to do."""

from dataclasses import dataclass

from bital.study.keep import Kept
from bital.study.words import Language


@dataclass(frozen=True)
class StudySpec:
    """One comparison: the same data, splits and seeds for every variant.

    The docstrings below the attributes are also the command line's help.
    """

    dataset: str
    """dataset to train on"""

    variants: tuple[str, ...] = ()
    """variants to compare, separated by commas; all that fit the data when left out"""

    seeds: int = 10
    """seeds per variant; a seed means the same split, initial randomness and batch order"""

    epochs: int | None = None
    """passes over the training rows; the dataset's default when left out"""

    batch_size: int | None = None
    """rows per training step; the dataset's default when left out"""

    optimizer: str = "adam"
    """any Keras optimizer by name"""

    learning_rate: float | None = None
    """step size; the optimizer's own default when left out"""

    baseline: str | None = None
    """variant to compare the others with; the one with the best mean when left out"""

    margin: float | None = None
    """difference of the last column too small to matter; what surely lies within is equivalent"""

    language: Language = "en"
    """of the report and of built-in labels: en or ko"""

    keep: tuple[Kept, ...] = ()
    """what the store keeps of runs besides scores and history: weights, predictions or both"""
