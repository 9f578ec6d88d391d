"""The version changes with what a builder does, and with nothing else."""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import bital
from bital.errors import InvalidInput
from bital.store import code
from bital.store.code import code_version

BASE = """
import math
import numpy as np
WIDTH = 8
NAMES = {"a", "b", "c", "d"}

class Block:
    size = 3
    def __init__(self, n): self.n = n
    def __call__(self, x): return x * self.n

def inner(x):
    return x + 1

def build(depth=2, *, rate=0.1):
    layers = [inner(d) * WIDTH for d in range(depth)]
    return Block(len(layers)), math.sqrt(rate), "a" in {"x", "y", "z"}, NAMES
"""


def module(text: str, name: str = "mine") -> Any:
    made = ModuleType(name)
    exec(compile(text, "/some/file.py", "exec"), made.__dict__)
    return made


def version(text: str) -> str:
    return code_version(module(text).build)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("depth=2", "depth=3"),
        ("rate=0.1", "rate=0.2"),
        ("x + 1", "x + 2"),
        ("x + 1", "x - 1"),
        ("WIDTH = 8", "WIDTH = 9"),
        ("size = 3", "size = 4"),
        ("x * self.n", "x / self.n"),
        ("math.sqrt", "math.exp"),
        ('"x", "y"', '"x", "w"'),
        ('{"a", "b"', '{"a", "e"'),
        ("inner(d)", "inner(depth)"),
        ("    return Block", "    layers.pop()\n    return Block"),
    ],
)
def test_what_changes_a_builder_changes_its_version(old: str, new: str) -> None:
    assert old in BASE
    assert version(BASE.replace(old, new)) != version(BASE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import math", "import math\n\n\n# a comment"),
        ("    return x + 1", "    # more\n    return x + 1  # one"),
        ("def inner(x):", "OTHER = 3\ndef unused(): pass\ndef inner(x):"),
    ],
)
def test_what_does_not_change_a_builder_does_not_change_its_version(old: str, new: str) -> None:
    assert old in BASE
    assert version(BASE.replace(old, new)) == version(BASE)


def test_it_is_the_same_in_every_process() -> None:
    text = "from store.test_code import *; import sys; sys.stdout.write(version(BASE))"
    found = {version(BASE)}
    for seed in ("1", "2"):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }
        done = subprocess.run(
            [sys.executable, "-c", text],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        found.add(done.stdout)
    assert len(found) == 1


def closure(value: Any) -> Any:
    def build() -> Any:
        return value

    return build


def test_what_a_closure_or_a_partial_holds_counts() -> None:
    import keras

    values: list[Any] = [1, 1.0, "1", (1,), [1], None, np.ones(2), np.ones(2, np.float32)]
    values += [np.zeros(2), np.ones((2, 1)), int, len, closure(1), closure(2), b"1", 1j]
    values += [keras.regularizers.L2(0.1), keras.regularizers.L2(0.2), float("nan")]
    versions = [code_version(closure(value)) for value in values]
    versions += [code_version(partial(closure, value)) for value in (1, 2)]
    assert len(set(versions)) == len(versions)
    assert code_version(closure(np.ones(2))) == code_version(closure(np.ones(2)))
    assert code_version(closure({1, "a"})) == code_version(closure({"a", 1}))


def test_a_method_counts_with_its_object() -> None:
    blocks = module(BASE)
    versions = {code_version(blocks.Block(n).__call__) for n in (1, 2, 2)}
    assert len(versions) == 2


def test_functions_that_name_each_other_end() -> None:
    text = "def build(n): return n and other(n - 1)\ndef other(n): return build(n)"
    assert version(text) != version(text.replace("n - 1", "n - 2"))


def test_what_cannot_be_told_apart_is_told() -> None:
    with pytest.raises(InvalidInput, match=r"build holds a generator.*put what it depends on"):
        code_version(closure(x for x in "abc"))


def test_without_builders_it_is_bitals_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = code_version()
    assert code_version() == own != code_version(closure(1))
    for name in ("engine", "report"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text("a = 1", encoding="utf-8")
    monkeypatch.setattr(bital, "__file__", str(tmp_path / "__init__.py"))

    def fresh() -> str:
        code._own.cache_clear()
        return code_version()

    try:
        before = fresh()
        assert before != own
        (tmp_path / "report" / "one.py").write_text("a = 2", encoding="utf-8")
        assert fresh() == before
        (tmp_path / "engine" / "one.py").write_text("a = 2", encoding="utf-8")
        changed = fresh()
        assert changed != before
        monkeypatch.setattr(code, "version", lambda name: "99")
        assert fresh() != changed
    finally:
        code._own.cache_clear()
