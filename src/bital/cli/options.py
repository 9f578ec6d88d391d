"""Command-line flags from a spec's fields: the docstring under each attribute is its help."""

import ast
import inspect
import textwrap
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Collection
from dataclasses import MISSING, Field, fields
from itertools import pairwise
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

Spec = TypeVar("Spec")


def add_options(parser: ArgumentParser, spec: type[Any], skip: Collection[str] = ()) -> None:
    """Give the parser one option per field of a dataclass but those in `skip`."""
    helps, types = attribute_docstrings(spec), get_type_hints(spec)
    for field in fields(spec):
        if field.name in skip:
            continue
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            type=_parser_of(types[field.name]),
            default=None,
            metavar=_metavar(types[field.name]),
            help=helps[field.name] + _said_default(field),
        )


def add_import_option(parser: ArgumentParser) -> None:
    """Give the parser --allow-import."""
    parser.add_argument(
        "--allow-import",
        action="append",
        default=[],
        metavar="PACKAGE",
        help="let FILE.toml name functions of this installed package too, and not only those of "
        ".py files in its folder; can be given several times",
    )


def read_options(arguments: Namespace, spec: type[Spec], **more: Any) -> Spec:
    """Return the spec that parsed arguments and `more` describe; the rest keeps its default."""
    wanted = [field.name for field in fields(spec) if field.name not in more]  # type: ignore[arg-type]
    given = {name: getattr(arguments, name) for name in wanted}
    return spec(**more, **{name: value for name, value in given.items() if value is not None})


def fields_help(spec: type[Any], title: str) -> str:
    """List a dataclass's fields and what they mean, as an epilog of help."""
    lines, docs = [title], attribute_docstrings(spec)
    for field in fields(spec):
        said = " ".join(docs[field.name].split()) + _said_default(field)
        lines.append(
            textwrap.fill(
                said, 78, initial_indent=f"  {field.name:<14} ", subsequent_indent=" " * 17
            )
        )
    return "\n".join(lines)


def attribute_docstrings(spec: type[Any]) -> dict[str, str]:
    """Return the string under each annotated attribute of a class and its bases, by name."""
    found: dict[str, str] = {}
    for base in reversed(spec.__mro__[:-1]):
        tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
        found |= {
            attribute.target.id: doc.value.value
            for attribute, doc in pairwise(body)
            if isinstance(attribute, ast.AnnAssign)
            and isinstance(attribute.target, ast.Name)
            and isinstance(doc, ast.Expr)
            and isinstance(doc.value, ast.Constant)
            and isinstance(doc.value.value, str)
        }
    return found


def _parser_of(kind: Any) -> Any:
    options = [option for option in get_args(kind) if option not in (type(None), Ellipsis)]
    if getattr(kind, "__origin__", None) is tuple:
        return names
    if get_origin(kind) is Literal:
        return str
    return options[0] if options else kind


def names(text: str) -> tuple[str, ...]:
    """Split a comma-separated list, as in "a,b".

    Raises:
        ArgumentTypeError: there is nothing between the commas.
    """
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise ArgumentTypeError(f"must be names with commas between, as in a,b; got {text!r}")
    return found


def _metavar(kind: Any) -> str:
    return {int: "N", float: "X", names: "A,B"}.get(_parser_of(kind), "NAME")


def _said_default(field: Field[Any]) -> str:
    plain = field.default is not MISSING and field.default not in (None, (), "")
    return f" (default: {field.default})" if plain else ""
