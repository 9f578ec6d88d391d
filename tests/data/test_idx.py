import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from bital.data.sources import idx
from bital.errors import InvalidInput

from . import made

same_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@same_folder
@given(arrays(np.uint8, array_shapes(max_dims=4, max_side=6)))
def test_round_trip(tmp_path: Path, array: np.ndarray):
    path = tmp_path / "하나.gz"
    path.write_bytes(made.idx(array))
    np.testing.assert_array_equal(idx.read(path, "one"), array)


@same_folder
@given(st.data())
def test_damage_is_refused_or_harmless(tmp_path: Path, data: st.DataObject):
    array = np.arange(60, dtype=np.uint8).reshape(3, 5, 4)
    whole = made.idx(array)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.sampled_from(
            [whole[:place], whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]]
        )
    )
    path = tmp_path / "one.gz"
    path.write_bytes(damaged)
    try:
        got = idx.read(path, "folder/one.gz")
    except InvalidInput as error:
        said = str(error)
    else:  # a byte of the gzip header that carries no content, as its time stamp
        np.testing.assert_array_equal(got, array)
        return
    assert "folder/one.gz" in said
    assert str(tmp_path) not in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "starts with nothing"),
        (bytes([0, 0, 0x0D, 1, 0, 0, 0, 0]), "starts with 00 00 0d 01"),
        (bytes([0, 0, 8, 2, 0, 0, 0, 1]), "starts with 00 00 08 02"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 7]), r"3 bytes after its header.*it holds 2"),
        (bytes([0, 0, 8, 1, 0, 0, 0, 1, 7, 7]), r"1 bytes after its header.*it holds 2"),
    ],
)
def test_content_that_contradicts_its_header(tmp_path: Path, content: bytes, says: str):
    path = tmp_path / "one.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(InvalidInput, match=says):
        idx.read(path, "one.gz")
