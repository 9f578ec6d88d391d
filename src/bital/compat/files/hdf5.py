"""HDF5 files of Keras 0.3 to 2, read."""

from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from bital.compat.files.kernels import Origin
from bital.errors import InvalidInput

OLD_LAYERS = "_layer_checkpoint_dependencies"
"""the group `layers` in archives of Keras 2.12 to 2.14"""


class Stored(NamedTuple):
    """A layer's arrays, trainable ones first."""

    name: str
    arrays: list[np.ndarray]


def is_hdf5(path: Any) -> bool:
    """Whether a path is a file that HDF5 can read, whatever its suffix."""
    return isinstance(path, str | Path) and Path(path).is_file() and bool(h5py.is_hdf5(path))


def text(value: Any) -> Any:
    """Return an attribute's string; h5py gives bytes for some files."""
    return value.decode("utf-8") if isinstance(value, bytes) else value


def origin(file: Any) -> Origin:
    """Return what wrote a file, or a group of weights in it."""
    attributes = file.attrs
    if "keras_version" not in attributes and "model_weights" in file:
        attributes = file["model_weights"].attrs
    return Origin(
        text(attributes.get("keras_version", "1")), text(attributes.get("backend")) or None
    )


def is_of_keras_3(file: Any) -> bool:
    """Whether the layout is that of Keras 3's `.weights.h5`."""
    return "layer_names" not in file.attrs and ("layers" in file or OLD_LAYERS in file)


def weights_group(file: Any) -> Any:
    """Return where the weights are: in a group of a whole model, or at the top."""
    return file.get("model_weights", file)


def layers(group: Any) -> list[Stored]:
    """Return the layers that have arrays, in the file's order.

    Raises:
        InvalidInput: the group holds no weights of Keras.
    """
    if "nb_layers" in group.attrs:  # Keras 0.3
        found = []
        for index in range(int(group.attrs["nb_layers"])):
            one = group[f"layer_{index}"]
            held = int(one.attrs["nb_params"])
            found.append(Stored(f"layer_{index}", [one[f"param_{i}"][()] for i in range(held)]))
        return [each for each in found if each.arrays]
    names = _names(group, "layer_names")
    if not names:
        raise InvalidInput(
            "a file of weights must have been written by Keras; this HDF5 file names no layers "
            f"(it holds {', '.join(group) or 'nothing'}). Check the path."
        )
    found = [Stored(n, arrays(group[n])) for n in names]
    return [each for each in found if each.arrays]


def arrays(group: Any) -> list[np.ndarray]:
    """Return the arrays of one group, in order."""
    return [np.asarray(_dataset(group, name)) for name in _names(group, "weight_names")]


def _dataset(group: Any, name: str) -> Any:
    found = group[name]
    if isinstance(group.get(name, getlink=True), h5py.ExternalLink) or found.external:
        raise InvalidInput(
            f"a model file must hold its own arrays; {name!r} of this one lies in another file."
        )
    return found


def _names(group: Any, attribute: str) -> list[str]:
    """Return a list of names, which long ones split into several attributes."""
    if attribute in group.attrs:
        return [text(n) for n in group.attrs[attribute]]
    found: list[str] = []
    for part in count():
        if f"{attribute}{part}" not in group.attrs:
            return found
        found += [text(n) for n in group.attrs[f"{attribute}{part}"]]
    raise AssertionError
