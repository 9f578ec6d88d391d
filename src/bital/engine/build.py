"""Bring a model's weights, metrics, loss and optimizer into being, checking the labels first."""

from typing import Any

import keras
from keras.src import backend

from bital.engine import checks
from bital.engine.order import Orders


def build(model: keras.Model, batch: Any, orders: Orders | None = None) -> None:
    """Build what is not built yet, from one batch.

    Args:
        model: compiled.
        batch: normalised arrays of one batch.
        orders: Keras draws one order of the rows to look at a batch for this; so do we.

    Raises:
        InvalidInput: the loss cannot mean what the labels say.
    """
    x, y, _ = keras.utils.unpack_x_y_sample_weight(batch)
    unbuilt = not all(layer.built for layer in model._flatten_layers()) or any(
        part is not None and not part.built
        for part in (model._compile_loss, model._compile_metrics)
    )
    if y is not None:
        checks.check_labels(model.loss, y, _output_shape(model, x))
    if unbuilt and orders is not None:
        orders.draw_for_build()
    model._symbolic_build(data_batch=batch)


def _output_shape(model: keras.Model, x: Any) -> Any:
    """Return the shape of the model's one output, rows first; None when it has several."""
    outputs = getattr(model, "outputs", None)  # Functional, and Sequential once it is built
    if outputs is None:
        symbolic = keras.tree.map_structure(
            lambda a: keras.KerasTensor(a.shape, backend.standardize_dtype(a.dtype)), x
        )
        outputs = keras.tree.flatten(backend.compute_output_spec(model, symbolic, training=False))
    return tuple(outputs[0].shape) if len(outputs) == 1 else None
