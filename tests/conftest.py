"""Keras on JAX before anything imports it, compiled programs in a folder of this session's own."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

os.environ["KERAS_BACKEND"] = "jax"


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """BITAL_CACHE and BITAL_STORE, so that no test reads or leaves what is another session's."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITAL_CACHE", str(folder))
        patch.setenv("BITAL_STORE", str(folder / "bital.db"))
        yield folder


@pytest.fixture(scope="session")
def mnist() -> tuple[np.ndarray, np.ndarray]:
    """The first 256 images of MNIST, (n, 28, 28, 1) from 0 to 1, and their classes."""
    path = Path(os.environ.get("BITAL_DATA", "")) / "mnist" / "mnist.npz"
    if not os.environ.get("BITAL_DATA") or not path.is_file():
        pytest.skip("needs real data: set BITAL_DATA to a folder that holds mnist/mnist.npz")
    with np.load(path) as arrays:
        x, y = arrays["x_train"][:256], arrays["y_train"][:256]
    return (x[..., np.newaxis] / 255).astype(np.float32), y.astype(np.int32)
