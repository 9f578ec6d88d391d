"""Losses that mix rows at hand with symbolic tensors of the model, as a VAE's did in Keras 2."""

from contextvars import ContextVar
from functools import wraps
from typing import Any, NamedTuple

import keras
from jax._src import core
from keras.src.backend.common.stateless_scope import in_stateless_scope
from keras.src.backend.common.symbolic_scope import in_symbolic_scope
from keras.src.losses.losses import LossFunctionWrapper
from keras.src.models.functional import Functional

from bital.compat.notes import note
from bital.compat.patches import Patches
from bital.compat.symbolic.gradients import HasValue
from bital.compat.symbolic.graph import is_symbolic, values
from bital.engine.keras_own import Trainer

_MARK = "_bital_resolved"
_LATE = "_bital_late_losses"


class _Step(NamedTuple):
    """What a loss is computed for."""

    model: Any
    x: Any
    y_pred: Any
    training: bool

    def inputs(self) -> dict[int, Any]:
        """Return the rows at hand by the `id` of the model's inputs."""
        return {
            id(tensor): keras.ops.convert_to_tensor(value, dtype=tensor.dtype)
            for tensor, value in zip(self.model.inputs, keras.tree.flatten(self.x), strict=False)
        }

    def output(self, y_pred: Any) -> Any:
        """Return the output of the model that is `y_pred`; None if none is."""
        made = zip(keras.tree.flatten(self.y_pred), self.model.outputs, strict=True)
        return next((tensor for value, tensor in made if value is y_pred), None)


_step: ContextVar[_Step | None] = ContextVar("step", default=None)


def resolved(loss: Any) -> Any:
    """Return a loss function whose result has a value where the function's had none."""
    if getattr(loss, _MARK, False):
        return loss

    @wraps(loss)
    def function(y_true: Any, y_pred: Any, *args: Any, **kwargs: Any) -> Any:
        y_true = _columns(y_true, y_pred)
        step = _step.get()
        known: dict[int, Any] = {}
        try:
            value = loss(y_true, y_pred, *args, **kwargs)
        except HasValue:
            output = None if step is None else step.output(y_pred)
            if output is None:
                raise
                # Keras 2 gave losses the model's own tensors, not what they are in this step.
            label = keras.KerasTensor((None, *y_true.shape[1:]), dtype=y_true.dtype)
            known = {id(label): y_true, id(output): y_pred}
            value = loss(label, output, *args, **kwargs)
        if not is_symbolic(value) or is_symbolic(y_pred) or step is None:
            return value
        note("a loss that uses tensors of the model", "a layer that calls self.add_loss(...)")
        return values([value], {**step.inputs(), **known}, step.training)[0]

    setattr(function, _MARK, True)
    return function


def _columns(y_true: Any, y_pred: Any) -> Any:
    """Return one label a row as a column beside a column of outputs, as Keras 2 gave them."""
    rank = len(y_pred.shape)
    if rank >= 2 and len(y_true.shape) == rank - 1 and y_pred.shape[-1] == 1:
        return keras.ops.expand_dims(y_true, -1)
    return y_true


def _loss_call(own: Any) -> Any:
    @wraps(own)
    def call(self: Any, y_true: Any, y_pred: Any) -> Any:
        if getattr(self.fn, _MARK, False):  # Keras 3 would make rows of the columns
            return self.fn(y_true, y_pred, **self._fn_kwargs)
        return own(self, y_true, y_pred)

    return call


def patch_losses(patches: Patches) -> None:
    """Tell losses what the model was given, and let models add symbolic losses."""
    patches.set(Trainer, "compute_loss", _compute_loss(Trainer.compute_loss))
    patches.set(keras.layers.Layer, "add_loss", _add_in_call(keras.layers.Layer.add_loss))
    patches.set(Functional, "add_loss", _add_loss(keras.layers.Layer.add_loss))
    wrapper = LossFunctionWrapper
    patches.set(wrapper, "call", _loss_call(wrapper.call))
    patches.set(keras.layers.Layer, "add_metric", _add_metric)


