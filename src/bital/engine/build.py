"""Bring a model's weights, metrics, loss and optimizer into being, checking the labels first."""

from typing import Any

import keras
from keras.src import backend

from bital.engine import checks
from bital.engine.arrays import first_rows, narrowed
from bital.engine.order import Orders


def build(
    model: keras.Model,
    data: Any,
    orders: Orders | None = None,
    *,
    batch: int | None = None,
    held_out: Any = None,
    strict: bool = True,
) -> None:
    """Build what is not built yet.

    Args:
        model: compiled.
        data: arrays, all rows.
        orders: Keras draws one order of the rows to look at the first batch; so do we.
        batch: rows of that batch; all when left out.
        held_out: arrays to be validated on, or None.
        strict: whether to check the labels.

    Raises:
        InvalidInput: the loss cannot mean what the labels say.
    """
    unbuilt = not all(layer.built for layer in model._flatten_layers()) or any(
        part is not None and not part.built
        for part in (model._compile_loss, model._compile_metrics)
    )
    first = narrowed(first_rows(data, batch))
    if strict:
        outputs = _output_shape(model, keras.utils.unpack_x_y_sample_weight(first)[0])
        for arrays in (data, held_out):
            labels = keras.utils.unpack_x_y_sample_weight(arrays)[1]
            if labels is not None:
                checks.check_labels(model.loss, labels, outputs)
    if unbuilt and orders is not None:
        orders.draw_for_build()
    model._symbolic_build(data_batch=first)


def _output_shape(model: keras.Model, x: Any) -> Any:
    """Return the shape of the model's one output, rows first; None when it has several."""
    outputs = getattr(model, "outputs", None)  # Functional, and Sequential once it is built
    if outputs is None:
        symbolic = keras.tree.map_structure(
            lambda a: keras.KerasTensor(a.shape, backend.standardize_dtype(a.dtype)), x
        )
        outputs = keras.tree.flatten(backend.compute_output_spec(model, symbolic, training=False))
    return tuple(outputs[0].shape) if len(outputs) == 1 else None
