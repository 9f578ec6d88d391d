"""Runs that share rows, because each drew its split from the same ones."""

from dataclasses import dataclass
from math import isfinite

from bital.errors import InvalidInput


@dataclass(frozen=True)
class Overlap:
    """Splits drawn from the same rows for every run: repeated holdout or repeated k-fold.

    Shares of all rows, or numbers of rows, above 0. Repeated k-fold has k - 1 to 1.
    """

    train: float
    """rows trained on in one run"""
    test: float
    """rows tested on in one run"""

    def __post_init__(self) -> None:
        if not all(isfinite(size) and size > 0 for size in (self.train, self.test)):
            raise InvalidInput(
                "overlap needs the shares of training and test rows, each above 0; got "
                f"train={self.train}, test={self.test}. For k-fold give k - 1 and 1."
            )


def variance_of_mean(runs: int, overlap: Overlap | None) -> float:
    """Return the variance of a mean over runs, in units of one run's sample variance.

    1 / n for independent runs; 1 / n + test / train for overlapping splits, whose results are
    alike and whose sample variance is therefore too small.

    Source: Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning
    52, section 4; for repeated k-fold Bouckaert and Frank (2004), PAKDD.
    """
    return 1 / runs + (0.0 if overlap is None else overlap.test / overlap.train)
