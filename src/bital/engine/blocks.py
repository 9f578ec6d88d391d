"""Chains of layers in a Keras model's graph that one kernel carries out."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import RLock
from typing import Any, NamedTuple

import jax.numpy as jnp
import keras
from jax import lax
from keras import activations, layers
from keras.src.models.functional import Functional

from bital.engine.originals import editions
from bital.kernels import library
from bital.kernels.conv_block import conv_block

_TRACING = RLock()


class _Link(NamedTuple):
    """A layer and the arguments, besides the tensor, that the graph calls it with."""

    layer: Any
    arguments: dict[str, Any]


class Block:
    """A convolution and what follows it: batch normalization, ReLU, 2x2 max-pooling.

    It stands where the convolution stands in the graph and gives what the last layer would.
    """

    _call_context_args = frozenset({"training"})  # Keras hands a layer what is named here

    def __init__(self, links: list[_Link]) -> None:
        self.layers = [link.layer for link in links]
        self._links = links
        self._by_type = {type(link.layer): link for link in links}

    def __call__(self, x: Any, training: bool | None = None) -> Any:
        """Return the last layer's output on images."""
        conv: Any = self.layers[0]
        norm = self._by_type.get(layers.BatchNormalization)
        if x.dtype != jnp.float32 or (norm is not None and _learns(norm, training)):
            return self._in_turn(x, training)
        weights = keras.ops.convert_to_tensor(conv.kernel)
        bias = keras.ops.convert_to_tensor(conv.bias) if conv.use_bias else None
        if norm is not None:
            weights, bias = _folded(weights, bias, norm.layer)
        return conv_block(
            x,
            weights,
            bias,
            padding=conv.padding,
            relu=conv.activation is activations.relu or any(map(_is_relu, self.layers[1:])),
            pool=layers.MaxPooling2D in self._by_type,
        )

    def _in_turn(self, x: Any, training: bool | None) -> Any:
        """Return what the layers give without the kernel, but for the convolution alone."""
        alone = len(self._links) > 1 and x.dtype == jnp.float32
        for number, (layer, arguments) in enumerate(self._links):
            if number == 0 and alone:
                x = Block(self._links[:1])(x)
                continue
            wants = training is not None and type(layer) is layers.BatchNormalization
            x = layer(x, **arguments | ({"training": training} if wants else {}))
        return x


def blocks(model: keras.Model) -> list[tuple[Functional, list[Block]]]:
    """Return, for each graph in a model, the chains that a kernel carries out.

    A chain is a convolution with stride 1 in float32 and the layers after it, as long as each is
    the only one to read the one before, stands in the graph once and has nothing a kernel knows
    nothing of. Nested models have graphs of their own. There are none where `BITAL_KERNELS` asks
    for none or there is no compiled kernel.
    """
    if library.mode() != "native" or library.why_not():
        return []
    graphs = {id(graph): graph for graph in _graphs(model)}
    found = [(graph, _chains(graph)) for graph in graphs.values()]
    return [(graph, chains) for graph, chains in found if chains]


def kernels_used(model: keras.Model) -> str:
    """Return what the model's operations run on, as far as it is built.

    "off": XLA's own operations as they are; "jax": slow ones replaced by others; or, for instance,
    "native (avx2): conv2d + max_pooling2d, conv2d_1": one compiled kernel for each of these.
    """
    found = [block for _, chains in blocks(model) for block in chains]
    if not found:
        return "off" if library.mode() == "off" else "jax"
    names = ", ".join(" + ".join(layer.name for layer in block.layers) for block in found)
    return f"native ({library.instructions()}): {names}"


@contextmanager
def routed(model: keras.Model) -> Iterator[None]:
    """Let the model's graphs run through `blocks` while a step is traced."""
    with _TRACING:
        found = blocks(model)
        try:
            for graph, chains in found:
                vars(graph)["_run_through_graph"] = partial(_run, graph, chains)
            yield
        finally:
            for graph, _ in found:
                vars(graph).pop("_run_through_graph", None)


def _run(graph: Functional, chains: list[Block], inputs: Any, **how: Any) -> Any:
    """Do what the graph's own method does, with a block for each chain."""
    own = partial(type(graph)._run_through_graph, graph, inputs)
    if "operation_fn" not in how or any(
        isinstance(x, keras.KerasTensor) for x in keras.tree.flatten(inputs)
    ):
        return own(**how)
    instead: dict[int, Any] = {}
    for block in chains:
        instead.update(dict.fromkeys(map(id, block.layers[1:]), _pass_on))
        instead[id(block.layers[0])] = block
    call = how.pop("operation_fn")
    return own(operation_fn=lambda operation: call(instead.get(id(operation), operation)), **how)


