"""What is written comes back, bit for bit, or is not there at all."""

import math
import os
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bital.engine import snapshot
from bital.errors import InvalidInput, SaveFailure

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
nests = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(nests)
def test_nests_come_back(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    path = tmp_path_factory.mktemp("훈련") / "값.npz"
    snapshot.write(path, value)
    again = snapshot.read(path)
    assert again == value
    assert repr(again) == repr(value)  # True is not 1, -0.0 not 0.0


ARRAYS = {
    "float32": np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3),
    "bfloat16": jnp.linspace(0, 1, 5, dtype=jnp.bfloat16),
    "empty": np.zeros((0, 4), np.int8),
    "scalar": np.float32(math.pi),
    "zero-dimensional": np.array(3, np.uint32),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "bool": np.array([True, False]),
    "nan": np.array([np.nan, -0.0, np.inf]),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_come_back(tmp_path: Path, name: str) -> None:
    snapshot.write(tmp_path / "a.npz", {"here": [ARRAYS[name]]})
    again = snapshot.read(tmp_path / "a.npz")["here"][0]
    expected = np.asarray(ARRAYS[name])
    assert again.dtype == expected.dtype
    assert again.shape == expected.shape
    assert again.tobytes() == expected.tobytes()


@pytest.mark.parametrize("value", [object(), {"a": print}, np.array(["text"]), {1, 2}])
def test_what_is_not_plain_is_refused(tmp_path: Path, value: Any) -> None:
    assert not snapshot.is_plain(value)
    snapshot.write(tmp_path / "a.npz", 1)
    with pytest.raises(snapshot.NotPlainError):
        snapshot.write(tmp_path / "a.npz", [1, value])
    assert snapshot.read(tmp_path / "a.npz") == 1, "what was there before must stay"


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04 cut short", b"no archive"])
def test_what_is_not_a_snapshot_is_named(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "training.npz"
    path.write_bytes(body)
    with pytest.raises(InvalidInput, match="Delete it to start anew"):
        snapshot.read(path)


def test_a_write_that_fails_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.npz"
    snapshot.write(path, "old")

    def full(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveFailure, match="no space"):
        snapshot.write(path, "new")
    assert snapshot.read(path) == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"], "half a file is left"
