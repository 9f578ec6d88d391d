import pytest

from bital.compat import mode


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("from keras.models import Graph", "keras.Input"),
        ("from keras.models import model_from_yaml", "to_json"),
        ("from keras.layers import NoSuchLayer", "'NoSuchLayer', in Keras 3 or before"),
    ],
)
def test_what_nobody_has_is_named_with_what_to_do(line: str, said: str) -> None:
    with mode.compat(), pytest.raises(ImportError, match=said):
        exec(line)


def test_an_old_module_is_no_function() -> None:
    with mode.compat(), pytest.raises(AttributeError, match="no_such_thing"):
        exec("from keras.utils import no_such_thing\nno_such_thing()")


def test_a_layer_of_the_engine_is_todays() -> None:
    import keras

    from bital.compat.notes import told

    names: dict[str, object] = {}
    with mode.compat():
        exec("from keras.engine.topology import Layer, InputSpec, Input", names)
        assert names["Layer"] is keras.layers.Layer
        assert ("import keras.engine.topology", "import keras.layers") in told()
