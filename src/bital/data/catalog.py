"""Which datasets exist, and for those not bundled with a library, the files they come in."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """Where one dataset can be found."""

    title: str
    """what the public calls it and who published it"""

    files: tuple[str, ...] = ()
    """files below the BITAL_DATA folder, in reading order; empty when scikit-learn bundles it"""


ENTRIES = {
    "digits": Entry("Optical recognition of handwritten digits (UCI)"),
    "iris": Entry("Iris (Fisher 1936)"),
    "wine": Entry("Wine recognition (UCI)"),
    "breast_cancer": Entry("Breast Cancer Wisconsin, diagnostic (UCI)"),
    "diabetes": Entry("Diabetes (Efron et al. 2004)"),
    "boston": Entry(
        "Boston housing (Harrison and Rubinfeld 1978) as CSV, 13 columns and medv",
        ("tabular/boston_housing.csv",),
    ),
    "auto_mpg": Entry("Auto MPG (UCI), the file auto-mpg.data", ("tabular/auto-mpg.data",)),
    "mnist": Entry("MNIST as Keras publishes it, the file mnist.npz", ("mnist/mnist.npz",)),
    "fashion_mnist": Entry(
        "Fashion-MNIST (Zalando Research), the four gzipped IDX files",
        (
            "fashion_mnist/train-images-idx3-ubyte.gz",
            "fashion_mnist/train-labels-idx1-ubyte.gz",
            "fashion_mnist/t10k-images-idx3-ubyte.gz",
            "fashion_mnist/t10k-labels-idx1-ubyte.gz",
        ),
    ),
}


def names() -> tuple[str, ...]:
    """Every name that `load` takes.

    Returns:
        Dataset names, the bundled ones first.
    """
    return tuple(ENTRIES)


def is_folder(name: str) -> bool:
    """Return whether a name is a folder's: no dataset's, and written as a path or there."""
    written = {"/", os.sep} & set(name)
    return name not in ENTRIES and (bool(written) or Path(name).is_dir())
