"""Many clones of a model, their initial weights computed together."""

import copy
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras.src.initializers.random_initializers import RandomInitializer

from bital.engine.cache import remembered
from bital.errors import InvalidInput

MANY = 8  # clones from which on computing them together is worth a compilation
MOST_DRAWS = 10_000  # of Keras's seeds from Python's generator while it makes one model


class Seeded(NamedTuple):
    """A new model by its values."""

    trainable: list[Any]
    non_trainable: list[Any]
    optimizer: list[Any]
    numpy: Any = None
    """state of `numpy.random` once the model is made; None: as `numpy.random.seed` leaves it"""


def clones(model: keras.Model, seeds: Sequence[int]) -> list[Seeded]:
    """Return what `keras.models.clone_model(model)` gives under each seed.

    Where all of a clone's randomness is Keras's seeds from Python's generator, each of which one
    initializer or one `SeedGenerator` has, many are computed together.

    Raises:
        InvalidInput: the model is of a kind that Keras cannot clone.
    """
    if len(seeds) >= MANY:
        pattern = remembered(model, "clones", _Pattern)
        together: list[Seeded] | None = pattern.under(model, seeds)
        if together is not None:
            return together
    every = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        clone = cloned(model)
        every.append(values_of(clone)._replace(numpy=np.random.get_state()))
    return every


def values_of(model: keras.Model) -> Seeded:
    """Return a model's values, the optimizer's where it has one."""
    optimizer = getattr(model, "optimizer", None)
    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        optimizer.variables if optimizer is not None else [],
    )
    return Seeded(*([np.asarray(variable.value) for variable in group] for group in groups))


def cloned(model: keras.Model) -> keras.Model:
    """Return `keras.models.clone_model(model)`.

    Raises:
        InvalidInput: the model is of a kind that Keras cannot clone.
    """
    try:
        clone = keras.models.clone_model(model)
    except (ValueError, TypeError, NotImplementedError) as error:
        raise InvalidInput(
            "a model that is to be replicated must be one that keras.models.clone_model can copy; "
            f"{model.name!r} is not: {str(error).splitlines()[0]} "
            "Give a function that returns the compiled model instead."
        ) from error
    return clone


def check_built(model: keras.Model) -> None:
    """Raise unless a model has its weights."""
    if not all(layer.built for layer in model._flatten_layers()):
        raise InvalidInput(
            f"a model that is to be replicated must be built; {model.name!r} is not. "
            "Begin it with keras.Input, or give a function that returns the compiled model."
        )


class _Pattern:
    """Which draw of Python's generator seeds what in a clone of a model."""

    def __init__(self) -> None:
        self._compute: Callable[..., Any] | None = None
        self._known: bool | None = None

    def under(self, model: keras.Model, seeds: Sequence[int]) -> list[Seeded] | None:
        """Return the clones' values under these seeds; None where there is more to a clone.

        Args:
            model: what is cloned: the same one each time, or one of the same structure.
            seeds: for `keras.utils.set_random_seed`.
        """
        first = None if self._known is not None else self._learn(model, seeds[0])
        if self._known is False or self._compute is None:
            return None
        drawn = np.zeros((_rounded(len(seeds)), len(self._draws)), np.uint32)
        for line, seed in zip(drawn, seeds, strict=False):
            source = random.Random(seed)
            line[:] = [_default_seed(source) for _ in self._draws]
        groups = jax.tree.map(np.asarray, self._compute(drawn))
        if first is not None:  # what was computed is what Keras computed, or Keras computes them
            mine = [[a[0] for a in group] for group in groups]
            self._known = all(map(np.array_equal, jax.tree.leaves(mine), jax.tree.leaves(first)))
        if not self._known:
            return None
        weights, rest = groups
        return [
            Seeded([a[r] for a in weights], [a[r] for a in rest], []) for r in range(len(seeds))
        ]

    def _learn(self, model: keras.Model, seed: int) -> list[list[Any]]:
        """Make one clone, look what its draws became, and return its values."""
        keras.utils.set_random_seed(seed)
        before: Any = np.random.get_state()
        clone = cloned(model)
        after: Any = np.random.get_state()
        drawn = _draws_until(random.getstate(), seed)
        self._draws, self._claimed = drawn or [], set[int]()
        owners = {id(v): layer for layer in clone._flatten_layers() for v in layer.variables}
        groups = (clone.trainable_variables, clone.non_trainable_variables)
        self._plans = [[self._plan(v, owners[id(v)]) for v in group] for group in groups]
        all_claimed = self._claimed == set(range(len(self._draws)))
        if drawn and all_claimed and all(map(np.array_equal, before[1:3], after[1:3])):
            self._compute = jax.jit(jax.vmap(self._computed))
        else:
            self._known = False
        return [[np.asarray(v.value) for v in group] for group in groups]

    def _plan(self, variable: Any, layer: Any) -> Callable[[Any], Any]:
        """Return the function from a model's draws to this variable's value."""
        value = np.asarray(variable.value)
        if value.shape == (2,) and value.dtype == np.uint32 and int(value[0]) in self._draws:
            at = self._claim(int(value[0]))
            return lambda drawn: _key(drawn[at])
        shape, dtype = variable.shape, variable.dtype
        for initializer in vars(layer).values():
            if (
                not isinstance(initializer, RandomInitializer)
                or initializer.seed not in self._draws
            ):
                continue
            if np.array_equal(_drawn_by(initializer, shape, dtype), value):
                at = self._claim(initializer.seed)
                return lambda drawn: _with_seed(initializer, _key(drawn[at]))(shape, dtype=dtype)
        return lambda drawn: jnp.asarray(value)

    def _claim(self, seed: int) -> int:
        at = self._draws.index(seed)
        self._claimed.add(at)
        return at

    def _computed(self, drawn: Any) -> list[list[Any]]:
        return [[plan(drawn) for plan in group] for group in self._plans]


def _key(draw: Any) -> Any:
    """Return what `keras.src.random.seed_generator.draw_seed` makes of an integer."""
    return jnp.stack([draw, jnp.uint32(0)])


def _drawn_by(initializer: Any, shape: Any, dtype: Any) -> Any:
    """Return an initializer's values, or None where it is for other shapes."""
    try:
        return np.asarray(initializer(shape, dtype=dtype))
    except ValueError:
        return None


def _with_seed(initializer: Any, key: Any) -> Any:
    own = copy.copy(initializer)
    own.seed = key
    return own


def _draws_until(state: Any, seed: int) -> list[int] | None:
    """Return the seeds Keras has drawn since `seed`, or None if something else was drawn."""
    source, draws = random.Random(seed), list[int]()
    while source.getstate() != state:
        if len(draws) == MOST_DRAWS:
            return None
        draws.append(_default_seed(source))
    return draws


def _default_seed(source: random.Random) -> int:
    """Draw as `keras.src.random.seed_generator.make_default_seed` does."""
    return source.randint(1, int(1e9))


def _rounded(count: int) -> int:
    """Return a power of 2, so that few programs serve any number of seeds."""
    return 1 << (count - 1).bit_length()
