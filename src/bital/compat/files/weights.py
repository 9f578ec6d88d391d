"""Arrays of a file into the layers of a model."""

import math
import warnings
from typing import Any

from bital.compat.files import hdf5, kernels
from bital.compat.files.hdf5 import Stored
from bital.errors import InvalidInput

_TOP_LEVEL = "top_level_model_weights"

_MOST = 2
"""numbers in a file for one of the model's: CuDNN keeps two biases"""


def load(group: Any, model: Any, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Set a model's weights from a group of an HDF5 file.

    Args:
        group: as `hdf5.weights_group` finds it.
        model: built.
        by_name: layers of the same name only, in any order and number, as transfer learning has it.
        skip_mismatch: leave a layer as it is where shapes differ, and warn.

    Raises:
        InvalidInput: the file's layers are not the model's.
    """
    origin = hdf5.origin(group)
    layers = hdf5.layers(group)
    own = [layer for layer in model.layers if weights_of(layer)]
    if by_name:
        named = {layer.name: layer for layer in own}
        pairs = [(named[each.name], each) for each in layers if each.name in named]
    else:
        pairs = _paired(own, layers)
    for layer, each in pairs:
        _set(layer, each, origin, skip_mismatch)
    if _TOP_LEVEL in group and not by_name:
        stored = Stored(_TOP_LEVEL, hdf5.datasets(group[_TOP_LEVEL]))
        _set_top_level(model, stored, skip_mismatch)


def check_size(group: Any, model: Any) -> None:
    """Raise if a group of an HDF5 file has far more numbers than a model: it need not be read.

    Raises:
        InvalidInput: the file's arrays are not the model's.
    """
    held = sum(each.size for each in hdf5.layers(group))
    room = sum(math.prod(v.shape) for v in model.weights)
    if held > _MOST * room:
        raise InvalidInput(
            f"a file must hold the weights of the model; it has {held} numbers, the model {room}. "
            "The file is damaged, or not this model's."
        )


def weights_of(layer: Any) -> list[Any]:
    """Return a layer's variables in the order of HDF5 files: trainable ones first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _paired(own: list[Any], stored: list[Stored]) -> list[tuple[Any, Stored]]:
    """Pair by name where names agree, for Keras 3 may order branches otherwise; else by order."""
    if len(own) != len(stored):
        raise InvalidInput(
            f"a file must hold as many layers with weights as the model has; it has {len(stored)}, "
            f"the model {len(own)}. Not in both: {_difference(own, stored)}. "
            "Check the model, or pass by_name=True to load what has the same name."
        )
    named = {each.name: each for each in stored}
    if set(named) == {layer.name for layer in own}:
        return [(layer, named[layer.name]) for layer in own]
    return list(zip(own, stored, strict=True))


def _difference(own: list[Any], stored: list[Stored]) -> str:
    names, held = {layer.name for layer in own}, {each.name for each in stored}
    return ", ".join(sorted(names ^ held)) or "only their number differs"


def _set(layer: Any, stored: Stored, origin: kernels.Origin, skip_mismatch: bool) -> None:
    variables = weights_of(layer)
    wanted = [tuple(v.shape) for v in variables]
    found, arrays = stored.shapes, None
    if stored.size <= _MOST * sum(map(math.prod, wanted)):
        arrays = stored.read()
        if len(arrays) == len(variables) or origin.era < 2:
            arrays = kernels.modern(layer, arrays, origin)
        found = [a.shape for a in arrays]
    if arrays is None or found != wanted:
        _mismatch(
            f"the arrays of layer {stored.name!r} in the file must fit layer {layer.name!r} of the "
            f"model: shapes {found} there, {wanted} here.",
            skip_mismatch,
        )
        return
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
    if hasattr(layer, "finalize_state"):
        layer.finalize_state()


def _set_top_level(model: Any, stored: Stored, skip_mismatch: bool) -> None:
    own = [
        v
        for v in model._trainable_variables + model._non_trainable_variables
        if any(v is w for w in model.weights)
    ]
    wanted, found = [tuple(v.shape) for v in own], stored.shapes
    if found != wanted:
        _mismatch(
            f"the model's own weights in the file, outside of its layers, must fit the model: "
            f"shapes {found} there, {wanted} here.",
            skip_mismatch,
        )
        return
    for variable, array in zip(own, stored.read(), strict=True):
        variable.assign(array)


def _mismatch(said: str, skip: bool) -> None:
    if not skip:
        raise InvalidInput(f"{said} Check the model, or pass skip_mismatch=True.")
    warnings.warn(f"{said} It keeps its weights.", stacklevel=5)
