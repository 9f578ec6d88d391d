"""Random numbers, also inside layers that are being compiled."""

from contextvars import ContextVar
from functools import wraps
from typing import Any

import keras
from jax._src import core
from keras import ops
from keras.src.random.seed_generator import global_seed_generator

from bital.compat.backend.state import variable
from bital.compat.patches import Patches
from bital.compat.tape.recorder import records_values

__all__ = [
    "random_bernoulli", "random_binomial", "random_normal", "random_normal_variable",
    "random_uniform", "random_uniform_variable", "truncated_normal",
]  # fmt: skip

_layer: ContextVar[Any] = ContextVar("layer", default=None)
_SEEDS = "_bital_seeds"


def patch_chance(patches: Patches) -> None:
    """Know the layer that is called, for its random numbers need a state that it keeps."""
    own = keras.layers.Layer.__call__

    @wraps(own)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        token = _layer.set(self)
        try:
            return own(self, *args, **kwargs)
        finally:
            _layer.reset(token)

    patches.set(keras.layers.Layer, "__call__", __call__)


def expect_chance(layer: Any) -> None:
    """Give a layer its generator before it is compiled, if its code speaks of random numbers.

    Inside a program that is being traced it would come too late to be part of the model's state.
    """
    functions = (getattr(type(layer), "call", None), layer.__dict__.get("function"))
    if any(_CHANCE & set(_words(getattr(one, "__code__", None))) for one in functions):
        token = _layer.set(layer)
        source()
        _layer.reset(token)


_CHANCE = {"random_normal", "random_uniform", "random_binomial", "random_bernoulli", "random",
           "truncated_normal", "dropout", "normal", "uniform"}  # fmt: skip


def _words(code: Any) -> tuple[str, ...]:
    if code is None:
        return ()
    inner = [word for one in code.co_consts if hasattr(one, "co_names") for word in _words(one)]
    return (*code.co_names, *inner)


def source(seed: Any = None) -> Any:
    """Return a seed for `keras.random`: in a layer a generator that the layer keeps."""
    layer = _layer.get()
    if seed is not None and not isinstance(seed, int):
        return seed
    if records_values():  # Keras would take a tape for a program that is being traced
        with core.set_current_trace(core.eval_trace):
            return global_seed_generator() if seed is None else keras.random.SeedGenerator(seed)
    if layer is None:
        return seed
    kept = layer.__dict__.setdefault(_SEEDS, {})
    if seed not in kept:
        kept[seed] = keras.random.SeedGenerator(seed)
        layer._seed_generators.append(kept[seed])
    return kept[seed]


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None,
    std: Any = None,
) -> Any:  # fmt: skip
    """Return normal numbers."""
    width = stddev if std is None else std
    return keras.random.normal(sizes(shape), mean, width, dtype=dtype, seed=source(seed))


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None,
    low: Any = None, high: Any = None,
) -> Any:  # fmt: skip
    """Return uniform numbers."""
    low, high = minval if low is None else low, maxval if high is None else high
    return keras.random.uniform(sizes(shape), low, high, dtype=dtype, seed=source(seed))


def random_binomial(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """Return ones with probability `p`, else zeros."""
    drawn = keras.random.uniform(sizes(shape), seed=source(seed))
    return ops.cast(drawn < p, dtype or keras.config.floatx())


random_bernoulli = random_binomial


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    """Return normal numbers within two standard deviations."""
    return keras.random.truncated_normal(sizes(shape), mean, stddev, dtype=dtype, seed=source(seed))


def random_normal_variable(
    shape: Any, mean: float, scale: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Return a variable of normal numbers."""
    return variable(random_normal(shape, mean, scale, seed=seed), dtype, name)


def random_uniform_variable(
    shape: Any, low: float, high: float, dtype: Any = None, name: Any = None, seed: Any = None
) -> Any:
    """Return a variable of uniform numbers."""
    return variable(random_uniform(shape, low, high, seed=seed), dtype, name)


def sizes(shape: Any) -> tuple[int, ...]:
    """Return a shape as a tuple of sizes that are known."""
    whole = tuple(shape) if not isinstance(shape, int) else (shape,)
    if any(n is None or isinstance(n, keras.KerasTensor) for n in whole):
        raise ValueError(
            f"A random tensor needs numbers for its shape; got {whole}. Draw it inside a Lambda or "
            "a layer's call, where the number of rows is known."
        )
    # A size of JAX's own, which stands for any number of rows, stays what it is.
    return tuple(int(n) if hasattr(n, "dtype") else n for n in whole)
