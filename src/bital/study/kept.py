"""The arrays that a trained model leaves: its weights, its predictions."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
from jaxtyping import Int


def weights(model: keras.Model) -> dict[str, np.ndarray]:
    """Return a model's weights by number and name, sorted as `keras.Model.get_weights` lists them.

    Args:
        model: built.
    """
    return {
        f"{index:04d}/{weight.name}": np.array(weight.value)
        for index, weight in enumerate(model.weights)
    }


def predictions(
    outputs: Any,
    targets: Any,
    parts: Iterable[tuple[str, Int[np.ndarray, " rows"]]],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Return a model's outputs by part of the rows, with what they should have been.

    Args:
        outputs: of the rows of all parts, one after the other; a nest of arrays.
        targets: of every row of the study; a nest of arrays, or class indices.
        parts: names and the rows they consist of.
        classes: what class indices mean; empty where targets are none.
    """
    found: dict[str, Any] = {"classes": list(classes)}
    start = 0
    for part, rows in parts:
        end = start + len(rows)
        found[part] = {
            "row": np.asarray(rows, np.int32),
            "target": keras.tree.map_structure(lambda a, rows=rows: np.asarray(a[rows]), targets),
            "output": keras.tree.map_structure(
                lambda a, start=start, end=end: np.asarray(a[start:end]), outputs
            ),
        }
        start = end
    return found
