"""Batch sizes that a first layer told, in an Input before it."""

from collections.abc import Sequence

import libcst as cst

from bital.compat.upgrade.arguments import keyword, named

_TOLD = ("batch_input_shape", "batch_size")


def before(call: cst.Call) -> tuple[cst.Call, cst.Call] | None:
    """Return the Input that a layer's call asks for and the call without it; None of no batch size.

    Args:
        call: of a layer's class, its arguments by today's names.
    """
    whole, rows = (named(call.args, name) for name in _TOLD)
    shape = named(call.args, "input_shape")
    if whole is not None:
        given = [keyword("batch_shape", whole.value)]
    elif rows is not None and shape is not None:
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        size = keyword("batch_size", rows.value)
        given = [keyword("shape", shape.value).with_changes(comma=comma), size]
    else:
        return None
    kept = [arg for arg in call.args if arg not in (whole, rows, shape)]
    if kept:
        kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
    made = cst.ensure_type(cst.parse_expression("keras.Input()"), cst.Call)
    return made.with_changes(args=given), call.with_changes(args=kept)


def listed(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    """Return a Sequential's arguments with an Input before a first layer that told a batch size."""
    first = args[0].value if args else None
    if not isinstance(first, cst.List) or not first.elements:
        return list(args)
    found = _of_element(first.elements[0])
    if found is None:
        return list(args)
    inputs, layer = found
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    elements = [
        cst.Element(inputs, comma),
        first.elements[0].with_changes(value=layer),
        *first.elements[1:],
    ]
    return [args[0].with_changes(value=first.with_changes(elements=elements)), *args[1:]]


def added(statement: cst.BaseSmallStatement) -> tuple[cst.Expr, cst.Expr] | None:
    """Return `model.add(Input)` and `model.add(layer)` for a layer that told a batch size."""
    call = statement.value if isinstance(statement, cst.Expr) else None
    if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Attribute):
        return None
    if call.func.attr.value != "add" or len(call.args) != 1:
        return None
    found = _of_element(call.args[0])
    if found is None:
        return None
    inputs, layer = found
    first = call.with_changes(args=[cst.Arg(inputs)])
    rest = call.with_changes(args=[call.args[0].with_changes(value=layer)])
    return cst.Expr(first), cst.Expr(rest)


def _of_element(one: cst.BaseElement | cst.Arg) -> tuple[cst.Call, cst.Call] | None:
    return before(one.value) if isinstance(one.value, cst.Call) else None
