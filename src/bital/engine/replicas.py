"""Trained copies of one model, and what they are trained on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import keras
import numpy as np
from jaxtyping import Int

from bital.models.functional import Logs, State, write_state


@dataclass(frozen=True, eq=False)
class ReplicaData:
    """Rows for R replicas: one table for all of them, or one each."""

    rows: Any
    """(x, y) or (x, y, sample_weight): pytrees of arrays, (n, ...) or with `own` (R, n, ...)"""
    held_out: Any = None
    """rows to validate on, likewise; None without validation"""
    train: Int[np.ndarray, "replicas n_train"] | None = None
    """row numbers each replica trains on; None: all"""
    validation: Int[np.ndarray, "replicas n_validation"] | None = None
    """row numbers of `held_out` each replica validates on; None: all"""
    own: bool = False
    """whether each replica has its own arrays"""
    scored: Mapping[str, Int[np.ndarray, "replicas n_scored"]] = field(default_factory=dict)
    """by name, row numbers of `held_out` to measure each trained replica on"""

    def one(self, arrays: Any) -> Any:
        """Return one replica's arrays."""
        return jax.tree.map(lambda a: a[0], arrays) if self.own else arrays

    @property
    def train_rows(self) -> int:
        """Number of rows each replica trains on."""
        return self._count(self.rows, self.train)

    @property
    def validation_rows(self) -> int:
        """Number of rows each replica validates on."""
        return self._count(self.held_out, self.validation)

    def _count(self, arrays: Any, chosen: Any) -> int:
        if arrays is None:
            return 0
        return int(
            chosen.shape[1] if chosen is not None else len(jax.tree.leaves(self.one(arrays))[0])
        )


class Trained(NamedTuple):
    """One trained copy."""

    history: keras.callbacks.History
    state: State
    scores: dict[str, Logs]
    """as in `Replicas.scores`"""
    train_seconds: float = 0.0
    """its share of the wall time of training, validation and measuring"""
    compile_seconds: float = 0.0
    """its share of building, tracing and compiling"""
    packed: bool = False
    """True: at once with others; False: in turn"""


@dataclass(frozen=True, eq=False)
class Replicas:
    """Trained copies of a model, in the order of their seeds."""

    seeds: tuple[int, ...]
    hyper: dict[str, tuple[float, ...]]
    """hyperparameters that were set, one value a replica"""
    history: list[keras.callbacks.History]
    """one a replica, as `keras.Model.fit` returns it: `history[r].history["loss"]`; a replica that
    stopped early has fewer epochs, one that diverged NaN"""
    callbacks: list[list[Any]]
    """each replica's own callbacks, as training left them"""
    train_seconds: float
    """wall time of training, validation and measuring"""
    compile_seconds: float
    """time of building, tracing and compiling, which may have run beside other work"""
    packed: bool
    """True: several replicas in one call of a program; False: in turn"""
    scores: list[dict[str, Logs]]
    """loss and metrics of each trained copy, as `keras.Model.evaluate` returns them, by the name
    of the rows in `ReplicaData.scored`"""
    states: list[State]
    """the values of each replica's variables"""
    structure: keras.Model
    """the model whose variables these are values of; it does not have any replica's"""
    remake: Callable[[int], keras.Model] = field(repr=False)
    """makes a model like a replica's"""

    def __len__(self) -> int:
        return len(self.seeds)

    @property
    def weights(self) -> list[list[np.ndarray]]:
        """Each replica's weights, in the order of `keras.Model.get_weights`."""
        variables = (*self.structure.trainable_variables, *self.structure.non_trainable_variables)
        at = {id(variable): i for i, variable in enumerate(variables)}
        order = [at[id(weight)] for weight in self.structure.weights]
        every = [(*state.trainable, *state.non_trainable) for state in self.states]
        return [[np.array(values[i]) for i in order] for values in every]

    def model(self, replica: int) -> keras.Model:
        """Return a new compiled model with a replica's weights, optimizer and hyperparameters.

        Args:
            replica: its number, from 0.
        """
        model = self.remake(range(len(self))[replica])
        # Copies: Keras's next step on the model ends the life of the arrays it is given.
        write_state(model, jax.tree.map(np.array, self.states[replica]))
        return model
