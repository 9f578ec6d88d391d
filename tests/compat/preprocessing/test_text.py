"""Words to numbers, of every era's spelling."""

import json
from typing import Any

import numpy as np
import pytest

from bital.compat import notes
from bital.compat.preprocessing import text

SAID = ["The cat sat on the mat.", "The dog ate my homework, the dog!", "고양이 강아지 고양이"]


@pytest.fixture
def fitted() -> text.Tokenizer:
    tokenizer = text.Tokenizer(num_words=4, oov_token="<OOV>")
    tokenizer.fit_on_texts(SAID)
    return tokenizer


def test_words_are_numbered_by_frequency(fitted: text.Tokenizer) -> None:
    assert fitted.word_index["<OOV>"] == 1
    assert fitted.word_index["the"] == 2
    assert {fitted.word_index["dog"], fitted.word_index["고양이"]} == {3, 4}
    assert fitted.word_counts["the"] == 4
    assert fitted.document_count == 3
    assert fitted.texts_to_sequences(["the dog flew"]) == [[2, 3, 1]]
    assert fitted.sequences_to_texts([[2, 3, 9]]) == ["the dog <OOV>"]


@pytest.mark.parametrize(
    ("mode", "row"),
    [
        ("binary", [0, 0, 1, 1]),
        ("count", [0, 0, 2, 1]),
        ("freq", [0, 0, 2 / 3, 1 / 3]),
        # 1 + log(count), times log(1 + documents / (1 + documents with the word))
        ("tfidf", [0, 0, (1 + np.log(2)) * np.log(1 + 3 / 3), np.log(1 + 3 / 2)]),
    ],
)
def test_texts_become_a_matrix(fitted: text.Tokenizer, mode: str, row: list[float]) -> None:
    found = fitted.texts_to_matrix(["the dog the"], mode=mode)
    np.testing.assert_allclose(found, [row])


def test_characters_and_filters() -> None:
    tokenizer = text.Tokenizer(char_level=True, lower=False)
    tokenizer.fit_on_texts(["aAb", "가a"])
    assert tokenizer.texts_to_sequences(["a가Z"]) == [[1, tokenizer.word_index["가"]]]
    assert text.text_to_word_sequence("A-b, C", lower=False) == ["A", "b", "C"]
    assert text.text_to_word_sequence(text="a;b", split=";", filters="") == ["a", "b"]
    assert ";" in text.base_filter()


def test_json_and_back(fitted: text.Tokenizer) -> None:
    again = text.tokenizer_from_json(fitted.to_json())
    assert isinstance(again, text.Tokenizer)
    assert again.texts_to_sequences(SAID) == fitted.texts_to_sequences(SAID)
    assert json.loads(again.to_json()) == json.loads(fitted.to_json())


@pytest.mark.parametrize("words", ["nb_words", "num_words"])
def test_pickles_of_every_era_are_read(fitted: text.Tokenizer, words: str) -> None:
    state: dict[str, Any] = vars(fitted).copy()
    for later in ("analyzer", "index_word", "oov_token", "num_words"):  # as Keras 1 left it
        del state[later]
    old = text.Tokenizer.__new__(text.Tokenizer)
    old.__setstate__(state | {words: 3})
    assert old.texts_to_sequences(["the dog"]) == [[2]]
    assert old.sequences_to_texts([[2]]) == ["the"]


def test_hashing() -> None:
    found = text.hashing_trick("the cat the", 50, hash_function="md5")
    assert found[0] == found[2] != found[1]
    assert all(1 <= n < 50 for n in found)
    assert len(text.one_hot("the cat the", 50)) == 3


def test_nb_words_is_told() -> None:
    notes.forget()
    assert text.Tokenizer(nb_words=7).num_words == 7
    assert notes.told() == (notes.Note("nb_words=", "num_words="),)
