"""One value has one text, which reads back as the value."""

import math
import string
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bital.errors import InvalidInput
from bital.store.canonical import canonical, digest, read

TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("가힣ㄱ각𝄞"), max_size=8)
LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
PLAIN = st.recursive(
    LEAF, lambda p: st.lists(p, max_size=4) | st.dictionaries(TEXT, p, max_size=4), max_leaves=12
)


def same(a: Any, b: Any) -> bool:
    """Equal to the type of each leaf and the sign of zero."""
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and repr(a) == repr(b)


@settings(max_examples=60, deadline=None)
@given(PLAIN)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert same(read(canonical(value)), value)


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(TEXT, LEAF, max_size=6), st.randoms())
def test_the_order_of_keys_does_not_matter(value: dict[str, Any], random: Any) -> None:
    pairs = list(value.items())
    random.shuffle(pairs)
    assert digest(dict(pairs)) == digest(value)


@settings(max_examples=60, deadline=None)
@given(PLAIN, PLAIN)
def test_different_values_have_different_texts(a: Any, b: Any) -> None:
    assert (canonical(a) == canonical(b)) == same(a, b)


def test_the_text_is_as_documented() -> None:
    value = {"b": [1, 1.0, -0.0, 1e22, 0.1], "a": None, "한": "글\n", "c": (True, float("-inf"))}
    written = '{"a":null,"b":[1,1.0,-0.0,1e+22,0.1],"c":[true,{"$float":"-inf"}],"한":"글\\n"}'
    assert canonical(value) == written
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_nan_is_one_value() -> None:
    assert canonical(float("nan")) == canonical(-np.float32("nan")) == '{"$float":"nan"}'
    assert math.isnan(read('{"$float":"nan"}'))


def test_numpy_scalars_are_numbers() -> None:
    assert canonical([np.int64(3), np.float64(0.1), np.float32(0.5)]) == "[3,0.1,0.5]"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"optimizer": [object()]}, r"value\['optimizer'\]\[0\] is a object"),
        ({"x": np.zeros(2)}, "is a ndarray"),
        ({1: 2}, "has the key 1"),
        ({"a": {"$float": "nan"}}, r"'\$float' alone is taken"),
        ("\ud800", "writable as UTF-8"),
        ({"\ud800": 1}, "writable as UTF-8"),
        ({string.digits}, "is a set"),
        (Fraction(1, 3), "is a Fraction"),
    ],
)
def test_what_is_not_plain_is_told_with_its_place(value: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        canonical(value)