def _compute_loss(own: Any) -> Any:
    @wraps(own)
    def compute_loss(
        self: Any, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None,
        training: bool = True, **more: Any,
    ) -> Any:  # fmt: skip
        step = _Step(self, x, y_pred, training)
        token = _step.set(step)
        try:
            total = own(self, x, y, y_pred, sample_weight, training=training, **more)
            late = _late(step)
            return total if late is None else late + (0.0 if total is None else total)
        finally:
            _step.reset(token)

    return compute_loss


def _add_in_call(own: Any) -> Any:
    @wraps(own)
    def add_loss(self: Any, loss: Any, inputs: Any = None, **ignored: Any) -> None:
        """A loss that uses tensors of the model has a value once the model's inputs are known."""
        if not is_symbolic(loss):
            own(self, loss)
            return
        note("a loss that uses tensors of the model", "their layers given to this one as inputs")
        kept = self.__dict__.get(_LATE, ())
        now = core.trace_ctx.trace  # those of a trace that is over were predict's, or a build's
        self.__dict__[_LATE] = [
            *(pair for pair in kept if pair[0] is now),
            (now, keras.ops.mean(loss)),
        ]

    return add_loss


def _late(step: _Step) -> Any:
    """Return the sum of what layers added in their calls without a value, None of nothing."""
    now = core.trace_ctx.trace
    layers = step.model._flatten_layers()
    pairs = [pair for layer in layers for pair in layer.__dict__.pop(_LATE, ())]
    added = [loss for trace, loss in pairs if trace is now]
    return sum(values(added, step.inputs(), step.training)) if added else None


class _Added(keras.layers.Layer):
    """A layer that adds its input to the losses, or to a metric, of the model it is in."""

    def __init__(self, metric: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mean = keras.metrics.Mean(name=metric) if metric else None

    def build(self, input_shape: Any) -> None:
        """Nothing to make."""

    def call(self, inputs: Any) -> Any:
        """Return the input."""
        if self.mean is None:
            self.add_loss(keras.ops.mean(inputs))
        else:
            self.mean.update_state(inputs)
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape


def _add_loss(own: Any) -> Any:
    @wraps(own)
    def add_loss(self: Any, losses: Any, *args: Any, **kwargs: Any) -> None:
        for loss in losses if isinstance(losses, list | tuple) else [losses]:
            value = loss() if callable(loss) and not is_symbolic(loss) else loss
            if is_symbolic(value):
                note("model.add_loss(tensor)", "self.add_loss(...) in a layer's call")
                graft(self, _Added()(value))
            else:
                own(self, value)

    return add_loss


def _add_metric(self: Any, value: Any, name: str | None = None, aggregation: Any = None) -> None:
    note("add_metric(tensor)", "a keras.metrics.Mean, updated in call")
    if name is None:  # what a metric returned; that one is the layer's already
        return
    if isinstance(self, keras.Model) and is_symbolic(value) and hasattr(self, "_nodes"):
        graft(self, _Added(metric=name)(value))
        return
    kept = self.__dict__.setdefault("_bital_metrics", {})
    if name not in kept and in_stateless_scope() and not in_symbolic_scope():
        note(f"add_metric(name={name!r}) in training alone", "a keras.metrics.Mean from __init__")
        return
    if name not in kept:
        self._tracker.unlock()
        kept[name] = keras.metrics.Mean(name=name)
        self._metrics.append(kept[name])
        self._tracker.lock()
    if not is_symbolic(value):
        kept[name].update_state(value)


def graft(model: Any, tensor: Any) -> None:
    """Let a functional model compute one more tensor each time, and return what it did before."""
    from keras.src.ops.function import map_graph

    outputs = [*model._outputs, *model.__dict__.get("_bital_grafts", ()), tensor]
    model.__dict__["_bital_grafts"] = [*model.__dict__.get("_bital_grafts", ()), tensor]
    nodes, by_depth, operations, operations_by_depth = map_graph(model._inputs, outputs)
    known = {id(layer) for layer in model.layers}
    model.__dict__.update(
        _nodes=nodes, _nodes_by_depth=by_depth, _operations=operations,
        _operations_by_depth=operations_by_depth,
    )  # fmt: skip
    for layer in model.layers:
        if id(layer) not in known:
            model._tracker.track(layer)
