"""Bins are TensorFlow's: the numbers here are what TensorFlow 2.21 gave."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from bital.compat import mode
from bital.compat.text.fingerprint import fingerprint
from bital.compat.text.hashing import HashedCrossing, Hashing
from bital.compat.text.lookup import IntegerLookup, StringLookup
from bital.errors import UnknownName

LETTERS = np.array([["A"], ["B"], ["C"], [""]])
NUMBERS = np.array([[1], [22], [-5]])


@pytest.fixture(autouse=True)
def _old() -> Iterator[None]:
    with mode.compat(["from tensorflow import keras"]):
        yield


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"", 0x9AE16A3B2F90404F),
        (b"a", 0xB3454265B6DF75E3),
        (b"abcd", 0x1A5502DE4A1F8101),
        (b"abcdefgh" * 2, 0xA29C9D7B15152EE2),
        (b"x" * 30, 0x144FBC70428E5FED),
        (b"y" * 60, 0x46172EA293E2149F),
        (b"z" * 130, 0x466542EDEB64F0A4),
    ],
)
def test_fingerprints_of_every_length(text: bytes, wanted: int) -> None:
    assert fingerprint(text) == wanted


@pytest.mark.parametrize(
    ("layer", "given", "wanted"),
    [
        (Hashing(7), LETTERS, [3, 6, 1, 6]),
        (Hashing(7, mask_value=""), LETTERS, [5, 1, 2, 0]),
        (Hashing(7, salt=133), LETTERS[:3], [4, 5, 4]),
        (Hashing(7, salt=[13, 37]), LETTERS[:3], [2, 3, 3]),
        (Hashing(7), NUMBERS, [5, 1, 0]),
        (Hashing(7, mask_value=22), NUMBERS, [4, 0, 1]),
        (StringLookup(vocabulary=["a"], num_oov_indices=5), ["x", "yy", "a"], [0, 2, 5]),
        (IntegerLookup(vocabulary=[10], num_oov_indices=5), [3, 17, 10], [3, 2, 5]),
    ],
)
def test_bins(layer: keras.layers.Layer, given: object, wanted: list[int]) -> None:
    assert np.asarray(layer(given)).ravel().tolist() == wanted


def test_columns_together() -> None:
    letters, numbers = np.array(["A", "B", "A", "B", "A"]), np.array([101, 101, 101, 102, 102])
    wanted = [1, 4, 1, 1, 3]
    assert np.asarray(HashedCrossing(5)((letters, numbers))).tolist() == wanted
    columns = HashedCrossing(5, output_mode="one_hot")((letters, numbers))
    assert np.asarray(columns).argmax(-1).tolist() == wanted


def test_how_many_fell_into_each() -> None:
    twice = np.array([["A", "A", "B"]])
    assert np.asarray(Hashing(7, output_mode="count")(twice))[0].tolist() == [0, 0, 0, 2, 0, 0, 1]
    assert np.asarray(Hashing(7, output_mode="multi_hot")(twice)).max() == 1
    with pytest.raises(UnknownName, match="output_mode"):
        HashedCrossing(5, output_mode="count")


def test_in_a_model() -> None:
    one, other = keras.Input((1,), dtype="string"), keras.Input((1,), dtype="int64")
    crossed = HashedCrossing(5, output_mode="one_hot")([one, other])
    model = keras.Model([one, other], crossed)
    given = [np.array([["A"], ["B"]]), np.array([[101], [102]])]
    found = model.predict(given, verbose=0)
    assert found.argmax(-1).tolist() == [1, 1]
    again = HashedCrossing.from_config(HashedCrossing(5, output_mode="one_hot").get_config())
    assert again.num_bins == 5
