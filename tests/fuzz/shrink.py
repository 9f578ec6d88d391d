"""A failing case made smaller, as long as it fails."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from fuzz.call import Call, call
from fuzz.case import Case, Graph, Node


def shrunk(case: Case, fails: Callable[[Case], bool], most: int = 120) -> Case:
    """Return a smaller case that still fails.

    Args:
        case: one that fails.
        fails: whether a case does; a case that Keras refuses does not.
        most: cases to try.
    """
    tried = 0
    going = True
    while going:
        going = False
        for less in smaller(case):
            tried += 1
            if tried > most:
                return case
            if fails(less):
                case, going = less, True
                break
    return case


def smaller(case: Case) -> Iterator[Case]:
    """Yield cases with one thing less, the big things first."""
    for number in range(len(case.callbacks)):
        yield replace(case, callbacks=case.callbacks[:number] + case.callbacks[number + 1 :])
    if case.feed != "arrays":
        yield replace(case, feed="arrays")
    if case.held_out:
        fit = {k: v for k, v in case.fit.items() if not k.startswith("validation")}
        yield replace(case, held_out=0, fit=fit)
    if case.weighted:
        yield replace(case, weighted=False)
    yield from (replace(case, graph=graph) for graph in _graphs(case.graph))
    yield from (replace(case, fit=fit) for fit in _without_one(case.fit, "epochs", "batch_size"))
    if case.fit["epochs"] > 1:
        yield replace(case, fit={**case.fit, "epochs": 1})
    if case.fit["batch_size"] != case.rows:
        yield replace(case, fit={**case.fit, "batch_size": case.rows})
    if case.rows > 4:
        yield replace(case, rows=max(4, case.rows // 2))
    yield from (replace(case, compile=settings) for settings in _settings(case.compile))


def _settings(settings: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from _without_one(settings, "optimizer", "loss")
    plain = call("optimizers.SGD", learning_rate=0.01)
    if settings["optimizer"] != plain:
        yield {**settings, "optimizer": plain}
    for key in ("optimizer", "loss"):
        if isinstance(settings[key], Call):
            for less in settings[key].smaller():
                yield {**settings, key: less}


def _without_one(settings: dict[str, Any], *needed: str) -> Iterator[dict[str, Any]]:
    for key in settings:
        if key not in needed:
            yield {k: v for k, v in settings.items() if k != key}


def _graphs(graph: Graph) -> Iterator[Graph]:
    first = len(graph.inputs)
    for index in reversed(range(len(graph.nodes))):
        yield from _without(graph, index)
    if graph.style != "sequential" and graph.linear:
        yield replace(graph, style="sequential")
    for index, node in enumerate(graph.nodes):
        parts: Iterator[Call | Graph] = iter(())
        if isinstance(node.layer, Graph):
            parts = _graphs(node.layer)
        elif isinstance(node.layer, Call):
            parts = node.layer.smaller()
        for part in parts:
            yield _with(graph, index, replace(node, layer=part))
        if node.arguments:
            yield _with(graph, index, replace(node, arguments={}))
        if node.same_as is not None:
            yield _with(
                graph,
                index,
                replace(node, layer=graph.nodes[node.same_as - first].layer, same_as=None),
            )


def _with(graph: Graph, index: int, node: Node) -> Graph:
    return replace(graph, nodes=(*graph.nodes[:index], node, *graph.nodes[index + 1 :]))


def _without(graph: Graph, index: int) -> Iterator[Graph]:
    """Yield the graph without a node that shares no layer; its readers read what it read."""
    number = index + len(graph.inputs)
    gone = graph.nodes[index]
    if any(node.same_as == number for node in graph.nodes) or number in graph.outputs:
        return

    def moved(k: int) -> int:
        k = gone.reads[0] if k == number else k
        return k - 1 if k > number else k

    nodes = tuple(
        replace(
            node,
            reads=tuple(map(moved, node.reads)),
            same_as=None if node.same_as is None else moved(node.same_as),
        )
        for k, node in enumerate(graph.nodes)
        if k != index
    )
    yield replace(graph, nodes=nodes, outputs=tuple(map(moved, graph.outputs)))
