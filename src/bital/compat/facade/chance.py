"""`tf.random`."""

from contextvars import ContextVar
from typing import Any

import keras
from keras import ops

from bital.compat.backend.chance import sizes, source
from bital.compat.facade.absent import absent
from bital.compat.facade.dataset import not_for_all

__getattr__ = absent("tf.random")

_seeding: ContextVar[bool] = ContextVar("seeding", default=False)


def set_seed(seed: int) -> None:
    """Fix the seed of Python, NumPy and Keras."""
    if not _seeding.get():  # Keras calls back where TensorFlow is installed
        token = _seeding.set(True)
        keras.utils.set_random_seed(int(seed))
        _seeding.reset(token)


set_random_seed = set_seed


def normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
           seed: Any = None, name: Any = None) -> Any:  # fmt: skip
    """Return normal numbers."""
    not_for_all()
    made = keras.random.normal(sizes(shape), 0.0, 1.0, dtype=str(dtype), seed=source(seed))
    return made * stddev + mean


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
                     seed: Any = None, name: Any = None) -> Any:  # fmt: skip
    """Return normal numbers within two standard deviations."""
    not_for_all()
    return keras.random.truncated_normal(
        sizes(shape), mean, stddev, dtype=str(dtype), seed=source(seed)
    )


def uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32",
            seed: Any = None, name: Any = None) -> Any:  # fmt: skip
    """Return uniform numbers, whole ones for a whole type."""
    not_for_all()
    if "int" in str(dtype):
        return keras.random.randint(
            sizes(shape), int(minval), int(maxval), dtype=str(dtype), seed=source(seed)
        )
    high = 1.0 if maxval is None else maxval
    drawn = keras.random.uniform(sizes(shape), dtype=str(dtype), seed=source(seed))
    return drawn * (high - minval) + minval


def categorical(logits: Any, num_samples: int, dtype: Any = "int64", seed: Any = None,
                name: Any = None) -> Any:  # fmt: skip
    """Draw classes."""
    not_for_all()
    return keras.random.categorical(logits, num_samples, dtype="int32", seed=source(seed))


multinomial = categorical


def shuffle(value: Any, seed: Any = None, name: Any = None) -> Any:
    """Return rows in another order."""
    not_for_all()
    return keras.random.shuffle(ops.convert_to_tensor(value), axis=0, seed=source(seed))


def gamma(shape: Any, alpha: Any, beta: Any = 1.0, dtype: Any = "float32", seed: Any = None) -> Any:
    """Return gamma-distributed numbers."""
    not_for_all()
    return keras.random.gamma(sizes(shape), alpha, dtype=str(dtype), seed=source(seed)) / beta


class Generator:
    """Draws numbers from a state of its own (`tf.random.Generator`)."""

    def __init__(self, seed: Any = None) -> None:
        self._seed = keras.random.SeedGenerator(seed)

    @classmethod
    def from_seed(cls, seed: int, alg: Any = None) -> "Generator":
        """Return one that begins at a seed."""
        return cls(seed)

    @classmethod
    def from_non_deterministic_state(cls, alg: Any = None) -> "Generator":
        """Return one that begins anywhere."""
        return cls()

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = "float32",
               name: Any = None) -> Any:  # fmt: skip
        """Return normal numbers."""
        return normal(shape, mean, stddev, dtype, self._seed)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = "float32",
                name: Any = None) -> Any:  # fmt: skip
        """Return uniform numbers."""
        return uniform(shape, minval, maxval, dtype, self._seed)
