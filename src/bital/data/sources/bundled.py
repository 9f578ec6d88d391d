"""The datasets that scikit-learn carries inside its own package."""

import numpy as np

from bital.data.dataset import Dataset


def read(name: str) -> Dataset:
    """Read one of scikit-learn's bundled datasets.

    Args:
        name: digits, iris, wine, breast_cancer or diabetes.

    Returns:
        digits as images (1797, 8, 8, 1) from 0 to 16; the others as tables (n, d).
    """
    if name == "digits":
        return _digits()
    if name == "diabetes":
        return _diabetes()
    return _classes(name)


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        name="digits",
        task="classification",
        x=bunch.images[..., np.newaxis].astype(np.float32),  # (n, h, w, c)
        y=bunch.target.astype(np.int32),
        classes=tuple(str(c) for c in bunch.target_names),
        source="scikit-learn's bundled load_digits",
        scaling="unit",
        peak=16.0,
    )


def _classes(name: str) -> Dataset:
    from sklearn import datasets

    bunch = getattr(datasets, f"load_{name}")()
    return Dataset(
        name=name,
        task="classification",
        x=bunch.data.astype(np.float32),
        y=bunch.target.astype(np.int32),
        classes=tuple(str(c) for c in bunch.target_names),
        features=tuple(str(f) for f in bunch.feature_names),
        source=f"scikit-learn's bundled load_{name}",
    )


def _diabetes() -> Dataset:
    from sklearn.datasets import load_diabetes

    # scaled=True would standardise with the mean and deviation of the rows to be held out, too.
    bunch = load_diabetes(scaled=False)
    return Dataset(
        name="diabetes",
        task="regression",
        x=bunch.data.astype(np.float32),
        y=bunch.target.astype(np.float32),
        features=tuple(str(f) for f in bunch.feature_names),
        source="scikit-learn's bundled load_diabetes, columns unscaled",
    )
