"""Values of symbolic tensors, found by carrying out what they were made by."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import keras
from keras import KerasTensor


def is_symbolic(value: Any) -> bool:
    """Whether a value is a Keras tensor without a value."""
    return isinstance(value, KerasTensor)


def node_of(tensor: Any) -> Any:
    """Return the call that made a tensor; None for one that was given."""
    history = getattr(tensor, "_keras_history", None)
    if history is None or history.operation is None:
        return None
    return history.operation._inbound_nodes[history.node_index]


def ordered(tensors: Iterable[Any], known: Iterable[int] = ()) -> list[Any]:
    """Return the calls that tensors follow from, each after what it needs.

    Args:
        tensors: symbolic.
        known: the `id` of tensors whose value is given, past which nothing is looked for.
    """
    have, done = set(known), set()
    order: list[Any] = []
    stack = [(tensor, False) for tensor in tensors if is_symbolic(tensor)][::-1]
    while stack:
        tensor, ready = stack.pop()
        node = node_of(tensor)
        if id(tensor) in have or node is None or id(node) in done:
            continue
        if ready or not node.arguments.keras_tensors:
            done.add(id(node))
            order.append(node)
            continue
        stack.append((tensor, True))
        stack.extend((one, False) for one in node.arguments.keras_tensors)
    return order


def values(
    tensors: Sequence[Any],
    given: Mapping[int, Any],
    training: bool | None = None,
    nudges: Mapping[int, Any] | None = None,
) -> list[Any]:
    """Return what tensors are.

    Args:
        tensors: symbolic ones, or values, which stay as they are.
        given: value by the `id` of the symbolic tensor.
        training: for layers that act differently.
        nudges: what is added to a tensor's value, by its `id`, to differentiate by it.

    Raises:
        ValueError: a tensor follows from an input that is not given.
    """
    nudges = nudges or {}
    have = {key: value + nudges[key] if key in nudges else value for key, value in given.items()}
    for node in ordered(tensors, have):
        if any(id(one) not in have for one in node.arguments.keras_tensors):
            continue
        if node.is_input:
            continue
        args, kwargs = node.arguments.fill_in(have)
        operation = node.operation
        if training is not None and getattr(operation, "_call_has_training_arg", False):
            kwargs = {**kwargs, "training": training}
        made = operation(*args, **kwargs)
        for tensor, value in zip(node.outputs, keras.tree.flatten(made), strict=True):
            nudged = value + nudges[id(tensor)] if id(tensor) in nudges else value
            have.setdefault(id(tensor), nudged)
    missing = [one for one in tensors if is_symbolic(one) and id(one) not in have]
    if missing:
        raise ValueError(
            "A tensor can be computed only from inputs that are given; "
            f"{missing[0].name} (shape {missing[0].shape}) follows from another. Add the Input it "
            "was made from to the inputs."
        )
    return [have[id(one)] if is_symbolic(one) else one for one in tensors]


def roots(tensors: Sequence[Any], known: Iterable[int] = ()) -> list[Any]:
    """Return the inputs that tensors follow from."""
    have = set(known)
    found: dict[int, Any] = {}
    for node in ordered(tensors, have):
        if node.is_input:
            found.update((id(one), one) for one in node.outputs)
    for tensor in [one for node in ordered(tensors, have) for one in node.arguments.keras_tensors]:
        if node_of(tensor) is None and id(tensor) not in have:
            found[id(tensor)] = tensor
    for tensor in tensors:
        if is_symbolic(tensor) and node_of(tensor) is None:
            found[id(tensor)] = tensor
    return list(found.values())


def variables(tensors: Sequence[Any]) -> list[Any]:
    """Return the variables that tensors follow from, weights of layers among them."""
    found: dict[int, Any] = {}
    for node in ordered(tensors):
        owned = list(getattr(node.operation, "variables", ()))
        if hasattr(node.operation, "reads"):
            owned += node.operation.reads
        used = keras.tree.flatten((node.arguments.args, node.arguments.kwargs))
        for one in [*owned, *used]:
            if isinstance(one, keras.Variable):
                found[id(one)] = one
    return list(found.values())
