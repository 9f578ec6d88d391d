"""Calls of Keras as values: they can be drawn, made smaller, printed as code and run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Call:
    """A call by name with keyword arguments, for instance `keras.layers.Dense(units=3)`."""

    path: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    """arguments that the call cannot do without"""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    def smaller(self) -> Iterator["Call"]:
        """Yield calls with one argument less, or with a smaller argument."""
        for key, value in self.kwargs.items():
            if key not in self.needed:
                yield replace(self, kwargs={k: v for k, v in self.kwargs.items() if k != key})
            if isinstance(value, Call):
                for less in value.smaller():
                    yield replace(self, kwargs={**self.kwargs, key: less})


@dataclass(frozen=True)
class Code:
    """An expression as it is."""

    text: str


def call(path: str, /, *optional: dict[str, Any], **needed: Any) -> Call:
    """Return a call with the arguments it needs and those that it can do without."""
    extra = {key: value for part in optional for key, value in part.items()}
    return Call(f"keras.{path}", {**needed, **extra}, frozenset(needed))


def code(value: Any) -> str:
    """Return the Python expression that makes a value."""
    match value:
        case Call():
            given = ", ".join(f"{k}={code(v)}" for k, v in value.kwargs.items())
            text = f"{value.path}({given})"
        case Code():
            text = value.text
        case dict():
            text = "{" + ", ".join(f"{k!r}: {code(v)}" for k, v in value.items()) + "}"
        case list():
            text = "[" + ", ".join(map(code, value)) + "]"
        case tuple():
            text = "(" + "".join(code(v) + ", " for v in value).strip() + ")"
        case _:
            text = repr(value)
    return text


def calls(value: Any) -> Iterator[Call]:
    """Yield every call in a value, the outer ones first."""
    if isinstance(value, Call):
        yield value
        value = value.kwargs
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for part in value:
            yield from calls(part)
