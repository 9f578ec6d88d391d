"""Calls of `keras.backend` functions that Keras 3 has under other arguments or not at all."""

from collections.abc import Sequence
from typing import NamedTuple

import libcst as cst

from bital.compat.files.tables import DATA_FORMATS
from bital.compat.upgrade.arguments import keyword, named

AXES = {"argmax": -1, "argmin": -1, "concatenate": -1, "expand_dims": -1, "cumsum": 0, "cumprod": 0}
"""the axis that `keras.backend` took where none was said; `keras.ops` takes another or asks"""

WORDS = {
    "clip": {"min_value": "x_min", "max_value": "x_max"},
    "permute_dimensions": {"pattern": "axes"},
    "pow": {"x": "x1", "a": "x2"},
    "repeat_elements": {"rep": "repeats"},
    "reshape": {"shape": "newshape"},
    "reverse": {"axes": "axis"},
    "switch": {"then_expression": "x1", "else_expression": "x2"},
    "tile": {"n": "repeats"},
    "dropout": {"level": "rate"},
}
"""arguments that have other names in `keras.ops` and `keras.random`"""


class Form(NamedTuple):
    """How a call is written today."""

    parameters: tuple[str, ...]
    text: str
    """with `{name}` for each of the parameters that the program gives"""
    imports: str


_OPS, _KERAS = "from keras import ops", "import keras"
FORMS = {
    "flatten": Form(("x",), "ops.reshape({x}, (-1,))", _OPS),
    "batch_flatten": Form(("x",), "keras.layers.Flatten()({x})", _KERAS),
    "gather": Form(("reference", "indices"), "ops.take({reference}, {indices}, axis=0)", _OPS),
    "l2_normalize": Form(("x", "axis"), "ops.normalize({x}, axis={axis})", _OPS),
    "bias_add": Form(("x", "bias"), "ops.add({x}, {bias})", _OPS),
    "update": Form(("x", "new_x"), "{x}.assign({new_x})", ""),
    "set_value": Form(("x", "value"), "{x}.assign({value})", ""),
    "get_value": Form(("x",), "ops.convert_to_numpy({x})", _OPS),
    "eval": Form(("x",), "ops.convert_to_numpy({x})", _OPS),
    "ndim": Form(("x",), "len({x}.shape)", ""),
    "cast_to_floatx": Form(("x",), "ops.cast({x}, keras.config.floatx())", _OPS),
    "constant": Form(("value",), "ops.convert_to_tensor({value}, dtype='float32')", _OPS),
    "set_image_dim_ordering": Form(
        ("dim_ordering",), "keras.config.set_image_data_format({dim_ordering})", _KERAS
    ),
}
"""what a call is written as, if it gives the parameters and no others"""


def form(name: str, args: Sequence[cst.Arg]) -> tuple[cst.BaseExpression, str] | None:
    """Return a call of `keras.backend` as today's expression, and the import it needs.

    Args:
        name: of the function.
        args: as the program gives them.

    Returns:
        None where the call has another form.
    """
    found = FORMS.get(name)
    if found is None or any(arg.star for arg in args) or len(args) != len(found.parameters):
        return None
    given = {
        arg.keyword.value if arg.keyword is not None else found.parameters[at]: arg.value
        for at, arg in enumerate(args)
    }
    if set(given) != set(found.parameters):
        return None
    code = {name: cst.Module([]).code_for_node(_layout(value)) for name, value in given.items()}
    return cst.parse_expression(found.text.format(**code)), found.imports


def worded(name: str, args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Return the arguments by the names, and with the axis, that `keras.ops` asks for."""
    words = WORDS.get(name, {})
    made = [
        arg.with_changes(keyword=cst.Name(words.get(arg.keyword.value, arg.keyword.value)))
        if arg.keyword is not None
        else arg
        for arg in args
    ]
    if name in AXES and len(made) == 1 and named(made, "axis") is None and not made[0].star:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        axis = keyword("axis", cst.parse_expression(str(AXES[name])))
        made = [made[0].with_changes(comma=comma), axis]
    return made


def _layout(value: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(value, cst.SimpleString) and value.evaluated_value in ("th", "tf"):
        return cst.SimpleString(repr(DATA_FORMATS[str(value.evaluated_value)]))
    return value
