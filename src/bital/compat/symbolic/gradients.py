"""`K.gradients`: the derivative of a symbolic tensor as symbolic tensors."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
from keras import KerasTensor
from keras.src.ops.operation import Operation

from bital.compat.symbolic.graph import is_symbolic, ordered, roots, values, variables


class HasValue(TypeError):
    """What is to be differentiated is a value, which does not know what it follows from."""


class Gradients(Operation):
    """The gradient of the sum of a loss by tensors or variables, given the loss's inputs.

    Args:
        loss: symbolic.
        sources: symbolic tensors or variables that the loss follows from.
    """

    def __init__(self, loss: Any, sources: list[Any]) -> None:
        super().__init__()
        self.loss, self.sources = loss, sources
        self.tensors = [one for one in sources if is_symbolic(one)]
        self.inputs = roots([loss, *self.tensors])
        self.reads = variables([loss, *self.tensors])
        self._call_has_training_arg = True

    def compute_output_spec(self, *inputs: Any, training: bool | None = None) -> list[Any]:
        """Return a tensor like each source."""
        return [KerasTensor(one.shape, dtype=one.dtype) for one in self.sources]

    def call(self, *inputs: Any, training: bool | None = None) -> list[Any]:
        """Return the gradients."""
        given = {id(t): v for t, v in zip(self.inputs, inputs, strict=True)}
        at = values(self.tensors, given, training)
        weights = [one for one in self.sources if not is_symbolic(one)]
        # A scope starts without what the one around it knows: the values being trained among it.
        around = [(one, one.value) for one in self.reads]

        def total(nudges: list[Any], held: list[Any]) -> Any:
            moved = {id(t): v for t, v in zip(self.tensors, nudges, strict=True)}
            mapping = [*around, *zip(weights, held, strict=True)]
            with keras.StatelessScope(state_mapping=mapping):
                return jnp.sum(values([self.loss], given, training, moved)[0])

        none = [jnp.zeros_like(value) for value in at]
        of_tensors, of_weights = jax.grad(total, argnums=(0, 1))(none, [w.value for w in weights])
        one, other = iter(of_tensors), iter(of_weights)
        return [next(one) if is_symbolic(source) else next(other) for source in self.sources]


def gradients(loss: Any, variables: Any) -> list[Any]:
    """Return the gradient of the sum of `loss` by each of `variables`; None where none flows.

    Args:
        loss: a symbolic tensor, or a list of them.
        variables: symbolic tensors or Keras variables, alone or in a list.

    Raises:
        HasValue: the loss has a value already.
    """
    sources = list(variables) if isinstance(variables, list | tuple) else [variables]
    if isinstance(loss, list | tuple):
        loss = sum(loss[1:], loss[0])
    if not is_symbolic(loss):
        raise HasValue(
            "K.gradients differentiates symbolic tensors; the loss is a value already: "
            f"{type(loss).__name__}. Compute it from a model's outputs, or use tf.GradientTape."
        )
    reached = _reached(loss, sources)
    wanted = [one for one, is_reached in zip(sources, reached, strict=True) if is_reached]
    if not wanted:
        return [None] * len(sources)
    operation = Gradients(loss, wanted)
    made = iter(operation.symbolic_call(*operation.inputs))
    return [next(made) if is_reached else None for is_reached in reached]


def _reached(loss: Any, sources: list[Any]) -> list[bool]:
    tensors = {id(loss)}
    for node in ordered([loss]):
        tensors.update(id(one) for one in node.arguments.keras_tensors)
        tensors.update(id(one) for one in node.outputs)
    read = {id(one) for one in variables([loss])}
    return [id(one) in (tensors if is_symbolic(one) else read) for one in sources]
