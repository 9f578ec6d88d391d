"""A notebook as a program: its cells in order, in one namespace."""

import ast
import builtins
import json
import linecache
import re
import sys
import time
import timeit
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

from bital.compat.around.ipython import stand_in
from bital.errors import InvalidInput

_ASSIGNED = re.compile(r"\s*([A-Za-z_]\w*)\s*=\s*([!%].*)")
_SKIPPED_CELLS = ("bash", "sh", "html", "javascript", "js", "latex", "svg", "cmd", "writefile")


class Cell(NamedTuple):
    """A cell of code."""

    number: int
    """from 1, counting cells of code"""

    source: str


def cells(path: Path) -> list[Cell]:
    """Return the cells of code of a notebook, nbformat 3 or 4.

    Raises:
        InvalidInput: the file is no notebook.
    """
    try:
        book = json.loads(path.read_text(encoding="utf-8"))
        found = book["cells"] if "cells" in book else book["worksheets"][0]["cells"]
        codes = [c for c in found if c["cell_type"] == "code"]
        sources = ["".join(c["source"] if "source" in c else c["input"]) for c in codes]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"a notebook must be JSON with cells, nbformat 3 or 4; {path} is not "
            f"({type(error).__name__}: {error}). Save it again from Jupyter."
        ) from error
    return [Cell(number, source) for number, source in enumerate(sources, 1)]


def source(path: Path) -> str:
    """Return a notebook's cells as one program."""
    return "\n".join(_as_python(cell.source) for cell in cells(path))


def run(path: Path, say: Callable[[str], Any] = sys.stdout.write) -> dict[str, Any]:
    """Run a notebook's cells in order.

    Magics and `!` lines are told and skipped, but for `%time`, `%timeit`, `%matplotlib` and
    `%load_ext bital`. The value of a cell's last line is told, as Jupyter does.

    Args:
        path: the notebook.
        say: told what a notebook would show besides what is printed.

    Returns:
        The names the notebook defined.
    """
    module = ModuleType("__main__")
    module.__file__ = str(path)
    names = module.__dict__
    shell = _Shell(names, say)
    names.update(display=shell.display, get_ipython=lambda: shell)
    sys.modules["__main__"] = module
    stand_in(shell.display, shell)
    for cell in cells(path):
        name = f"{path.name}, cell {cell.number}"
        try:
            shell.run(cell.source, name)
        except BaseException as error:
            error.add_note(f"in cell {cell.number} of {path.name}")
            raise
    return names


def lend(say: Callable[[str], Any] = sys.stdout.write) -> None:
    """Give a script what it has of a notebook: `get_ipython()`, `display` and `IPython`."""
    shell = _Shell({}, say)
    vars(builtins).update(get_ipython=lambda: shell, display=shell.display)
    stand_in(shell.display, shell)


class _Shell:
    """What magics and displayed values are to a notebook."""

    def __init__(self, names: dict[str, Any], say: Callable[[str], Any]) -> None:
        self._names, self._say = names, say
        # matplotlib registers what draws after each cell; figures are shown after it in any case.
        self.events = SimpleNamespace(register=_nothing, unregister=_nothing)

    def run(self, source: str, name: str) -> None:
        """Run one cell."""
        first, _, rest = source.lstrip().partition("\n")
        if first.startswith("%%"):
            magic, _, argument = first[2:].strip().partition(" ")
            if magic in _SKIPPED_CELLS:
                self._say(f"skipped: {first} ...\n")
            elif magic in ("time", "timeit"):
                self.run_line_magic(magic, f"{argument}\n{rest}" if argument else rest)
            else:
                self._say(f"skipped: {first}\n")
                self._execute(rest, name)
        else:
            self._execute(source, name)
        self._show_figures()

    def display(self, *values: Any, **how: Any) -> None:
        """Tell what values look like as text."""
        for value in values:
            self._say(f"{value!r}\n")

    def run_line_magic(self, magic: str, line: str) -> None:
        """Do what a magic means here."""
        if magic == "time":
            start = time.perf_counter()
            self._execute(line, "time")
            self._say(f"Wall time: {time.perf_counter() - start:.3g} s\n")
        elif magic == "timeit":
            statement = re.sub(r"^(\s*-\w+(\s+\d+)?)+\s", "", line.strip() + " ")
            timer = timeit.Timer(statement.strip(), globals=self._names)
            loops, taken = timer.autorange()
            best = min([taken, *timer.repeat(2, loops)])
            self._say(f"{best / loops:.3g} s per loop (best of 3, {loops} loops each)\n")
        elif magic == "load_ext" and line.strip() == "bital":
            from bital.engine.install import install

            install()
        elif magic != "matplotlib":  # figures are shown after each cell in any case
            self._say(f"skipped: %{magic} {line}\n")

    def magic(self, line: str) -> None:
        """As old notebooks saved as scripts write it."""
        magic, _, rest = line.lstrip("%").partition(" ")
        self.run_line_magic(magic, rest)

    def system(self, line: str) -> list[str]:
        """Tell of a command line and skip it."""
        self._say(f"skipped: !{line}\n")
        return []

    def _execute(self, source: str, name: str) -> None:
        source = _as_python(source)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        tree = ast.parse(source, name)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            quiet = source.rstrip().endswith(";")
            last = None if quiet else ast.Expression(tree.body.pop().value)  # type: ignore[attr-defined]
        exec(compile(tree, name, "exec"), self._names)
        if last is not None:
            value = eval(compile(last, name, "eval"), self._names)
            if value is not None:
                self._names["_"] = value
                self.display(value)

    def _show_figures(self) -> None:
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None and pyplot.get_fignums():
            pyplot.show()


def _nothing(*args: Any) -> None:
    """Do nothing."""


def _as_python(source: str) -> str:
    """Return a cell with magics and command lines as calls, line for line."""
    try:
        ast.parse(source)
    except SyntaxError:
        return "\n".join(_line(line) for line in source.split("\n"))
    return source


def _line(line: str) -> str:
    indent, text = line[: len(line) - len(line.lstrip())], line.strip()
    assigned = _ASSIGNED.fullmatch(line)
    if assigned:
        return f"{indent}{assigned[1]} = get_ipython().system({assigned[2]!r})"
    if text.startswith("!"):
        return f"{indent}get_ipython().system({text[1:]!r}) and None"
    if text.startswith("%"):
        return f"{indent}get_ipython().magic({text!r})"
    if text.endswith("?") or text.startswith("?"):
        return f"{indent}get_ipython().magic({'%help ' + text!r})"
    return line
