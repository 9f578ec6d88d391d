import keras
import numpy as np
import pytest

from bital.compat import mode


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_arrays_handed_out_may_be_written_into() -> None:
    with mode.compat():
        from keras import backend as K  # noqa: N812

        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
        x = np.ones((4, 2), "float32")
        model.compile("sgd", "mse")
        for found in (
            model.predict(x, verbose=0),
            model.predict_on_batch(x),
            model.get_weights()[0],
            K.function([model.input], [model.output])([x])[0],
            K.get_value(model.layers[0].kernel),
            K.eval(K.ones((2,))),
            keras.ops.ones((2,)).numpy(),
            model.layers[0].kernel.numpy(),
            keras.ops.convert_to_numpy(model(x)),
        ):
            found[...] = 2
            assert (found == 2).all()
