"""Defaults that were others in a program's era, written out."""

import importlib
from collections.abc import Sequence
from inspect import Parameter, signature

import libcst as cst

from bital.compat.old.defaults import DEFAULTS
from bital.compat.old.source import Era
from bital.compat.upgrade.arguments import keyword, named

HARD_SIGMOID = "hard_sigmoid_of_keras_2"
DEFINITION = f"""@keras.saving.register_keras_serializable()
def {HARD_SIGMOID}(x):
    return keras.ops.clip(0.2 * x + 0.5, 0, 1)
"""
"""what `hard_sigmoid` was before Keras 3"""

_OF_FIT = {"batch_size", "verbose", "validation_split", "validation_data", "callbacks", "shuffle",
           "class_weight", "sample_weight", "show_accuracy"}  # fmt: skip


def of_class(home: str, name: str, args: Sequence[cst.Arg], era: Era) -> list[cst.Arg]:
    """Return the arguments of a class, its era's defaults among them.

    Args:
        home: such as "keras.layers".
        name: of the class.
        args: as the program has them, by today's names.
        era: of the program.
    """
    args = [_hard(arg) for arg in args] if era is not Era.KERAS_3 else list(args)
    wanted = _wanted(f"{home.removeprefix('keras.')}.{name}", era)
    if not wanted or any(arg.star for arg in args):
        return args
    order = [
        n
        for n, p in signature(getattr(importlib.import_module(home), name)).parameters.items()
        if p.kind is Parameter.POSITIONAL_OR_KEYWORD
    ]
    places = order[: sum(arg.keyword is None for arg in args)]
    for argument, value in wanted.items():
        if argument not in places and named(args, argument) is None:
            args = _with(args, keyword(argument, _expression(value)))
    return args


def of_fit(args: Sequence[cst.Arg], era: Era) -> list[cst.Arg]:
    """Return the arguments of `fit`, where they show that it is a model's."""
    args = list(args)
    given = {arg.keyword.value for arg in args if arg.keyword is not None}
    places = ["x", "y", "batch_size", "epochs"][: sum(arg.keyword is None for arg in args)]
    if any(arg.star for arg in args) or not given & _OF_FIT:
        return args
    for argument, value in _wanted("Model.fit", era).items():
        if argument not in places and argument not in given:
            args = _with(args, keyword(argument, _expression(value)))
    return args


def optimizer(word: str, era: Era) -> cst.BaseExpression | None:
    """Return what "adadelta" meant then; None where it means the same today."""
    classes = ("Adadelta", "Adagrad", "Adamax", "Nadam")
    name = next((one for one in classes if one.lower() == word.lower()), None)
    wanted = _wanted(f"optimizers.{name}", era)
    if not wanted:
        return None
    told = ", ".join(f"{argument}={value!r}" for argument, value in wanted.items())
    return cst.parse_expression(f"keras.optimizers.{name}({told})")


def _wanted(owner: str, era: Era) -> dict[str, object]:
    return {one.argument: one.value for one in DEFAULTS if one.owner == owner and era in one.eras}


def _hard(arg: cst.Arg) -> cst.Arg:
    value = arg.value
    if isinstance(value, cst.SimpleString) and value.evaluated_value == "hard_sigmoid":
        return arg.with_changes(value=cst.Name(HARD_SIGMOID))
    return arg


def _expression(value: object) -> cst.BaseExpression:
    if value == "hard_sigmoid":
        return cst.Name(HARD_SIGMOID)
    return cst.parse_expression(repr(value))


def _with(args: Sequence[cst.Arg], one: cst.Arg) -> list[cst.Arg]:
    if not args:
        return [one]
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return [*args[:-1], args[-1].with_changes(comma=comma), one]
