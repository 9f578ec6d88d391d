"""One replica's callbacks, and the model as they see it."""

import copy
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from bital.engine.callbacks import cast, rate_index
from bital.engine.rules import Rule, rule_of
from bital.engine.standin import Weights
from bital.errors import InvalidInput
from bital.models.functional import Logs

SUPPORTED = (
    keras.callbacks.EarlyStopping,
    keras.callbacks.ReduceLROnPlateau,
    keras.callbacks.TerminateOnNaN,
)


def check_callbacks(callbacks: Sequence[Any], model: keras.Model) -> None:
    """Raise unless replicas can have these callbacks.

    Args:
        callbacks: the user's, flat.
        model: what the replicas are copies of.

    Raises:
        InvalidInput: one looks at more than logs, or ends all replicas at once.
    """
    for callback in callbacks:
        name = type(callback).__name__
        if type(callback) not in SUPPORTED:
            supported = ", ".join(each.__name__ for each in SUPPORTED)
            raise InvalidInput(
                f"callbacks of replicas must be {supported}, which decide from logs; got {name}. "
                "Look at the result's history and models afterwards, or use bital.fit."
            )
        if getattr(callback, "raise_error", False):
            raise InvalidInput(
                f"{name}(raise_error=True) would end every replica with one that diverges. "
                "Leave raise_error out: a replica that diverged says so in its history."
            )
        if hasattr(callback, "min_lr") and rate_index(model) is None:
            raise InvalidInput(f"{name} needs a learning rate that is a number; it has a schedule.")
        if not hasattr(callback, "monitor") and not cast([callback], model).terminates:
            raise InvalidInput(
                f"{name} of replicas needs Keras's own steps, whose loss is a mean; "
                f"{type(model).__name__} has its own. Leave it out."
            )


class Seat:
    """What `keras.Model.fit` is to its callbacks, for one replica.

    Each replica has its own copies: those the user gave are left alone.

    Args:
        model: the structure that the replicas share.
        callbacks: the user's; see `check_callbacks`.
        rate: learning rate to begin with; None where a schedule gives it.
    """

    def __init__(self, model: keras.Model, callbacks: Sequence[Any], rate: float | None) -> None:
        self.stop_training = False
        self.metrics = model.metrics
        self.optimizer = _Rate(rate)
        self.epoch = 0
        """the next one"""
        self.history: Logs = {}
        self.restored: Weights | None = None
        """the epoch whose weights this replica ends with; None: its last"""
        self.callbacks = [copy.copy(callback) for callback in callbacks]
        self.rules: list[Rule] = []
        for callback in self.callbacks:
            callback.verbose = 0
            callback.set_model(self)
            callback.on_train_begin()
            self.rules.append(rule_of(callback))
            self._quicken(callback)
        self.ends_at_nan = any(
            type(callback) is keras.callbacks.TerminateOnNaN for callback in self.callbacks
        )
        """whether a loss that is not finite ends training"""
        self._told = [c for c in self.callbacks if hasattr(c, "monitor")]

    def tell(self, logs: Logs) -> None:
        """Tell of the next epoch's end."""
        for callback in self._told:
            callback.on_epoch_end(self.epoch, logs)
        for key, value in logs.items():
            self.history.setdefault(key, []).append(value)
        self.epoch += 1

    def end(self) -> None:
        """Tell that training has ended."""
        for callback in self.callbacks:
            callback.on_train_end()

    def get_weights(self) -> Weights:
        """Return what stands for this epoch's weights."""
        return Weights(self.epoch)

    def set_weights(self, weights: Weights) -> None:
        """Remember whose weights are wanted."""
        self.restored = weights

    @staticmethod
    def _quicken(callback: Any) -> None:
        """Let it compare as Keras's operations do, in float32, but without a call of JAX."""
        compare = getattr(callback, "monitor_op", None)
        if compare is keras.ops.less:
            callback.monitor_op = lambda a, b: np.float32(a) < np.float32(b)
        elif compare is keras.ops.greater:
            callback.monitor_op = lambda a, b: np.float32(a) > np.float32(b)


class _Rate:
    """The optimizer's learning rate."""

    def __init__(self, rate: float | None) -> None:
        self._rate = np.float32(np.nan if rate is None else rate)
        self.asked = False
        """whether a callback has set it since"""

    @property
    def learning_rate(self) -> Any:
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._rate, self.asked = np.float32(value), True
