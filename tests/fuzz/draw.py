"""Random cases: a model that Keras builds, data for it and a training."""

import contextlib
from dataclasses import replace
from typing import Any

import jax
import keras
import numpy as np

from fuzz.call import Call, call, code
from fuzz.case import Case, Graph, Node, Source
from fuzz.chance import Chance
from fuzz.layers import LAYERS, Entry
from fuzz.objectives import KINDS
from fuzz.training import CALLBACKS, OPTIMIZERS

MOST_VALUES = 600
"Values a row may have in any tensor of a model."
MOST_WEIGHTS = 4000

IMAGE = (
    *("Conv2D",) * 5,
    *("BatchNormalization", "ReLU", "Activation", "MaxPooling2D") * 2,
    *("Dropout", "DepthwiseConv2D", "AveragePooling2D", "LeakyReLU"),
)
"Layers that images meet more often than others: those that kernels join."


class _Drawing:
    """A graph on its way, with Keras's tensors beside the numbers."""

    def __init__(self, r: Chance, inputs: tuple[Source, ...]) -> None:
        self.r = r
        self.inputs = inputs
        self.nodes: list[Node] = []
        self.tensors = [
            keras.Input(s.shape, dtype="int32" if s.kind == "tokens" else "float32") for s in inputs
        ]
        self.layers: dict[int, Any] = {}
        self.weights = 0

    @property
    def last(self) -> int:
        return len(self.tensors) - 1

    def shape(self, tensor: int) -> tuple[int, ...]:
        return tuple(self.tensors[tensor].shape[1:])

    def is_tokens(self, tensor: int) -> bool:
        return tensor < len(self.inputs) and self.inputs[tensor].kind == "tokens"

    def add(self, node: Node, layer: Any) -> bool:
        """Append a node if Keras can call the layer and the result is small."""
        tensors = [self.tensors[k] for k in node.reads]
        try:
            if node.how == "list":
                made = layer(tensors, **node.arguments)
            else:
                made = layer(*tensors, **node.arguments)
            made = made if node.pick is None else made[node.pick]
        except Exception:  # noqa: BLE001 - Keras refuses what does not fit in many ways
            return False
        if not isinstance(made, keras.KerasTensor) or None in made.shape[1:]:
            return False
        if not 1 <= np.prod(made.shape[1:], dtype=int) <= MOST_VALUES or len(made.shape) < 2:
            return False
        if node.same_as is None:
            weights = sum(int(np.prod(w.shape)) for w in layer.weights)
            if self.weights + weights > MOST_WEIGHTS:
                return False
            self.weights += weights
        self.nodes.append(node)
        self.tensors.append(made)
        self.layers[self.last] = layer
        return True

    def graph(self, outputs: tuple[int, ...], style: str = "functional") -> Graph:
        return Graph(self.inputs, tuple(self.nodes), outputs, style)


def made(drawn: Call) -> Any:
    """Return a layer from its code."""
    if drawn.name.endswith("Cell") or drawn.name == "StackedRNNCells":
        drawn = call("layers.RNN", cell=drawn)
    return eval(code(drawn), {"keras": keras, "jax": jax, "np": np})


NAMES = [
    *(("layer", name) for name in LAYERS),
    *(("loss", name) for kind in KINDS.values() for name in kind.losses),
    *(("metric", name) for kind in KINDS.values() for name in kind.metrics),
    *(("optimizer", name) for name in OPTIMIZERS),
    *(("callback", name) for name in CALLBACKS),
]
"All that can be asked for by name."


