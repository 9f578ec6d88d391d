"""A random model with its data and its training, as a value and as a program."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from fuzz.call import Call, code


@dataclass(frozen=True)
class Source:
    """An input of a model and the data it gets."""

    shape: tuple[int, ...]
    kind: str = "floats"
    """floats, tokens (0 to 11), pixels (0 to 255) or padded (floats, last steps all zero)"""


@dataclass(frozen=True)
class Node:
    """A layer and the tensors it reads, by number: inputs first, then nodes in order."""

    layer: "Call | Graph | None"
    """None for the layer of another node"""
    reads: tuple[int, ...]
    how: str = "one"
    """one tensor, a list of them, or as arguments apart"""
    same_as: int | None = None
    """the number of the tensor that the same layer has made before"""
    arguments: dict[str, Any] = field(default_factory=dict)
    pick: int | None = None


@dataclass(frozen=True)
class Graph:
    """Layers and how they are connected."""

    inputs: tuple[Source, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[int, ...]
    style: str = "functional"
    """functional, sequential, or deferred: sequential without an input's shape"""

    @property
    def linear(self) -> bool:
        """Whether each layer reads the one before and the last is the output."""
        return (
            len(self.inputs) == 1
            and self.outputs == (len(self.nodes),)
            and all(
                node.reads == (number,)
                and node.layer is not None
                and not node.arguments
                and node.pick is None
                and node.how == "one"
                for number, node in enumerate(self.nodes)
            )
        )

    @property
    def kept_style(self) -> str:
        return self.style if self.linear else "functional"


@dataclass(frozen=True)
class Case:
    """All that a comparison of Keras and bital needs."""

    seed: int
    graph: Graph
    labels: tuple[str, ...]
    """for each output, code that draws n rows with `rng`"""
    compile: dict[str, Any]
    fit: dict[str, Any]
    rows: int
    held_out: int = 0
    """rows of validation_data"""
    weighted: bool = False
    """a weight for each row"""
    callbacks: tuple[Call, ...] = ()
    feed: str = "arrays"
    """arrays, dataset (a PyDataset) or generator"""
    looks: str = ""
    """what is asked of the model beside fit: predict, evaluate, predict after, or nothing"""
    kernels: str = "native"
    """BITAL_KERNELS: native, jax or off"""

    @property
    def program(self) -> str:
        """Definitions of build, data, callbacks and fit."""
        lines = [
            "import numpy as np",
            "import jax, keras",
            "",
            *_function("build", self.graph, 0),
            *_compiled(self.compile),
            "",
            *_data(self),
            "",
            "def callbacks(folder):",
            f"    return {code(list(self.callbacks))}",
            "",
            f"settings = {code(self.fit)}",
        ]
        return "\n".join(lines) + "\n"


def _function(name: str, graph: Graph, depth: int) -> Iterator[str]:
    inner = 0
    body: list[str] = []
    layers: dict[int, str] = {}
    first = len(graph.inputs)
    sequence: list[str] = []
    for number, source in enumerate(graph.inputs):
        kind = ", dtype='int32'" if source.kind == "tokens" else ""
        made = f"keras.Input({code(source.shape)}{kind})"
        body.append(f"t{number} = {made}")
        if graph.kept_style == "sequential":
            sequence.append(made)
    for number, node in enumerate(graph.nodes, first):
        if isinstance(node.layer, Graph):
            function = f"{name}_{inner}"
            inner += 1
            yield from _function(function, node.layer, depth + 1)
            made = f"{function}()"
        elif node.layer is not None:
            made = code(node.layer)
            if node.layer.path.endswith("Cell"):
                made = f"keras.layers.RNN({made})"
            if node.layer.name == "StackedRNNCells":
                made = f"keras.layers.RNN({made})"
        layers[number] = layers[node.same_as] if node.layer is None else f"l{number}"  # type: ignore[index]
        if node.layer is not None:
            sequence.append(made)
            body.append(f"l{number} = {made}")
        read = ", ".join(f"t{k}" for k in node.reads)
        if node.how == "list":
            read = f"[{read}]"
        extra = "".join(f", {k}={code(v)}" for k, v in node.arguments.items())
        pick = "" if node.pick is None else f"[{node.pick}]"
        body.append(f"t{number} = {layers[number]}({read}{extra}){pick}")
    yield f"def {name}():"
    if graph.kept_style != "functional":
        yield f"    model = keras.Sequential([{', '.join(sequence)}])"
    else:
        yield from (f"    {line}" for line in body)
        outputs = [f"t{k}" for k in graph.outputs]
        inputs = [f"t{k}" for k in range(first)]
        yield f"    model = keras.Model({_listed(inputs)}, {_listed(outputs)})"
    if depth:
        yield "    return model"
        yield ""


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"[{', '.join(names)}]"


def _compiled(settings: dict[str, Any]) -> Iterator[str]:
    yield f"    model.compile({', '.join(f'{k}={code(v)}' for k, v in settings.items())})"
    yield "    return model"


_DRAWN = {
    "floats": "rng.normal(size={shape}).astype('float32')",
    "tokens": "rng.integers(0, 12, {shape}).astype('int32')",
    "pixels": "rng.integers(0, 256, {shape}).astype('float32')",
    "padded": "rng.normal(size={shape}).astype('float32') * "
    "(np.arange({steps}) < rng.integers(1, {steps} + 1, (n, 1)))[..., None]",
}


def _data(case: Case) -> Iterator[str]:
    yield "def data(n, seed):"
    yield "    rng = np.random.default_rng(seed)"
    inputs = []
    for source in case.graph.inputs:
        shape = "(n, " + ", ".join(map(str, source.shape)) + ")"
        drawn = _DRAWN[source.kind].format(shape=shape, steps=source.shape[0])
        if source.kind == "padded":
            drawn = f"({drawn}).astype('float32')"
        inputs.append(drawn)
    yield f"    x = {_listed(inputs)}"
    yield f"    y = {_listed(case.labels)}"
    yield "    return x, y, rng.uniform(0.2, 2, n).astype('float32')"
