"""Which code a result came from."""

import types
from collections.abc import Callable, Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bital
from bital.errors import InvalidInput
from bital.store.canonical import canonical

# What shows, stores or explains results does not change them; every other package may.
_SHOWS = ("cli", "explain", "lessons", "report", "store", "web", "workbench")
_BENEATH = ("jax", "keras", "numpy")  # another version of these may round otherwise


def code_version(*builders: Callable[..., Any]) -> str:
    """Return a hash of the code that computes a run: 64 hexadecimal digits.

    It covers bital's own source below the store, the versions of Keras, JAX and NumPy, and of each
    builder: its compiled code without comments and line numbers, its defaults and closure, and the
    functions, classes and plain values of its own module that it names, and theirs in turn.

    It does not see: code in other modules than the builder's (a name counts by its module and
    name), what is looked up by a name computed at run time, files, environment variables, and
    globals that are neither plain, arrays nor Keras's (they count by their type). Put what matters
    of these into the spec. Bytecode differs between Python versions, so the hash does too.

    Raises:
        InvalidInput: a default or closure of a builder holds an object that cannot be told apart
            from others of its type.
    """
    parts = [_own(), *(_Teller(builder).say(builder) for builder in builders)]
    return sha256("\n".join(parts).encode()).hexdigest()


@cache
def _own() -> str:
    root = Path(str(bital.__file__)).parent
    digest = sha256()
    for path in sorted(root.rglob("*.py"), key=lambda path: path.relative_to(root).as_posix()):
        inside = path.relative_to(root)
        if inside.parts[0] not in _SHOWS:
            digest.update(f"{inside.as_posix()}\0".encode())
            digest.update(path.read_bytes())
    return " ".join([digest.hexdigest(), *(f"{name} {version(name)}" for name in _BENEATH)])


class _Teller:
    """Says values so that two that act alike are said alike, and others are not."""

    def __init__(self, builder: Any) -> None:
        self._builder, self._home = builder, _home(builder)
        self._seen: dict[int, int] = {}  # things that outlive this, by id: an id stays theirs

    def say(self, value: Any) -> str:
        """Say a value.

        Raises:
            InvalidInput: it cannot be told apart from others of its type.
        """
        if id(value) in self._seen:
            return f"again {self._seen[id(value)]}"
        for kinds, said in _KINDS:
            if isinstance(value, kinds):
                return said(self, value)
        return self._other(value)

    def _items(self, value: tuple[Any, ...] | list[Any]) -> str:
        return f"{type(value).__name__}({', '.join(map(self.say, value))})"

    def _set(self, value: frozenset[Any] | set[Any]) -> str:
        return f"set({sorted(map(self.say, value))})"  # its order changes between processes

    def _mapping(self, value: Mapping[Any, Any]) -> str:
        pairs = [f"{key!r}: {self.say(item)}" for key, item in value.items()]
        return f"mapping({', '.join(pairs)})"

    def _wrapper(self, value: Any) -> str:
        held = [getattr(value, name, None) for name in _HELD]
        return f"{type(value).__name__} {self.say(held)}"

    def _name(self, value: Any) -> str:
        return f"named {getattr(value, '__module__', '')} {value.__name__}"

    def _class(self, value: type) -> str:
        if value.__module__ != self._home:
            return f"named {value.__module__} {value.__qualname__}"
        self._seen[id(value)] = len(self._seen)
        members = {name: item for name, item in vars(value).items() if _written(name, item)}
        return f"class {self.say((value.__bases__, members))}"

    def _function(self, value: types.FunctionType) -> str:
        if value.__module__ != self._home:
            return f"named {value.__module__} {value.__qualname__}"
        self._seen[id(value)] = len(self._seen)
        code, known = value.__code__, value.__globals__
        cells = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        held = self.say((value.__defaults__, value.__kwdefaults__, cells))
        named = {name: self._global(known[name]) for name in sorted(_names(code)) if name in known}
        return f"function {self._code(code)} {held} {named}"

    def _code(self, code: types.CodeType) -> str:
        names = (code.co_names, code.co_varnames, code.co_freevars)
        return f"{code.co_code.hex()} {code.co_flags} {names} {self.say(code.co_consts)}"

    def _global(self, value: Any) -> str:
        try:
            return self.say(value)
        except InvalidInput:
            return f"a {type(value).__module__} {type(value).__qualname__}"

    def _other(self, value: Any) -> str:
        if hasattr(value, "__array__") and hasattr(value, "tobytes"):
            return f"array {value.dtype} {value.shape} {sha256(value.tobytes()).hexdigest()}"
        if hasattr(value, "get_config"):  # a Keras object
            config = self.say(value.get_config())
            return f"configured {_home(value)} {type(value).__qualname__} {config}"
        if type(value).__module__ == self._home and hasattr(value, "__dict__"):
            self._seen[id(value)] = len(self._seen)
            return f"object {self.say((type(value), vars(value)))}"
        try:
            return f"plain {canonical(value)}"
        except InvalidInput as error:
            raise InvalidInput(
                "a builder may hold numbers, text, arrays, functions, Keras objects and nests of "
                f"them; {getattr(self._builder, '__qualname__', self._builder)} holds a "
                f"{type(value).__qualname__}. Make it inside the builder, and put what it depends "
                "on into the spec."
            ) from error


_HELD = ("__self__", "__func__", "func", "args", "keywords", "fget", "fset")
_KINDS: tuple[tuple[Any, Callable[[_Teller, Any], str]], ...] = (
    ((tuple, list), _Teller._items),
    ((set, frozenset), _Teller._set),
    (Mapping, _Teller._mapping),
    (types.FunctionType, _Teller._function),
    (type, _Teller._class),
    (types.CodeType, _Teller._code),
    ((types.BuiltinFunctionType, types.ModuleType), _Teller._name),
    ((types.MethodType, partial, staticmethod, classmethod, property), _Teller._wrapper),
    ((bytes, complex, types.EllipsisType), lambda teller, value: repr(value)),
)


def _home(value: Any) -> str:
    if isinstance(value, partial):
        return _home(value.func)
    return str(getattr(value, "__module__", None) or type(value).__module__)


def _names(code: types.CodeType) -> set[str]:
    """Return every global or attribute that the code or a function inside it names."""
    inner = [_names(item) for item in code.co_consts if isinstance(item, types.CodeType)]
    return set(code.co_names).union(*inner)


def _written(name: str, item: Any) -> bool:
    own = name in ("__init__", "__call__") or not (name.startswith("__") and name.endswith("__"))
    return own and not isinstance(item, types.GetSetDescriptorType)


def _filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:  # a function that names itself, not yet bound
        return False
    return True
