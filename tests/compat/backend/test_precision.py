"""float64 where a program asks for it, float32 again afterwards."""

import jax
import keras
import numpy as np

from bital.compat import mode


def test_a_model_computes_in_float64() -> None:
    with mode.compat():
        keras.backend.set_floatx("float64")
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
        found = model.predict(np.full((2, 3), 1e-12), verbose=0)
        weights = np.asarray(model.layers[0].kernel.value)
        assert found.dtype == weights.dtype == np.float64
        np.testing.assert_allclose(found, np.full((2, 3), 1e-12) @ weights, rtol=1e-13)
    assert keras.config.floatx() == "float32"
    assert not jax.config.read("jax_enable_x64")
