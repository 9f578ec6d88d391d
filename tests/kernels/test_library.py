"""Where the compiled kernels come from, and what environment variables ask of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bital.errors import InvalidInput
from bital.kernels import library

native = pytest.mark.skipif(bool(library.why_not()), reason=library.why_not() or "compiled")


def test_what_the_environment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for asked, means in {"off": "off", "jax": "jax", "native": "native", "": "native"}.items():
        monkeypatch.setenv("BITAL_KERNELS", asked)
        assert library.mode() == means
    monkeypatch.delenv("BITAL_KERNELS")
    assert library.mode() == "native"
    monkeypatch.setenv("BITAL_KERNELS", "cuda")
    with pytest.raises(
        InvalidInput, match="BITAL_KERNELS must be one of off, jax, native; got 'cuda'"
    ):
        library.mode()


def test_nothing_compiled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "_FOLDER", tmp_path)
    assert library._loaded.__wrapped__() == "bital was installed without a C++17 compiler"


def test_a_library_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "kernels.so").write_text("not a library")
    monkeypatch.setattr(library, "_FOLDER", tmp_path)
    assert "does not go with this jaxlib" in str(library._loaded.__wrapped__())


@native
def test_instructions_are_chosen_by_name() -> None:
    library.use("portable")
    assert library.instructions() == "portable"
    library.use("")
    assert library.instructions() in ("avx512", "avx2", "portable")
    with pytest.raises(InvalidInput, match="got 'sse9'"):
        library.use("sse9")


@native
@pytest.mark.parametrize(
    ("asked", "says"), [("portable", "'' portable"), ("sse9", "no 'sse9' instructions")]
)
def test_instructions_are_chosen_by_the_environment(asked: str, says: str) -> None:
    code = (
        "from bital.kernels import library\n"
        "why = library.why_not()\n"
        "print(repr(why), why or library.instructions())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"BITAL_INSTRUCTIONS": asked},
    )
    assert says in run.stdout
