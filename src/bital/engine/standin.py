"""What a rule's callback talks to instead of the model, after epochs that are over already."""

from collections.abc import Callable
from typing import Any

import numpy as np


class Weights:
    """Stands for the model's weights at the end of an epoch until someone wants to see them."""

    def __init__(self, index: int) -> None:
        self.index = index


class StandIn:
    """A model seen at the end of one of several epochs that ran in one dispatch.

    Keras's own callbacks decide on it what to do; what they ask for beyond logs, the learning rate
    and whether to stop is brought from that epoch into the real model.

    Args:
        model: the real model.
        rates: learning rate in each of the epochs.
        bring: gives the model the state it had at the end of an epoch, by its index.
    """

    def __init__(self, model: Any, rates: list[float], bring: Callable[[int], None]) -> None:
        self._real, self._bring, self._brought = model, bring, -1
        self.index = 0
        """which of the epochs it is"""
        self.optimizer = _Optimizer(self, rates)

    def get_weights(self) -> Weights:
        """Return what stands for this epoch's weights."""
        return Weights(self.index)

    @property
    def stop_training(self) -> bool:
        """Whether training is to end after this epoch."""
        return bool(self._real.stop_training)

    @stop_training.setter
    def stop_training(self, stop: bool) -> None:
        self._real.stop_training = stop

    @property
    def metrics(self) -> Any:
        """The model's metrics: what they are called, not what they say."""
        return self._real.metrics

    def __getattr__(self, name: str) -> Any:
        if name == "jax_state_sync":  # Keras looks whether there is one
            raise AttributeError(name)
        if self._brought != self.index:
            self._bring(self.index)
            self._brought = self.index
        asked = self.optimizer.asked()
        if asked is not None:  # by a callback before this one
            self._real.optimizer.learning_rate = asked
        return getattr(self._real, name)


class _Optimizer:
    """Its learning rate."""

    def __init__(self, seen: StandIn, rates: list[float]) -> None:
        self._seen, self._rates = seen, rates
        self._asked: float | None = None

    def asked(self) -> float | None:
        """Return what a callback has set the rate to since `forget`, or None."""
        return self._asked

    def forget(self) -> None:
        """Take what was asked as done."""
        self._asked = None

    @property
    def learning_rate(self) -> Any:
        return np.float32(self._rates[self._seen.index])

    @learning_rate.setter
    def learning_rate(self, value: float) -> None:
        self._rates[self._seen.index] = value
        self._asked = float(np.float32(value))
