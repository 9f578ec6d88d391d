import keras
import numpy as np

from bital.compat import mode


def test_unknown_sizes_are_those_of_the_run() -> None:
    with mode.compat():
        from keras import backend as K  # noqa: N812

        x = keras.Input((None, None, 3))
        scaled = K.sum(x) / K.prod(K.cast(K.shape(x), "float32"))
        rows = K.cast(K.shape(x)[0], "float32")
        flat = K.reshape(x, (K.shape(x)[0], 12))
        run = K.function([x], [scaled, rows, flat])
        one, count, shaped = run([np.full((5, 2, 2, 3), 2.0, "float32")])
    assert one == 2.0
    assert count == 5
    assert shaped.shape == (5, 12)
