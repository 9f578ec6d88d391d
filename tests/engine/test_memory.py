"""BITAL_MEMORY, and what fits."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bital.engine import memory
from bital.errors import InvalidInput

SIZES = {
    "0": 0,
    "1000": 1000,
    "12B": 12,
    "500MB": 500 * 10**6,
    "500 MB": 500 * 10**6,
    " 2GB ": 2 * 10**9,
    "2gb": 2 * 10**9,
    "1.5G": 1_500_000_000,
    "0.5k": 500,
    "3T": 3 * 10**12,
    "3TB": 3 * 10**12,
}


@pytest.mark.parametrize("asked", SIZES)
def test_sizes(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_MEMORY", asked)
    assert memory.budget() == SIZES[asked]


@given(st.integers(0, 10**6), st.sampled_from(["KB", "MB", "GB", "TB"]))
def test_units_are_powers_of_a_thousand(count: int, unit: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BITAL_MEMORY", f"{count}{unit}")
        whole = memory.budget()
        patch.setenv("BITAL_MEMORY", str(count * 1000 ** (1 + "KMGT".index(unit[0]))))
        assert memory.budget() == whole


@pytest.mark.parametrize("asked", ["much", "-1", "2 GiB", "1e9", "MB", "5PB", "50%", "1,000", "٣x"])
def test_what_is_no_size(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_MEMORY", asked)
    with pytest.raises(InvalidInput, match="BITAL_MEMORY must be a size such as 500MB") as error:
        memory.budget()
    assert repr(asked) in str(error.value)


@pytest.mark.parametrize("unset", ["", "  "])
def test_half_of_what_is_free(unset: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_MEMORY", unset)
    monkeypatch.setattr(memory, "_free", lambda: 1001)
    assert memory.budget() == 500


def test_what_is_free_is_some_of_what_there_is() -> None:
    said = Path("/proc/meminfo")
    if not said.is_file():
        pytest.skip("Linux says how much memory there is in /proc/meminfo")
    total = int(said.read_text().split("MemTotal:")[1].split()[0]) * 1024
    assert 0 < memory._free() < total


def test_size_is_that_of_every_leaf() -> None:
    arrays = {"x": np.zeros((3, 5), np.float32), "y": [jnp.zeros(7, jnp.bfloat16), None]}
    assert memory.size(arrays) == 3 * 5 * 4 + 7 * 2
    assert memory.size(None) == 0


@pytest.mark.parametrize(("asked", "fits"), [("", True), ("60", True), ("59", False)])
def test_what_is_small_fits_unless_the_budget_is_smaller(
    asked: str, fits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BITAL_MEMORY", asked)
    monkeypatch.setattr(memory, "_free", lambda: 0)
    assert memory.fits(np.zeros((3, 5), np.float32)) is fits


def test_what_is_large_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BITAL_MEMORY", raising=False)
    array = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), (2**25,), (0,))
    for free, fits in ((2**29, True), (2**27, False)):
        monkeypatch.setattr(memory, "_free", lambda free=free: free)
        assert memory.fits(array) is fits
