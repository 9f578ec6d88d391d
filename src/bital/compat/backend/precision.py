"""float64, which JAX computes in only once it is told to."""

from typing import Any

import jax
import keras

from bital.compat.notes import note
from bital.compat.patches import Patches


def patch_precision(patches: Patches) -> None:
    """Let `set_floatx("float64")` reach JAX, and put both types back when the switch is off."""
    own = keras.config.set_floatx
    before = keras.config.floatx(), jax.config.read("jax_enable_x64")
    policy = keras.config.dtype_policy()

    def set_floatx(value: Any) -> None:
        """Set the type of floating-point numbers."""
        # Keras keeps the policy that the first layer found.
        if keras.config.dtype_policy().name == keras.config.floatx():
            keras.config.set_dtype_policy(value)
        own(value)
        if value == "float64" and not jax.config.read("jax_enable_x64"):
            note("set_floatx('float64')", "jax.config.update('jax_enable_x64', True) besides")
            jax.config.update("jax_enable_x64", True)

    def restore() -> None:
        own(before[0])
        if keras.config.dtype_policy().name == "float64":
            keras.config.set_dtype_policy(policy)
        jax.config.update("jax_enable_x64", before[1])

    for module in (keras.config, keras.backend):
        patches.set(module, "set_floatx", set_floatx)
    patches.then(restore)
