"""The network, through Keras's and scikit-learn's own downloaders and caches."""

import sys
from contextlib import redirect_stdout

import numpy as np
from jaxtyping import Float64

from bital.data.dataset import Dataset
from bital.data.sources import assembly

# Documented by keras.datasets.boston_housing: the seed that shuffles its rows.
KERAS_BOSTON_SEED = 113


def fetch(name: str) -> Dataset:
    """Download a dataset, or take it from the downloader's cache.

    Progress goes to standard error. Whatever the downloader raises passes through.

    Args:
        name: boston, auto_mpg, mnist or fashion_mnist.

    Returns:
        The dataset, its rows in the order of the published file.

    Raises:
        InvalidInput: what arrived is not the dataset.
    """
    with redirect_stdout(sys.stderr):
        if name == "auto_mpg":
            return _auto_mpg()
        if name == "boston":
            return _boston()
        from keras import datasets

        train, test = getattr(datasets, name).load_data()
        return assembly.images(name, train, test, f"keras.datasets.{name}")


def _boston() -> Dataset:
    from keras.datasets import boston_housing

    (x, y), _ = boston_housing.load_data(test_split=0.0, seed=KERAS_BOSTON_SEED)
    shuffled = np.arange(len(x))
    np.random.RandomState(KERAS_BOSTON_SEED).shuffle(shuffled)
    table = np.empty((len(x), x.shape[1] + 1))
    table[shuffled] = np.column_stack([x, y])  # back to the published order
    return assembly.boston(table, "keras.datasets.boston_housing")


def _auto_mpg() -> Dataset:
    from sklearn.datasets import fetch_openml

    bunch = fetch_openml(name="autoMpg", version=1, as_frame=False, parser="liac-arff")
    # OpenML's names for the model year and for the target are its own.
    columns = [{"model_year": "model"}.get(c, c) for c in assembly.AUTO_MPG_COLUMNS[1:]]
    values = [_decoded(bunch.data, list(bunch.feature_names), bunch.categories, c) for c in columns]
    target = np.asarray(bunch.target, dtype=np.float64)
    return assembly.auto_mpg(np.column_stack([target, *values]), "OpenML autoMpg, version 1")


def _decoded(
    data: Float64[np.ndarray, "n d"],
    names: list[str],
    categories: dict[str, list[str]],
    column: str,
) -> Float64[np.ndarray, " n"]:
    # OpenML declares cylinders, model and origin nominal, and the parser replaces a nominal value
    # by its place in the declared list: 8 cylinders arrive as 0.
    values = data[:, names.index(column)]
    if column not in categories:
        return values
    meaning = np.array([float(category) for category in categories[column]])
    return meaning[values.astype(np.int64)]
