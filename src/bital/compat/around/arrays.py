"""Functions that NumPy had."""

from typing import Any

import numpy as np

from bital.compat.notes import note


def asscalar(a: Any) -> Any:
    """Return the number in an array of one."""
    note("numpy.asscalar(a)", "a.item()")
    return a.item()


def asfarray(a: Any, dtype: Any = np.float64) -> Any:
    """Return an array of fractions."""
    note("numpy.asfarray(a)", "numpy.asarray(a, dtype=float)")
    kind = np.dtype(dtype)
    return np.asarray(a, dtype=kind if kind.kind in "fc" else np.float64)


def msort(a: Any) -> Any:
    """Return rows in order, each column by itself."""
    note("numpy.msort(a)", "numpy.sort(a, axis=0)")
    return np.sort(a, axis=0)
