"""A run is found by what produced it."""

from dataclasses import replace
from typing import Any

import pytest

from bital.errors import InvalidInput
from bital.store.run import Origin

from .made import origin, run

SAME = origin()


@pytest.mark.parametrize(
    "field",
    [
        {"spec": {**SAME.spec, "rate": 0.1000001}},
        {"data": "other"},
        {"code": "other"},
        {"seed": 1},
        {"split": {"fold": 0, "of": 5}},
    ],
)
def test_each_field_of_an_origin_is_in_the_key(field: dict[str, Any]) -> None:
    assert replace(SAME, **field).key != SAME.key


def test_the_key_does_not_depend_on_order_or_names() -> None:
    spec = dict(reversed(list(SAME.spec.items())))
    assert replace(SAME, spec=spec).key == SAME.key
    assert run(name="다른 이름", study="other", scores={"a": 1.0}).key == SAME.key


def test_a_key_stays_what_it_was() -> None:
    # A change here makes every run of every store be run again.
    found = Origin({"a": [1, 0.5, "가"]}, "d", "c", 7, {"fold": 1}).key
    assert found == "f1fa580eecdf1c9449b7f962f49d57873ec5389f732fe5deb95d8a1c8aeace4b"


@pytest.mark.parametrize("seed", [2**63, -(2**63) - 1, 1.0, True, "1"])
def test_a_seed_that_no_database_holds_is_refused(seed: Any) -> None:
    with pytest.raises(InvalidInput, match="integer of 64 bits"):
        replace(SAME, seed=seed)


def test_a_spec_that_is_not_plain_is_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="is a function"):
        origin(builder=run)