def _pass_on(x: Any, **_: Any) -> Any:
    return x


def _graphs(model: Any) -> Iterator[Functional]:
    for layer in model._flatten_layers():
        graph = (
            getattr(layer, "_functional", None) if isinstance(layer, keras.Sequential) else layer
        )
        if isinstance(graph, Functional):
            yield graph


def _chains(graph: Functional) -> list[Block]:
    levels = sorted(graph._nodes_by_depth.items(), reverse=True)  # the inputs' first
    nodes = [node for _, level in levels for node in level]
    readers: dict[int, list[Any]] = {}
    for node in nodes:
        for tensor in node.input_tensors:
            readers.setdefault(id(tensor), []).append(node)
    times: dict[int, int] = {}
    for node in nodes:
        times[id(node.operation)] = times.get(id(node.operation), 0) + 1
    outputs = set(map(id, graph.outputs))

    def next_node(node: Any) -> Any:
        tensor = node.outputs[0]
        following = readers.get(id(tensor), [])
        if id(tensor) in outputs or len(following) != 1:
            return None
        return following[0] if times[id(following[0].operation)] == 1 else None

    return [
        Block(_chain(node, next_node))
        for node in nodes
        if type(node.operation) is layers.Conv2D
        and times[id(node.operation)] == 1
        and _is_plain(node.operation)
        and _fits(node.operation)
        and _arguments(node) == {}
    ]


def _chain(node: Any, next_node: Any) -> list[_Link]:
    links = [_Link(node.operation, {})]
    # The layers that may still follow, in this order.
    left = [_is_norm, _is_relu, _is_pool]
    if links[0].layer.activation is not activations.linear:
        left = [_is_pool]
    while left and (node := next_node(node)) is not None and _is_plain(node.operation):
        while left and not left[0](node.operation):
            left.pop(0)
        if not left:
            break
        left.pop(0)
        arguments = _arguments(node)
        if arguments is None or set(arguments) - {"training"}:
            break
        links.append(_Link(node.operation, arguments))
    return links


def _arguments(node: Any) -> dict[str, Any] | None:
    """Return a call's keyword arguments that are not None; None if the tensor is among them."""
    if len(node.arguments.args) != 1:
        return None
    return {k: v for k, v in node.arguments.kwargs.items() if v is not None}


def _is_plain(layer: Any) -> bool:
    """Whether a layer is Keras's own, in float32, with nothing added to its call."""
    return (
        isinstance(layer, layers.Layer)
        and editions(type(layer)) is not None
        and "call" not in vars(layer)
        and layer.compute_dtype == layer.variable_dtype == "float32"
        and layer.activity_regularizer is None
        and getattr(layer, "quantization_mode", None) is None
        and getattr(layer, "_remat_mode", None) is None
    )


def _fits(conv: Any) -> bool:
    return (
        conv.strides == conv.dilation_rate == (1, 1)
        and conv.groups == 1
        and conv.data_format == "channels_last"
        and conv.padding in ("same", "valid")
        and conv.activation in (activations.linear, activations.relu)
    )


def _is_norm(layer: Any) -> bool:
    ours = type(layer) is layers.BatchNormalization and layer.axis in (-1, 3)
    return ours and not getattr(layer, "renorm", False)


def _is_relu(layer: Any) -> bool:
    """Return whether a layer is a ReLU and nothing else; a convolution with one is a layer more."""
    if type(layer) is layers.ReLU:
        return layer.max_value is None and not layer.negative_slope and not layer.threshold
    return type(layer) is layers.Activation and layer.activation is activations.relu


def _is_pool(layer: Any) -> bool:
    return (
        type(layer) is layers.MaxPooling2D
        and layer.pool_size == (2, 2)
        and layer.strides == (2, 2)
        and layer.padding == "valid"
        and layer.data_format == "channels_last"
    )


def _learns(norm: _Link, training: bool | None) -> bool:
    """Return whether batch normalization uses the batch's statistics.

    As in Keras, the model's `training` counts before the one that the graph calls the layer with.
    """
    if training is None:
        training = norm.arguments.get("training")
    return bool(training) and norm.layer.trainable


def _folded(weights: Any, bias: Any, norm: Any) -> tuple[Any, Any]:
    """Return the filters and the bias that convolve and normalize at once."""
    value = keras.ops.convert_to_tensor
    scale = lax.rsqrt(value(norm.moving_variance) + norm.epsilon)
    if norm.scale:
        scale = scale * value(norm.gamma)
    shift = -value(norm.moving_mean) if bias is None else bias - value(norm.moving_mean)
    shift = shift * scale
    if norm.center:
        shift = shift + value(norm.beta)
    return weights * scale, shift
