from dataclasses import replace

import numpy as np
import pytest

from bital.data import Dataset
from bital.errors import InvalidInput

from .made import classification, regression

NAN = np.full((4, 1), np.nan, dtype=np.float32)

BROKEN = {
    "other length": (regression(4), {"y": np.zeros(3, np.float32)}, "4 rows of x and 3 of y"),
    "no row": (
        regression(4),
        {"x": np.zeros((0, 1), np.float32), "y": np.zeros(0, np.float32)},
        "at least one",
    ),
    "NaN in x": (regression(4), {"x": NAN}, "x must hold finite numbers; made has 4 NaN"),
    "infinite y": (
        regression(2),
        {"y": np.array([1, np.inf], np.float32)},
        "y must hold finite numbers; made has 1",
    ),
    "label past the classes": (
        classification([2, 2]),
        {"classes": ("one",)},
        "from 0 to 0; made has labels from 0 to 1",
    ),
    "negative label": (
        classification([2, 2]),
        {"y": np.array([-1, 0, 0, 1], np.int32)},
        "labels from -1 to 1",
    ),
    "numbers for classes": (
        classification([2, 2]),
        {"y": np.zeros(4, np.float32)},
        "one int32 per row for classification",
    ),
    "classes for numbers": (regression(3), {"classes": ("a",)}, "classes must be empty"),
    "features short": (regression(3), {"features": ("a", "b")}, "2 names and rows of shape"),
    "test row twice": (regression(3), {"test_rows": np.array([1, 1], np.int32)}, "distinct"),
    "test row outside": (regression(3), {"test_rows": np.array([3], np.int32)}, "from 0 to 2"),
    "only test rows": (regression(2), {"test_rows": np.arange(2, dtype=np.int32)}, "leave rows"),
    "peak": (regression(2), {"peak": 0.0}, "peak must be greater than 0"),
}


@pytest.mark.parametrize(("whole", "change", "says"), BROKEN.values(), ids=BROKEN)
def test_contradictions_are_refused(whole: Dataset, change: dict[str, object], says: str):
    with pytest.raises(InvalidInput, match=says):
        replace(whole, **change)


def test_fingerprint_is_of_the_arrays_alone():
    whole = classification([3, 4])
    again = replace(whole, name="other", source="elsewhere", x=whole.x.copy())
    assert whole.fingerprint == again.fingerprint
    assert len(whole.fingerprint) == 64


def test_fingerprint_sees_value_shape_type_and_which_array():
    whole = regression(4)
    one_off = whole.x.copy()
    one_off[2] += 1
    variants = [
        whole,
        replace(whole, x=one_off),
        replace(whole, x=whole.x.reshape(4, 1, 1)),
        replace(whole, x=whole.x.view(np.int32)),
        replace(whole, y=whole.y + 1),
        replace(whole, x=whole.y[:, np.newaxis], y=whole.x[:, 0]),
    ]
    assert len({v.fingerprint for v in variants}) == len(variants)


def test_fingerprint_reads_through_strides():
    whole = regression(6)
    wide = np.repeat(whole.x, 2, axis=1)[:, ::2]
    assert replace(whole, x=wide).fingerprint == whole.fingerprint


def test_images_are_told_from_tables():
    assert replace(regression(2), x=np.zeros((2, 3, 3, 1), np.uint8)).image
    assert not regression(2).image