def case_of(seed: int) -> Case:
    """Draw the case with a number: every second one has the next of `NAMES` in it."""
    group, name = NAMES[seed // 2 % len(NAMES)]
    return draw_case(seed, {group: name} if seed % 2 else None)


def draw_case(seed: int, wanted: dict[str, str] | None = None) -> Case:
    """Draw a case.

    Args:
        seed: every choice comes from it.
        wanted: names that must be in it, by "layer", "loss", "metric", "optimizer", "callback".

    Raises:
        LookupError: no attempt ended in a model with what is wanted.
    """
    wanted = wanted or {}
    for attempt in range(40):
        with contextlib.suppress(_Unfit):
            return _attempt(Chance(seed * 1000 + attempt), seed, wanted)
    raise LookupError(f"no model could be drawn with {wanted}")


class _Unfit(Exception):
    """This attempt leads nowhere."""


def _attempt(r: Chance, seed: int, wanted: dict[str, str]) -> Case:
    kind = _kind(r, wanted)
    drawing = _Drawing(r, _inputs(r, wanted.get("layer"), kind))
    _body(drawing, wanted.get("layer"))
    kinds = [kind]
    bodies = [drawing.last]
    if r.maybe(0.15) and not wanted:
        kinds.append(r.choice(list(KINDS)))
        bodies.append(r.randint(len(drawing.inputs), drawing.last))
    heads = [_head(drawing, body, kind) for body, kind in zip(bodies, kinds, strict=True)]
    outputs = tuple(heads)
    style = r.choice(["functional", "sequential", "deferred"])
    labels = tuple(
        KINDS[kind].labels(drawing.shape(head)) for kind, head in zip(kinds, heads, strict=True)
    )
    settings = _settings(r, kinds, wanted, rank=len(drawing.shape(heads[0])))
    case = Case(
        seed=seed,
        graph=drawing.graph(outputs, style),
        labels=labels,
        compile=settings,
        fit={},
        rows=r.randint(4, 24),
    )
    return _fitted(r, case, kinds, drawing.shape(heads[0]), wanted)


def _kind(r: Chance, wanted: dict[str, str]) -> str:
    fits = [
        name
        for name, kind in KINDS.items()
        if wanted.get("loss") in (None, *kind.losses)
        and wanted.get("metric") in (None, *kind.metrics)
    ]
    common = [name for name in ("classes", "one_hot", "binary", "numbers") if name in fits]
    return r.choice(common if common and r.maybe(0.6) else fits)


_SHAPES = {
    1: lambda r: (r.randint(1, 6),),
    2: lambda r: (r.randint(2, 6), r.randint(1, 4)),
    3: lambda r: (r.randint(3, 9), r.randint(3, 9), r.choice([1, 2, 3, 4, 16])),
    4: lambda r: (r.randint(2, 4), r.randint(2, 4), r.randint(2, 4), r.randint(1, 2)),
    5: lambda r: (2, r.randint(2, 3), 2, r.randint(2, 3), 1),
}


def _inputs(r: Chance, layer: str | None, kind: str) -> tuple[Source, ...]:
    entry = LAYERS.get(layer or "")
    if kind == "labelling" and entry is None:
        return (Source(_SHAPES[2](r)),)
    rank = r.choice(entry.ranks) if entry else r.choice([1, 1, 2, 2, 3, 3, 3, 4])
    shape = _SHAPES[rank](r)
    if layer in ("STFTSpectrogram", "MelSpectrogram"):
        shape = (r.randint(16, 24), 1)[:rank]
    if entry and entry.pixels:
        return (Source((*shape[:2], 3), "pixels"),)
    if (entry and entry.tokens) or (not entry and rank == 1 and r.maybe(0.3)):
        return (Source((r.randint(2, 6),), "tokens"),)
    padded = rank == 2 and (layer == "Masking" or r.maybe(0.3))
    first = Source(shape, "padded" if padded else "floats")
    if entry is None and r.maybe(0.15):
        return first, Source(_SHAPES[r.choice([1, rank])](r))
    return (first,)


def _body(drawing: _Drawing, wanted: str | None) -> None:
    r = drawing.r
    if wanted and not _place(drawing, LAYERS[wanted]):
        raise _Unfit
    if drawing.is_tokens(drawing.last) and not wanted and not _place(drawing, LAYERS["Embedding"]):
        raise _Unfit
    if drawing.inputs[0].kind == "padded" and r.maybe(0.7) and not wanted:
        _place(drawing, LAYERS["Masking"])
    for _ in range(r.randint(0, 3) if wanted else r.randint(1, 6)):
        chance = r.random()
        if chance < 0.08:
            _again(drawing)
        elif chance < 0.3 and len(drawing.shape(drawing.last)) == 3:
            _chain(drawing)
        elif chance > 0.94:
            _nested(drawing)
        else:
            _any(drawing)
    if len(drawing.inputs) == 2:
        _joined(drawing)


def _any(drawing: _Drawing) -> None:
    """Add a layer that fits the last tensor, or once in a while an earlier one."""
    r = drawing.r
    tensor = drawing.last if r.maybe(0.9) else r.randint(0, drawing.last)
    rank = len(drawing.shape(tensor))
    if drawing.is_tokens(tensor):
        return
    fits = [n for n, e in LAYERS.items() if rank in e.ranks and not e.tokens and not e.pixels]
    names = IMAGE if rank == 3 and r.maybe(0.7) else fits
    for _ in range(4):
        if _place(drawing, LAYERS[r.choice(names)], tensor):
            return


def _chain(drawing: _Drawing) -> None:
    """Add layers in a row that a kernel may join, or nearly."""
    r = drawing.r
    for _ in range(r.randint(2, 4)):
        convolution = call(
            "layers.Conv2D",
            r.some(0.5, activation=["relu"], padding=["same"]) | r.some(0.1, use_bias=[False]),
            filters=r.choice([2, 4, 16]),
            kernel_size=r.randint(1, 3),
        )
        norm = call("layers.BatchNormalization", r.some(0.1, epsilon=[1e-2], scale=[False]))
        others = [norm, call("layers.ReLU"), call("layers.Activation", activation="relu")]
        pool = call("layers.MaxPooling2D", pool_size=2)
        drawn = r.choice([convolution, convolution, convolution, *others, pool])
        drawing.add(Node(drawn, (drawing.last,)), made(drawn))


def _place(drawing: _Drawing, entry: Entry, tensor: int | None = None) -> bool:
    r = drawing.r
    tensor = drawing.last if tensor is None else tensor
    shape = drawing.shape(tensor)
    if len(shape) not in entry.ranks:
        return False
    reads: tuple[int, ...] = (tensor,)
    how = "one"
    if entry.reads == 2:
        alike = [
            k
            for k in range(drawing.last + 1)
            if drawing.shape(k) == shape and not drawing.is_tokens(k)
        ]
        reads = tuple(r.choice([(tensor, r.choice(alike)), (r.choice(alike), tensor)]))
        how = "apart" if entry.apart else "list"
    drawn = entry.draw(r, shape)
    try:
        layer = made(drawn)
    except Exception:  # noqa: BLE001 - Keras refuses some combinations of arguments
        return False
    arguments = {}
    if drawn.name in ("BatchNormalization", "Dropout", "SpatialDropout2D", "GaussianNoise"):
        arguments = r.some(0.07, training=[True, False])
    return drawing.add(Node(drawn, reads, how, arguments=arguments, pick=entry.pick), layer)


def _again(drawing: _Drawing) -> None:
    """Call a layer a second time."""
    first = len(drawing.inputs)
    tensor = drawing.last
    alike = [
        number
        for number, node in enumerate(drawing.nodes, first)
        if node.how == "one"
        and node.layer is not None
        and drawing.shape(node.reads[0]) == drawing.shape(tensor)
    ]
    if alike:
        same = drawing.r.choice(alike)
        node = Node(None, (tensor,), same_as=same)
        drawing.add(node, drawing.layers[same])


def _nested(drawing: _Drawing) -> None:
    """Add a model inside the model."""
    tensor = drawing.last
    if drawing.is_tokens(tensor):
        return
    inner = _Drawing(drawing.r, (Source(drawing.shape(tensor)),))
    for _ in range(drawing.r.randint(1, 3)):
        _any(inner)
    if not inner.nodes:
        return
    graph = inner.graph((inner.last,), drawing.r.choice(["functional", "sequential"]))
    model = keras.Model(inner.tensors[0], inner.tensors[-1])
    drawing.add(Node(graph, (tensor,)), model)


def _joined(drawing: _Drawing) -> None:
    """Bring two branches together: both flat, then side by side."""
    flat = []
    for tensor in (drawing.last, 0 if drawing.last != 0 else 1, 1):
        if tensor in flat or drawing.is_tokens(tensor):
            continue
        if not _place(drawing, LAYERS["Flatten"], tensor):
            raise _Unfit
        flat.append(drawing.last)
    node = Node(call("layers.Concatenate"), tuple(flat[:3]), "list")
    if len(flat) > 1 and not drawing.add(node, keras.layers.Concatenate()):
        raise _Unfit


def _head(drawing: _Drawing, body: int, kind: str) -> int:
    """Add the last layers of an output and return its tensor."""
    r = drawing.r
    rank = len(drawing.shape(body))
    tensor = body
    if drawing.is_tokens(body):
        raise _Unfit
    if kind == "labelling":
        if rank != 2 or drawing.shape(body)[0] < 2:
            raise _Unfit
    elif rank > 1 and (kind == "embedded" or r.maybe(0.75)):
        names = [
            "Flatten",
            *([f"Global{k}Pooling{rank - 1}D" for k in ("Average", "Max")] if rank < 5 else []),
        ]
        drawn = call(f"layers.{r.choice(names)}")
        if not drawing.add(Node(drawn, (tensor,)), made(drawn)):
            raise _Unfit
        tensor = drawing.last
    head = r.choice(KINDS[kind].heads)
    activation = {} if head in ("linear", "normalized") else {"activation": head}
    drawn = call("layers.Dense", activation, units=KINDS[kind].units(r))
    drawn = replace(drawn, needed=drawn.needed | {"activation"})
    if not drawing.add(Node(drawn, (tensor,)), made(drawn)):
        raise _Unfit
    if head == "normalized":
        drawn = call("layers.UnitNormalization")
        drawing.add(Node(drawn, (drawing.last,)), made(drawn))
    return drawing.last


def _settings(r: Chance, kinds: list[str], wanted: dict[str, str], rank: int) -> dict[str, Any]:
    losses, metrics, weighted = [], [], []
    for number, name in enumerate(kinds):
        kind = KINDS[name]
        loss = wanted.get("loss") if number == 0 else None
        losses.append(kind.losses[loss or r.choice(list(kind.losses))](r))
        fits = [k for k in kind.metrics if rank == 1 or k not in ("F1Score", "FBetaScore")]
        drawn = [kind.metrics[k](r) for k in r.sample(fits, min(len(fits), r.randint(0, 2)))]
        if number == 0 and "metric" in wanted:
            drawn = [kind.metrics[wanted["metric"]](r)]
        metrics.append(drawn)
        weighted.append([kind.metrics[k](r) for k in fits if r.maybe(0.04)])
    optimizer = wanted.get("optimizer") or r.choice([*OPTIMIZERS, "Adam", "SGD", "RMSprop"])
    settings: dict[str, Any] = {
        "optimizer": OPTIMIZERS[optimizer](r),
        "loss": losses[0] if len(losses) == 1 else losses,
    }
    if any(metrics):
        settings["metrics"] = metrics[0] if len(metrics) == 1 else metrics
    if any(weighted):
        settings["weighted_metrics"] = weighted[0] if len(weighted) == 1 else weighted
    if len(losses) > 1 and r.maybe():
        settings["loss_weights"] = [r.rounded(0.2, 2), r.rounded(0.2, 2)]
    if r.maybe(0.1):
        settings["steps_per_execution"] = r.choice([2, 3])
    return settings


def _fitted(
    r: Chance, case: Case, kinds: list[str], shape: tuple[int, ...], wanted: dict[str, str]
) -> Case:
    """Draw how the case is trained."""
    fit: dict[str, Any] = {"epochs": r.randint(1, 3), "batch_size": r.randint(1, case.rows + 3)}
    if case.rows / fit["batch_size"] > 6:
        fit["batch_size"] = case.rows // 3
    feed = r.choice(["arrays"] * 7 + ["dataset", "dataset", "generator"])
    held_out = 0
    validates = r.random()
    if validates < 0.35:
        held_out = r.randint(2, 12)
    elif validates < 0.55 and feed == "arrays" and case.rows > 4:
        fit["validation_split"] = r.choice([0.2, 0.5])
    has_validation = bool(held_out) or "validation_split" in fit
    if has_validation:
        fit |= r.some(0.15, validation_freq=[2, [1, 3]])
        fit |= r.some(0.25, validation_batch_size=[1, 3, 50]) if feed == "arrays" else {}
    weighted = False
    if feed == "arrays":
        fit |= r.some(0.4, shuffle=[True, False, "batch"])
        if r.maybe(0.15):
            weighted = True
        elif kinds in (["classes"], ["logits"]) and len(shape) == 1 and r.maybe(0.25):
            fit["class_weight"] = {k: r.rounded(0.3, 2) for k in range(shape[-1])}
        if r.maybe(0.1):
            fit["steps_per_epoch"] = r.randint(1, 3)
        fit |= r.some(0.08, initial_epoch=[1])
    elif feed == "generator":
        fit["steps_per_epoch"] = r.randint(1, 4)
    callbacks = _callbacks(r, case, has_validation, wanted)
    kernels = r.choice(["native"] * 8 + ["jax", "off"])
    looks = r.choice(["predict", "predict", "evaluate", "predict after", "", ""])
    return replace(
        case,
        fit=fit,
        held_out=held_out,
        weighted=weighted,
        callbacks=callbacks,
        feed=feed,
        kernels=kernels,
        looks=looks,
    )


def _callbacks(r: Chance, case: Case, validates: bool, wanted: dict[str, str]) -> tuple[Call, ...]:
    names = [
        n for n in CALLBACKS if r.maybe(0.08) and n not in ("SwapEMAWeights", "BackupAndRestore")
    ]
    if code(case.compile["optimizer"]).find("use_ema=True") >= 0 and r.maybe():
        names.append("SwapEMAWeights")
    if "callback" in wanted:
        names = [wanted["callback"]]
    drawn = [CALLBACKS[name](r) for name in names]
    return tuple(
        replace(c, kwargs={**c.kwargs, "monitor": "loss"})
        if c.kwargs.get("monitor") == "val_loss" and not validates
        else c
        for c in drawn
        if not (
            "schedules" in code(case.compile["optimizer"])
            and c.name in ("LearningRateScheduler", "ReduceLROnPlateau")
        )
    )
