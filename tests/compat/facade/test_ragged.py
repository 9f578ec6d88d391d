"""Rows of many lengths, as far as Keras programs make and pad them."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from bital.compat import mode


@pytest.fixture(autouse=True)
def tf() -> Iterator[Any]:
    with mode.compat(["import tensorflow as tf"]):
        import tensorflow

        yield tensorflow


def test_it_is_padded(tf: Any) -> None:
    rows = tf.ragged.constant([[1, 2, 3], [], [4]])
    assert rows.to_tensor().numpy().tolist() == [[1, 2, 3], [0, 0, 0], [4, 0, 0]]
    assert rows.to_tensor(default_value=-1, shape=[None, 2]).numpy().tolist() == [
        [1, 2], [-1, -1], [4, -1],
    ]  # fmt: skip
    assert rows.row_lengths().numpy().tolist() == [3, 0, 1]
    assert rows.shape.as_list() == [3, None]
    assert rows.bounding_shape().numpy().tolist() == [3, 3]
    assert rows[0].numpy().tolist() == [1, 2, 3]
    assert rows[1:].to_list() == [[], [4]]
    assert [len(row) for row in rows] == [3, 0, 1]
    assert rows.dtype == tf.int32


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("from_row_lengths", ([1, 2, 3, 4], [3, 0, 1])),
        ("from_row_splits", ([1, 2, 3, 4], [0, 3, 3, 4])),
        ("from_value_rowids", ([1, 2, 3, 4], [0, 0, 0, 2])),
    ],
)
def test_it_is_made(tf: Any, method: str, arguments: tuple[Any, ...]) -> None:
    assert getattr(tf.RaggedTensor, method)(*arguments).to_list() == [[1, 2, 3], [], [4]]


def test_of_a_tensor_it_is_cut(tf: Any) -> None:
    padded = [[5, 6, 0], [7, 0, 0]]
    assert tf.RaggedTensor.from_tensor(padded, padding=0).to_list() == [[5, 6], [7]]
    assert tf.RaggedTensor.from_tensor(padded, lengths=[1, 2]).to_list() == [[5], [7, 0]]


def test_splits_that_do_not_fit_are_refused(tf: Any) -> None:
    with pytest.raises(ValueError, match="row_splits"):
        tf.RaggedTensor.from_row_lengths([1, 2, 3], [1, 1])


def test_axes_may_be_ragged_below_each_other(tf: Any) -> None:
    rows = tf.ragged.constant([[["a", "b"], ["c"]], [[], ["d"]]])
    assert rows.ragged_rank == 2
    assert rows.to_tensor().numpy().tolist() == [
        [[b"a", b"b"], [b"c", b""]], [[b"", b""], [b"d", b""]],
    ]  # fmt: skip


def test_arithmetic_is_entry_by_entry(tf: Any) -> None:
    rows = tf.ragged.constant([[1.0, 2.0], [3.0]])
    assert (rows * 2 + rows).to_list() == [[3, 6], [9]]
    assert (1 - rows).to_list() == [[0, -1], [-2]]
    assert tf.square(rows).to_list() == [[1, 4], [9]]
    assert tf.reduce_mean(rows, axis=1).numpy().tolist() == [1.5, 3.0]
    assert float(tf.reduce_sum(rows)) == 6
    assert tf.concat([rows, [[4.0], [5.0]]], axis=1).to_list() == [[1, 2, 4], [3, 5]]
    with pytest.raises(NotImplementedError, match=r"tf\.transpose"):
        tf.transpose(rows)


def test_words_of_many_lengths(tf: Any) -> None:
    words = tf.strings.split(["a b", "c"])
    lookup = tf.keras.layers.StringLookup(vocabulary=["a", "b", "c"])
    assert lookup(words).to_tensor().numpy().tolist() == [[1, 2], [3, 0]]
    back = tf.strings.reduce_join(words, axis=-1, separator="-")
    assert back.numpy().tolist() == [b"a-b", b"c"]


def test_models_ask_for_rows_of_one_length(tf: Any) -> None:
    with pytest.raises(NotImplementedError, match="to_tensor"):
        tf.keras.Input((None,), ragged=True)
    rows = tf.ragged.constant([[1.0], [2.0, 3.0]])
    with pytest.raises(TypeError, match="RaggedTensor"):
        np.asarray(rows)
    model = keras.Sequential([keras.layers.Embedding(5, 2, mask_zero=True), keras.layers.LSTM(2)])
    assert model.predict(rows.to_tensor(), verbose=0).shape == (2, 2)
    with pytest.raises(Exception, match="RaggedTensor"):
        model.predict(rows, verbose=0)
