"""Training or not, as Keras 1 and 2 kept it: the learning phase."""

from typing import Any

from keras.src.backend.common import global_state

_phase: dict[str, Any] = {"value": None}


class LearningPhase(int):
    """0 or 1; among a function's inputs it stands for what the function is told."""


def learning_phase() -> LearningPhase:
    """Return the phase: what was set, else what runs at the moment, else 0."""
    return LearningPhase(phase())


def phase() -> int:
    """Return 1 in training, else 0."""
    if _phase["value"] is not None:
        return int(_phase["value"])
    context = global_state.get_global_attribute("current_call_ctx")
    return int(bool(getattr(context, "training", None)))


def set_phase(value: Any) -> None:
    """Fix the phase; None lets go of it."""
    if value not in (0, 1, None):
        raise ValueError(f"The learning phase is 0 (test) or 1 (training); got {value!r}.")
    _phase["value"] = value
