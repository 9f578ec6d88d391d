"""Vocabularies and what is told of their tokens."""

from collections.abc import Iterator

import keras
import numpy as np
import pytest

from bital.compat import mode
from bital.compat.text.hashing import Hashing
from bital.compat.text.index import mode_of
from bital.compat.text.lookup import IntegerLookup, StringLookup
from bital.compat.text.vectorization import TextVectorization
from bital.compat.text.words import is_text, numbers, text, words
from bital.errors import InvalidInput, UnknownName


@pytest.fixture(autouse=True)
def _old() -> Iterator[None]:
    with mode.compat(["from tensorflow import keras"]):
        yield


def test_text_is_told_from_numbers() -> None:
    assert is_text("a")
    assert is_text([["a", "b"]])
    assert is_text(np.array(["a", b"b"], object))
    assert not is_text([1, 2])
    assert not is_text(np.array([1, "a"], object))
    assert not is_text([])


def test_numbers_stand_for_the_same_words() -> None:
    given = numbers([["one", "two"], ["two", "three"]])
    assert given[0, 1] == given[1, 0] != given[0, 0]
    assert words(given).tolist() == [["one", "two"], ["two", "three"]]


def test_text_gives_bytes() -> None:
    assert text(["한글"])[0].numpy() == "한글".encode()
    assert [str(one) for one in text(["a", "b"])] == ["a", "b"]


def test_the_most_frequent_comes_first_of_equals_the_last_that_sorts() -> None:
    layer = TextVectorization()
    layer.adapt(["a b b", "c, B!"])
    assert layer.get_vocabulary() == ["", "[UNK]", "b", "c", "a"]
    assert np.asarray(layer(["b z", "a"])).tolist() == [[2, 1], [4, 0]]


def test_lengths_ngrams_and_functions() -> None:
    layer = TextVectorization(output_sequence_length=3, ngrams=2, standardize=None)
    layer.adapt([["x y"]])
    assert set(layer.get_vocabulary(include_special_tokens=False)) == {"x", "y", "x y"}
    assert layer(["x"]).shape == (1, 3)
    letters = TextVectorization(split="character", standardize="lower")
    letters.adapt(["Ab"])
    assert letters.get_vocabulary()[2:] == ["b", "a"]


@pytest.mark.parametrize(
    ("how", "row"), [("multi_hot", [1, 1, 0]), ("count", [1, 2, 0]), ("binary", [1, 1, 0])]
)
def test_counts(how: str, row: list[int]) -> None:
    layer = TextVectorization(output_mode=how, vocabulary=["a", "b"])
    assert np.asarray(layer(["a z a"]))[0].tolist() == row


def test_tf_idf_by_hand() -> None:
    layer = TextVectorization(output_mode="tf_idf")
    layer.adapt(["a a", "a b"])
    idf = [np.log(1 + 2 / (1 + 2)), np.log(1 + 2 / (1 + 1))]
    assert np.allclose(layer(["a b b z"])[0], [np.mean(idf), idf[0], 2 * idf[1]])


def test_strings_and_back() -> None:
    layer = StringLookup(vocabulary=["cat", "dog"])
    assert np.asarray(layer([["dog"], ["cow"]])).tolist() == [[2], [0]]
    back = StringLookup(vocabulary=layer.get_vocabulary(), invert=True)
    assert back([1, 0]).tolist() == ["cat", "[UNK]"]
    hot = StringLookup(vocabulary=["cat", "dog"], output_mode="one_hot")
    assert np.asarray(hot(["cat", "cow"])).tolist() == [[0, 1, 0], [1, 0, 0]]


def test_whole_numbers_and_back() -> None:
    layer = IntegerLookup(max_tokens=3, mask_token=0)
    layer.adapt(np.array([[7], [7], [9], [0]]))
    assert layer.get_vocabulary() == [0, -1, 7]
    assert np.asarray(layer([[7, 0, 9]])).tolist() == [[2, 0, 1]]
    back = IntegerLookup(vocabulary=[7, 8], invert=True)
    assert np.asarray(back([1, 5])).tolist() == [7, -1]


def test_bins_are_the_same_each_time_and_within_bounds() -> None:
    layer = Hashing(num_bins=5, mask_value="")
    bins = np.asarray(layer(["a", "b", "", "a"]))
    assert bins[0] == bins[3]
    assert bins[2] == 0
    assert bins.min(where=bins > 0, initial=9) >= 1
    assert bins.max() < 5
    assert Hashing(4, output_mode="one_hot")(np.array([[1], [2]])).shape == (2, 4)


def test_a_model_of_texts_is_compiled_and_saved() -> None:
    layer = TextVectorization(max_tokens=9, output_sequence_length=4)
    layer.adapt(["good", "bad day"])
    model = keras.Sequential([
        keras.Input((1,), dtype="string"), layer, keras.layers.Embedding(9, 2),
        keras.layers.Flatten(), keras.layers.Dense(1),
    ])  # fmt: skip
    model.compile("sgd", "mse")
    x = np.array([["good"], ["bad day"]])
    model.fit(x, np.array([0.0, 1.0]), epochs=2, verbose=0)
    first = model.predict(x, verbose=0)
    again = TextVectorization.from_config(layer.get_config())
    assert again.get_vocabulary() == layer.get_vocabulary()
    assert np.allclose(model.predict([["good"], ["bad day"]], verbose=0), first)


def test_bad_input_says_the_rule() -> None:
    with pytest.raises(InvalidInput, match="needs a vocabulary"):
        TextVectorization()(["a"])
    with pytest.raises(InvalidInput, match="each token once"):
        StringLookup(vocabulary=["a", "a"])
    with pytest.raises(InvalidInput, match="has room for"):
        StringLookup(max_tokens=2, vocabulary=["a", "b", "c"])
    with pytest.raises(UnknownName, match="output_mode"):
        mode_of("ints")
    with pytest.raises(NotImplementedError, match="sparse"):
        StringLookup(sparse=True)
