"""The compiled kernels, where there are any: loaded once, known to XLA by name."""

import ctypes
import os
from functools import cache
from pathlib import Path
from typing import Literal

import jax

from bital.errors import InvalidInput

Mode = Literal["off", "jax", "native"]
MODES: tuple[Mode, ...] = ("off", "jax", "native")

_FOLDER = Path(__file__).parent / "native"
_TARGETS = ("conv_forward", "conv_forward_kept", "conv_input", "conv_weights")


def mode() -> Mode:
    """Return what `BITAL_KERNELS` asks for: "off", "jax" or "native".

    "off" leaves every operation to XLA, "jax" replaces slow ones by other operations of JAX's,
    "native" (the default) also by compiled kernels, where there are any.

    Raises:
        InvalidInput: it asks for something else.
    """
    asked = os.environ.get("BITAL_KERNELS") or "native"
    for known in MODES:
        if asked == known:
            return known
    raise InvalidInput(f"BITAL_KERNELS must be one of {', '.join(MODES)}; got {asked!r}.")


def why_not() -> str:
    """Return why the compiled kernels cannot be used, "" where they can."""
    if jax.default_backend() != "cpu":
        return f"JAX computes on {jax.default_backend()}"
    return "" if isinstance(_loaded(), ctypes.CDLL) else str(_loaded())


def instructions() -> str:
    """Return the instruction set the kernels use: "avx512", "avx2" or "portable"."""
    name: bytes = _library().bital_instructions()
    return name.decode()


def use(name: str) -> None:
    """Use the kernels of an instruction set from now on; the best ones with "".

    Raises:
        InvalidInput: this processor has no such instructions, or the name is unknown.
    """
    if not _library().bital_use(name.encode()):
        raise InvalidInput(
            "BITAL_INSTRUCTIONS must be avx512, avx2 or portable, and the processor must have "
            f"them; got {name!r}. Leave it unset for the best ones."
        )


def _library() -> ctypes.CDLL:
    loaded = _loaded()
    assert isinstance(loaded, ctypes.CDLL), loaded
    return loaded


@cache
def _loaded() -> ctypes.CDLL | str:
    """Return the library with its operations registered, or why there is none."""
    found = sorted(path for path in _FOLDER.glob("kernels.*") if path.suffix in (".so", ".dylib"))
    if not found:
        return "bital was installed without a C++17 compiler"
    try:
        library = ctypes.CDLL(str(found[0]))
        for name in _TARGETS:
            capsule = jax.ffi.pycapsule(getattr(library, f"bital_{name}"))
            jax.ffi.register_ffi_target(f"bital_{name}", capsule, platform="cpu")
    except (OSError, AttributeError, jax.errors.JaxRuntimeError) as error:
        return f"{found[0].name} does not go with this jaxlib: {error}"
    library.bital_instructions.restype = ctypes.c_char_p
    asked = os.environ.get("BITAL_INSTRUCTIONS") or ""
    if not library.bital_use(asked.encode()):
        return f"the processor has no {asked!r} instructions, which BITAL_INSTRUCTIONS asks for"
    return library
