"""Callbacks that only decide from logs, as pure functions inside the compiled loop.

A rule watches training where no host does: it keeps what its callback would keep and halts the
loop after an epoch in which the callback would act. The callback itself then acts, on the host. A
rule that halts too early costs a dispatch, one that halts too late is found out by its callback
(see `standin.py`): neither changes the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax import lax

from bital.models.functional import State


class Moment(NamedTuple):
    """What a rule sees at the end of an epoch; all but `state` are scalars."""

    epoch: Any
    """int32, counted from 0"""
    value: Any
    """float32: what the rule monitors"""
    known: Any
    """bool: whether it was computed in this epoch"""
    state: State


class Rule(Protocol):
    """A pure `init/update` pair; frozen and hashable, since programs are kept by it."""

    @property
    def monitor(self) -> str:
        """The log it looks at."""

    def init(self, state: State) -> Any:
        """Return the carry that stands for "no epoch yet"."""

    def update(self, carry: Any, moment: Moment) -> tuple[Any, Any]:
        """Return the carry after an epoch and whether to halt, a bool scalar."""


class Best(NamedTuple):
    """The carry of the rules that look for the best epoch."""

    value: Any
    """float32"""
    any: Any
    """bool: whether there is a best value yet"""
    wait: Any
    """int32: epochs without improvement"""
    cooldown: Any
    """int32: epochs to go before waiting counts"""
    armed: Any
    """bool: whether there is anything left to do when patience ends"""
    epoch: Any
    """int32: of the weights kept"""
    weights: Any
    """trainable and non-trainable values of that epoch, or None"""


@dataclass(frozen=True)
class Improvement:
    """What counts as better: above or below, by more than `delta`."""

    up: bool
    delta: float
    """with Keras's sign: negative when lower is better"""

    def over(self, value: Any, reference: Any) -> Any:
        """Whether `value` is better than `reference`."""
        past = value - jnp.float32(self.delta)
        return past > reference if self.up else past < reference


@dataclass(frozen=True)
class Stop:
    """`keras.callbacks.EarlyStopping`."""

    monitor: str
    better: Improvement
    patience: int
    baseline: float | None
    keep: bool
    """restore_best_weights"""
    start: int
    """start_from_epoch"""

    def init(self, state: State) -> Best:
        """Return the carry before the first epoch."""
        weights = (state.trainable, state.non_trainable) if self.keep else None
        return _nothing(weights)

    def update(self, carry: Best, moment: Moment) -> tuple[Best, Any]:
        """Halt where patience ends; keep the best epoch's weights."""
        active = moment.known & (moment.epoch >= self.start)
        improved = active & (~carry.any | self.better.over(moment.value, carry.value))
        taken = improved | (active & (carry.epoch < 0))
        fresh = improved
        if self.baseline is not None:
            fresh &= self.better.over(moment.value, jnp.float32(self.baseline))
        wait = jnp.where(fresh, 0, carry.wait + active)
        stop = active & ~improved & (wait >= self.patience) & (moment.epoch > 0)
        weights = carry.weights
        if self.keep:
            now = (moment.state.trainable, moment.state.non_trainable)
            weights = jax.tree.map(lambda new, old: jnp.where(taken, new, old), now, weights)
        kept = Best(
            jnp.where(improved, moment.value, carry.value),
            carry.any | improved,
            wait,
            carry.cooldown,
            carry.armed,
            jnp.where(taken, moment.epoch, carry.epoch),
            weights,
        )
        return kept, stop


@dataclass(frozen=True)
class Plateau:
    """`keras.callbacks.ReduceLROnPlateau`: halts where the rate is to be reduced."""

    monitor: str
    better: Improvement
    patience: int

    def init(self, state: State) -> Best:
        """Return the carry before the first epoch."""
        return _nothing(None)

    def update(self, carry: Best, moment: Moment) -> tuple[Best, Any]:
        """Halt where patience ends outside a cooldown."""
        cooling = carry.cooldown > 0
        cooldown = jnp.where(moment.known & cooling, carry.cooldown - 1, carry.cooldown)
        wait = jnp.where(moment.known & cooling, 0, carry.wait)
        improved = moment.known & (~carry.any | self.better.over(moment.value, carry.value))
        waiting = moment.known & ~improved & (cooldown <= 0)
        wait = jnp.where(improved, 0, wait + waiting)
        kept = carry._replace(
            value=jnp.where(improved, moment.value, carry.value),
            any=carry.any | improved,
            wait=wait,
            cooldown=cooldown,
        )
        return kept, carry.armed & waiting & (wait >= self.patience)


