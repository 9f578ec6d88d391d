"""Activations that Keras 3 computes otherwise than Keras 1 and 2."""

from typing import Any

from keras import ops
from keras.saving import register_keras_serializable


@register_keras_serializable("bital")  # type: ignore[untyped-decorator]
def hard_sigmoid(x: Any) -> Any:
    """Return 0.2 x + 0.5 between 0 and 1, the one of Keras 1 and 2 (Keras 3 has x / 6 + 0.5)."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)
