"""A nest of arrays and plain values as the bytes of one .npz file."""

import io
from collections.abc import Mapping
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

import numpy as np

from bital.errors import InvalidInput
from bital.store.canonical import canonical, read

ARRAY = "$array"  # {"$array": [member, dtype]}
NEST = "nest.json"


def pack(value: Any) -> bytes:
    """Write lists and mappings of arrays and plain values; the same value gives the same bytes.

    The bytes are those of a .npz file: `numpy.load` finds each array by its path, as in "dense/0".
    dtypes that NumPy's format does not know (bfloat16, float8) are there as unsigned integers.

    Raises:
        InvalidInput: an array of Python objects, or a value that is neither plain nor an array.
    """
    arrays: dict[str, np.ndarray] = {}
    nest = canonical(_taken(value, "", arrays))
    out = io.BytesIO()
    with ZipFile(out, "w") as file:
        # A bare ZipInfo is dated 1980: no clock gets into the bytes.
        for name, array in arrays.items():
            with file.open(ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        file.writestr(ZipInfo(NEST), nest)
    return out.getvalue()


def unpack(data: bytes) -> Any:
    """Return what `pack` wrote; tuples are lists.

    Raises:
        InvalidInput: it did not write this.
    """
    try:
        with ZipFile(io.BytesIO(data)) as file:
            return _given(read(file.read(NEST).decode()), file)
    except (BadZipFile, KeyError, ValueError) as error:
        raise InvalidInput(
            f"a blob must be what bital packed; got {len(data)} other bytes ({error}). "
            "Read it with what wrote it."
        ) from error


def _taken(value: Any, path: str, arrays: dict[str, np.ndarray]) -> Any:
    """Return the nest with a mark for each array, which goes into `arrays`."""
    if isinstance(value, Mapping):
        if ARRAY in value:
            raise InvalidInput(f"the key {ARRAY!r} is taken; got it at {path!r}. Use another.")
        return {key: _taken(value[key], f"{path}/{key}", arrays) for key in _sorted(value)}
    if isinstance(value, (list, tuple)):
        return [_taken(item, f"{path}/{index}", arrays) for index, item in enumerate(value)]
    if not hasattr(value, "__array__") or isinstance(value, np.generic):
        return value
    array = np.asarray(value)
    if array.dtype.hasobject:
        raise InvalidInput(
            f"arrays must hold numbers, booleans or text; {path or 'the value'} holds Python "
            "objects. Convert it with astype."
        )
    extension = array.dtype.kind == "V" and array.dtype.type is not np.void
    name = _free(path, arrays)
    arrays[name] = array.view(f"u{array.dtype.itemsize}") if extension else array
    return {ARRAY: [name, array.dtype.name if extension else ""]}


def _given(value: Any, file: ZipFile) -> Any:
    if isinstance(value, list):
        return [_given(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    if ARRAY not in value:
        return {key: _given(item, file) for key, item in value.items()}
    name, dtype = value[ARRAY]
    array = np.lib.format.read_array(io.BytesIO(file.read(f"{name}.npy")), allow_pickle=False)
    if dtype:
        import ml_dtypes  # noqa: F401 - teaches NumPy the name

        array = array.view(np.dtype(dtype))
    return array


def _sorted(value: Mapping[Any, Any]) -> list[Any]:
    return sorted(value, key=str)


def _free(path: str, arrays: Mapping[str, np.ndarray]) -> str:
    """Return a member's name: the path, made plain and unlike those before."""
    plain = "".join(mark if mark.isprintable() and mark not in "\\:" else "_" for mark in path)
    name = plain.strip("/") or "array"
    while name in arrays or name.endswith(".npy"):
        name += "_"
    return name
