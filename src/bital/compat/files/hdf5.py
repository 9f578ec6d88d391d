"""HDF5 files of Keras 0.3 to 2, read."""

import math
from collections.abc import Iterator
from itertools import count, islice, takewhile
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from bital.compat.files.kernels import Origin
from bital.compat.files.self_contained import walk
from bital.errors import InvalidInput

OLD_LAYERS = "_layer_checkpoint_dependencies"
"""the group `layers` in archives of Keras 2.12 to 2.14"""


class Stored(NamedTuple):
    """A layer's arrays, trainable ones first. They are not read yet."""

    name: str
    datasets: list[h5py.Dataset]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Those of the arrays, as stored."""
        return [each.shape for each in self.datasets]

    @property
    def size(self) -> int:
        """How many numbers the arrays have."""
        return sum(map(math.prod, self.shapes))

    def read(self) -> list[np.ndarray]:
        """Return the arrays."""
        return [each[()] for each in self.datasets]


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
    return Origin.of(text(attributes.get("keras_version", "1")), text(attributes.get("backend")))


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
            one = _group(group, f"layer_{index}")
            held = [dataset(one, f"param_{i}") for i in range(int(one.attrs["nb_params"]))]
            found.append(Stored(f"layer_{index}", held))
        return [each for each in found if each.datasets]
    names = _names(group, "layer_names")
    if not names:
        raise InvalidInput(
            "a file of weights must have been written by Keras; this HDF5 file names no layers "
            f"(it holds {', '.join(islice(group, 10)) or 'nothing'}). Check the path."
        )
    found = [Stored(n, datasets(_group(group, n))) for n in names]
    return [each for each in found if each.datasets]


def datasets(group: Any) -> list[h5py.Dataset]:
    """Return the arrays of one group, in order, not read yet."""
    return [dataset(group, name) for name in _names(group, "weight_names")]


def dataset(group: Any, name: str) -> h5py.Dataset:
    """Return one array of a group, not read yet.

    Raises:
        InvalidInput: the group has no array of numbers of this name.
    """
    found = group.get(name)
    if not isinstance(found, h5py.Dataset) or found.shape is None or found.dtype.kind not in "biuf":
        raise InvalidInput(
            f"a model file must hold the arrays that it names; {name!r} in {group.name!r} is no "
            f"array of numbers ({found!r}). The file is damaged, or not a model's."
        )
    return found


def groups_named(file: Any, name: str) -> list[str]:
    """Return the paths of all groups of a name, inner ones first."""
    found = [path for path, _ in walk(file) if path.endswith(f"/{name}")]
    return sorted(found, key=lambda path: -path.count("/"))


def _group(parent: Any, name: str) -> Any:
    found = parent.get(name)
    if not isinstance(found, h5py.Group):
        raise InvalidInput(
            f"a model file must hold the layers that it names; it has no group {name!r}. "
            "The file is damaged, or not a model's."
        )
    return found


def _names(group: Any, attribute: str) -> list[str]:
    """Return a list of names, which long ones split into several attributes."""
    parts = [attribute] if attribute in group.attrs else _numbered(group, attribute)
    found = [text(name) for part in parts for name in group.attrs[part]]
    if not all(isinstance(name, str) for name in found):
        raise InvalidInput(
            f"{attribute} in a model file must be a list of names; in {group.name!r} it is "
            f"{str(found)[:80]}. The file is damaged, or not a model's."
        )
    return found


def _numbered(group: Any, attribute: str) -> Iterator[str]:
    return takewhile(lambda name: name in group.attrs, (f"{attribute}{i}" for i in count()))
