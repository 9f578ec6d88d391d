"""Layers whose `call` differentiates what they were given, carried out on the model's tensors.

Keras 3 calls a layer on values that do not know what they follow from; Keras 2 called it once, on
the tensors themselves.
"""

from functools import wraps
from typing import Any

import keras

from bital.compat.notes import note
from bital.compat.patches import Patches
from bital.compat.symbolic.graph import is_symbolic

_WORD = "gradients"


class Carried(keras.layers.Layer):
    """Stands in a model for a layer that was carried out on symbolic tensors.

    Args:
        layer: its weights are the model's.
    """

    def __init__(self, layer: Any) -> None:
        super().__init__(name=layer.name, dtype=layer.dtype_policy)
        self.layer = layer

    def build(self, input_shape: Any) -> None:
        """The layer has its weights."""

    def call(self, inputs: Any) -> Any:
        """Return what the layer made."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape


def patch_calls(patches: Patches) -> None:
    """Let `K.gradients` in a layer's `call` see the tensors of the model."""
    own = keras.layers.Layer.__call__

    @wraps(own)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if not _differentiates(self) or not any(
            map(is_symbolic, keras.tree.flatten((args, kwargs)))
        ):
            return own(self, *args, **kwargs)
        note("K.gradients in a layer", "a model of its own, in a train_step with jax.grad")
        if not self.built:
            first = next(iter((*args, *kwargs.values())))
            self.build(keras.tree.map_structure(lambda one: one.shape, first))
            self.built = True
        return Carried(self)(self.call(*args, **kwargs))

    patches.set(keras.layers.Layer, "__call__", __call__)


def _differentiates(layer: Any) -> bool:
    code = (getattr(type(layer), "call", None), layer.__dict__.get("function"))
    return any(_WORD in getattr(getattr(one, "__code__", None), "co_names", ()) for one in code)
