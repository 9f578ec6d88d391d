"""What of TensorFlow's own is handed to which side, where TensorFlow is installed."""

from typing import Any

from bital.compat.facade.overlay import _either
from bital.compat.facade.types import DTYPES


class DType:
    """Stands for TensorFlow's."""

    __module__ = "tensorflow.python.framework.dtypes"
    name = "float32"


class EagerTensor:
    """Stands for TensorFlow's."""

    __module__ = "tensorflow.python.framework.ops"


def called(side: str) -> Any:
    return lambda *args, **kwargs: (side, args, kwargs)


def test_types_have_names_for_ours() -> None:
    function = _either(called("real"), called("ours"))
    kind = DTYPES["float32"]
    side, args, kwargs = function(1, [DType()], dtype=DType())
    assert side == "ours"
    assert args == (1, [kind])
    assert type(args[1][0]) is type(kind)
    assert kwargs == {"dtype": kind}


def test_what_is_given_a_real_tensor_stays_real() -> None:
    kind, tensor = DType(), EagerTensor()
    side, args, _ = _either(called("real"), called("ours"))([tensor], kind)
    assert side == "real"
    assert args[1] is kind
