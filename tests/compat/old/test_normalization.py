from inspect import signature

import keras
import pytest

from bital.compat import mode
from bital.compat.notes import told
from bital.errors import InvalidInput

OWN = "renorm" in signature(keras.layers.BatchNormalization.__init__).parameters


def test_renorm_is_kerass_or_an_error() -> None:
    with mode.compat():
        assert keras.layers.BatchNormalization(renorm=False) is not None
        if OWN:
            assert keras.layers.BatchNormalization(renorm=True).renorm
        else:
            with pytest.raises(InvalidInput, match="renorm"):
                keras.layers.BatchNormalization(renorm=True)


def test_what_a_file_says_is_not_what_the_program_says() -> None:
    with mode.compat():
        model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
        config = {
            "class_name": "Sequential",
            "config": [
                {
                    "class_name": "Dense",
                    "config": {"name": "d", "output_dim": 2, "init": "uniform",
                               "batch_input_shape": [None, 2], "activation": "linear"},
                }
            ],
        }  # fmt: skip
        keras.models.model_from_config(config)
        keras.models.model_from_json(model.to_json())
        assert not told()
        keras.layers.Dense(output_dim=2)
        assert ("output_dim=", "units=") in told()
