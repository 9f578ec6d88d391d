"""Sequences for recurrent networks and word2vec."""

import random

import numpy as np
import pytest

from bital.compat.preprocessing import sequence


def test_padding() -> None:
    given = [[1, 2, 3, 4], [5]]
    assert sequence.pad_sequences(given, 3).tolist() == [[2, 3, 4], [0, 0, 5]]
    after = sequence.pad_sequences(given, 3, padding="post", truncating="post", value=9)
    assert after.tolist() == [[1, 2, 3], [5, 9, 9]]


def test_skipgrams_pair_neighbours_with_one() -> None:
    random.seed(0)
    couples, labels = sequence.skipgrams([1, 2, 0, 3], 50, window_size=1, seed=4)
    assert sorted(c for c, label in zip(couples, labels, strict=True) if label) == [[1, 2], [2, 1]]
    assert labels.count(0) == 2
    random.seed(0)
    assert sequence.skipgrams([1, 2, 0, 3], 50, window_size=1, seed=4) == (couples, labels)


def test_skipgrams_without_a_seed_follow_python_s_generator() -> None:
    found = []
    for _ in range(2):
        random.seed(3)
        found.append(sequence.skipgrams(range(1, 9), 20, negative_samples=0))
    assert found[0] == found[1]
    plain, _ = sequence.skipgrams(range(1, 9), 20, negative_samples=0, shuffle=False)
    assert found[0][0] != plain
    assert sorted(found[0][0]) == sorted(plain)


def test_frequent_words_are_sampled_less() -> None:
    table = sequence.make_sampling_table(1000)
    assert (np.diff(table[1:]) >= 0).all()
    assert table[1] == pytest.approx(0.00315225)


def test_windows_of_a_series() -> None:
    series = np.arange(20)
    windows = sequence.TimeseriesGenerator(
        series, series * 10, length=4, sampling_rate=2, stride=3, batch_size=2
    )
    x, y = windows[0]
    assert x.tolist() == [[0, 2], [3, 5]]
    assert y.tolist() == [40, 70]
    assert len(windows) == 3
