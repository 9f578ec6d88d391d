"""The IDX file format of MNIST and its successors."""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from bital.errors import InvalidInput

UNSIGNED_BYTE = 0x08


def read(path: Path, label: str) -> UInt8[np.ndarray, "..."]:
    """Read a gzipped IDX file of unsigned bytes.

    The format: two zero bytes, the element type, the number of axes, one big-endian 32-bit size
    per axis, then the elements (LeCun, Cortes and Burges, "The MNIST database").

    Args:
        path: the file.
        label: its name in error messages.

    Returns:
        The array, of the shape the header states.

    Raises:
        InvalidInput: the file is no gzip, no IDX of bytes, or not as long as its header states.
    """
    try:
        with gzip.open(path) as stream:
            raw = stream.read()
    except (OSError, EOFError, zlib.error) as error:
        raise InvalidInput(
            f"{label} must be a whole gzip file; reading it gave {type(error).__name__}: {error}. "
            "Fetch it again."
        ) from error
    if len(raw) < 4 or raw[:3] != bytes([0, 0, UNSIGNED_BYTE]) or len(raw) < 4 + 4 * raw[3]:
        raise InvalidInput(
            f"{label} must start with an IDX header of unsigned bytes (00 00 08); it starts with "
            f"{raw[:4].hex(' ') or 'nothing'}. Fetch it again."
        )
    start = 4 + 4 * raw[3]
    shape = tuple(int(size) for size in np.frombuffer(raw[4:start], dtype=">u4"))
    expected = prod(shape)
    if len(raw) - start != expected:
        raise InvalidInput(
            f"{label} must hold {expected} bytes after its header, for shape {shape}; it holds "
            f"{len(raw) - start}. Fetch it again."
        )
    return np.frombuffer(raw, dtype=np.uint8, offset=start).reshape(shape)
