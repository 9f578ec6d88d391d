"""Layers connected as a file says: the calls of a functional model, made again."""

from collections.abc import Callable
from typing import Any

import keras

from bital.errors import InvalidInput

CONSTANT = "_CONSTANT_VALUE"


class _Waits(Exception):
    """A call whose input does not exist yet."""


def connected(config: dict[str, Any], made: Callable[[dict[str, Any]], Any], kind: Any) -> Any:
    """Return a functional model.

    Args:
        config: `layers` with their `inbound_nodes`, `input_layers`, `output_layers`.
        made: a layer from its {class_name, config}.
        kind: the model's class, called with inputs, outputs and name.
    """
    layers = {
        stored["name"]: _with_name(made(stored), stored["name"]) for stored in config["layers"]
    }
    calls = _Calls(layers)
    waiting = {
        stored["name"]: list(map(_arguments, stored["inbound_nodes"]))
        for stored in config["layers"]
    }
    while any(waiting.values()):
        if not sum(calls.make(name, nodes) for name, nodes in waiting.items()):
            left = [name for name, nodes in waiting.items() if nodes]
            raise InvalidInput(
                "every layer in a model file must be reachable from an input; these are not: "
                f"{', '.join(left)}. The file is damaged, or not a model's."
            )
    try:
        inputs, outputs = (calls.tensors(config[k]) for k in ("input_layers", "output_layers"))
    except _Waits:
        raise InvalidInput(
            "a model's inputs and outputs in a model file must be calls of its layers; these are "
            f"not: {str(config['output_layers'])[:80]}. The file is damaged, or not a model's."
        ) from None
    model = kind(inputs=_single(inputs), outputs=_single(outputs), name=config.get("name"))
    if config.get("trainable") is False:
        model.trainable = False
    return model


class _Calls:
    """The outputs of every call so far, by layer."""

    def __init__(self, layers: dict[str, Any]) -> None:
        self._layers = layers
        self._outputs: dict[str, list[Any]] = {
            name: [layer.output] if isinstance(layer, keras.layers.InputLayer) else []
            for name, layer in layers.items()
        }

    def make(self, name: str, nodes: list[Any]) -> int:
        """Make the calls of a layer that can be made, in order; return how many."""
        done = 0
        while nodes:
            try:
                positional, named = self._resolved(nodes[0])
            except _Waits:
                break
            layer = self._layers[name]
            if isinstance(layer, keras.layers.RNN | keras.layers.Bidirectional):
                positional, named = _states_named(positional, named)
            self._outputs[name].append(layer(*positional, **named))
            nodes.pop(0)
            done += 1
        return done

    def tensors(self, places: Any) -> Any:
        """Return the tensors at [layer, call, index], nested as the places are."""
        if _is_place(places):
            return self._tensor(*places[:3])
        if isinstance(places, dict):
            return {k: self.tensors(v) for k, v in places.items()}
        return [self.tensors(v) for v in places]

    def _resolved(self, node: tuple[list[Any], dict[str, Any]]) -> Any:
        places, named = node
        positional = [
            place[2] if place[0] == CONSTANT else self._tensor(*place[:3]) for place in places
        ]
        return (
            [positional[0] if len(positional) == 1 else positional],
            {k: self._value(v) for k, v in named.items()},
        )

    def _value(self, value: Any) -> Any:
        if _is_place(value) and (value[0] in self._layers or value[0] == CONSTANT):
            return value[2] if value[0] == CONSTANT else self._tensor(*value[:3])
        if isinstance(value, list):
            return [self._value(v) for v in value]
        return value

    def _tensor(self, name: str, call: int, index: int) -> Any:
        outputs = self._outputs[name]
        if isinstance(self._layers[name], keras.Model) and call:
            call -= 1  # a model's first call was counted when it was made
        if call >= len(outputs):
            raise _Waits
        found = outputs[call]
        flat = keras.tree.flatten(found)
        return flat[index]


def _arguments(node: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return the tensors' places and the keyword arguments of one call."""
    if node and isinstance(node[0], str):  # a call of one tensor, as tf.keras 1.13 may write it
        node = [node]
    named: dict[str, Any] = {}
    for place in node:
        if len(place) == 4:
            named |= {k: v for k, v in place[3].items() if v is not None and k != "name"}
    return list(node), named


def _states_named(positional: list[Any], named: dict[str, Any]) -> Any:
    """Return an RNN's call with its states by name, as Keras 3 takes them."""
    first = positional[0]
    if isinstance(first, list):
        return [first[0]], {**named, "initial_state": first[1:]}
    return positional, named


def _is_place(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and isinstance(value[1], int)
    )


def _single(tensors: Any) -> Any:
    return tensors[0] if isinstance(tensors, list) and len(tensors) == 1 else tensors


def _with_name(layer: Any, name: str) -> Any:
    if layer.name != name:
        layer.name = name
    return layer
