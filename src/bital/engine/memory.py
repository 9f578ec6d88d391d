"""How much memory data may take before it is streamed."""

import os
import re
from pathlib import Path
from typing import Any

import jax

from bital.errors import InvalidInput

_SMALL = 2**25  # looking how much memory is free takes longer than a small training
_UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def budget() -> int:
    """Return how many bytes of data may lie on the device: half of what is free now.

    `BITAL_MEMORY` sets another budget: bytes, or a number with KB, MB, GB or TB.

    Raises:
        InvalidInput: `BITAL_MEMORY` is not a size.
    """
    asked = os.environ.get("BITAL_MEMORY", "").strip()
    if not asked:
        return _free() // 2
    size = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?B?)", asked.upper())
    unit = size and (size[2] if size[2] in _UNITS else f"{size[2]}B" if size[2] != "B" else "")
    if size is None or unit not in _UNITS:
        raise InvalidInput(
            f"BITAL_MEMORY must be a size such as 500MB or 2GB; got {asked!r}. Change or unset it."
        )
    return int(float(size[1]) * _UNITS[unit])


def fits(arrays: Any) -> bool:
    """Whether arrays are within the budget; what is small always is, unless `BITAL_MEMORY` is."""
    taken = size(arrays)
    return (taken < _SMALL and not os.environ.get("BITAL_MEMORY")) or taken <= budget()


def size(arrays: Any) -> int:
    """Return how many bytes arrays take."""
    return sum(a.size * a.dtype.itemsize for a in jax.tree.leaves(arrays))


def _free() -> int:
    stats = jax.local_devices()[0].memory_stats()  # None on a CPU
    if stats and "bytes_limit" in stats:
        return int(stats["bytes_limit"]) - int(stats.get("bytes_in_use", 0))
    said = Path("/proc/meminfo")
    if said.is_file():
        found = re.search(r"MemAvailable:\s+(\d+) kB", said.read_text())
        if found:
            return int(found[1]) * 1024
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):  # Windows
        return 4 * 10**9