@dataclass(frozen=True)
class Record:
    """`keras.callbacks.ModelCheckpoint` with `save_best_only`: halts at each new best value."""

    monitor: str
    better: Improvement

    def init(self, state: State) -> Best:
        """Return the carry before the first epoch."""
        return _nothing(None)

    def update(self, carry: Best, moment: Moment) -> tuple[Best, Any]:
        """Halt where a file is to be written."""
        improved = ~carry.any | self.better.over(moment.value, carry.value)
        kept = carry._replace(
            value=jnp.where(improved, moment.value, carry.value), any=carry.any | improved
        )
        return kept, improved | ~moment.known


@dataclass(frozen=True)
class Finite:
    """`keras.callbacks.TerminateOnNaN`: halts where the loss is not a number any more."""

    monitor: str = "loss"

    def init(self, state: State) -> Any:
        """Return the carry, which is nothing."""
        return ()

    def update(self, carry: Any, moment: Moment) -> tuple[Any, Any]:
        """Halt at NaN and infinity, which a running mean never leaves again."""
        return carry, ~jnp.isfinite(moment.value)


def rule_of(callback: Any) -> Rule:
    """Return the rule that one of Keras's callbacks follows, its model built."""
    kind = type(callback)
    if kind is keras.callbacks.TerminateOnNaN:
        return Finite()
    if callback.monitor_op is None:
        callback._set_monitor_op()
    up = callback.monitor_op is keras.ops.greater
    better = Improvement(up, float(callback.min_delta))
    if kind is keras.callbacks.EarlyStopping:
        return Stop(
            callback.monitor,
            better,
            callback.patience,
            None if callback.baseline is None else float(callback.baseline),
            bool(callback.restore_best_weights),
            callback.start_from_epoch,
        )
    if kind is keras.callbacks.ReduceLROnPlateau:
        return Plateau(callback.monitor, better, callback.patience)
    return Record(callback.monitor, better)


def resumed(rule: Rule, callback: Any, state: State, rate: float | None) -> Any:
    """Return the carry that says what the callback knows by now.

    Args:
        rule: what `rule_of` said of the callback.
        callback: the callback.
        state: the model's state.
        rate: the learning rate; None where a schedule gives it.
    """
    carry = rule.init(state)
    if not isinstance(carry, Best):
        return carry
    best = callback.best
    kept = getattr(callback, "best_weights", None) is not None
    return carry._replace(
        value=np.float32(0 if best is None else best),
        any=np.bool_(best is not None),
        wait=np.int32(getattr(callback, "wait", 0)),
        cooldown=np.int32(getattr(callback, "cooldown_counter", 0)),
        armed=np.bool_(rate is None or rate > np.float32(getattr(callback, "min_lr", -1))),
        # The weights themselves stay with the callback: those here stand for "none better yet".
        epoch=np.int32(callback.best_epoch if kept else -1),
    )


def watch(
    rules: Sequence[Rule], carries: tuple[Any, ...], moment_of: Any
) -> tuple[tuple[Any, ...], Any]:
    """Update every rule at the end of an epoch; return the carries and whether any halts.

    Args:
        rules: the rules.
        carries: one a rule.
        moment_of: what a rule sees, by the name of what it monitors.
    """
    pairs = [
        rule.update(carry, moment_of(rule.monitor))
        for rule, carry in zip(rules, carries, strict=True)
    ]
    halt = jnp.bool_(False)
    for _, halts in pairs:
        halt = lax.bitwise_or(halt, halts)
    return tuple(carry for carry, _ in pairs), halt


def _nothing(weights: Any) -> Best:
    zero = np.int32(0)
    return Best(np.float32(0), np.bool_(False), zero, zero, np.bool_(True), np.int32(-1), weights)
