"""TOML tables become dataclasses; what does not fit is told with its place."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest

from bital.errors import InvalidInput, UnknownName
from bital.workbench.tables import read


@dataclass(frozen=True)
class Oven:
    heat: float
    fan: bool = False


@dataclass(frozen=True)
class Cooking:
    dish: str
    ovens: Mapping[str, Oven] = field(default_factory=dict)
    cooks: int | tuple[int, ...] = 1
    minutes: float | None = None
    size: int | Literal["all"] = 4
    notes: Mapping[str, Any] = field(default_factory=dict)


def cooking(text: str) -> Cooking:
    return read(Cooking, tomllib.loads(text), "meal.toml")


def test_every_kind_of_value() -> None:
    assert cooking(
        'dish = "국"\ncooks = [1, 2]\nminutes = 3\nsize = "all"\nnotes = {a = [1], b = "x"}\n'
        "[ovens.left]\nheat = 200\n[ovens.'오른쪽']\nheat = 180.5\nfan = true\n"
    ) == Cooking(
        "국",
        {"left": Oven(200.0), "오른쪽": Oven(180.5, True)},
        (1, 2),
        3.0,
        "all",
        {"a": [1], "b": "x"},
    )
    assert type(cooking('dish = "a"\nminutes = 3').minutes) is float
    assert cooking('dish = "a"') == Cooking("a")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", r"meal\.toml must have dish"),
        ("dish = 3", "meal.toml: dish must be text; got 3"),
        ('dish = "a"\ncooks = 2.5', "cooks must be a whole number or a list of whole numbers"),
        ('dish = "a"\ncooks = [1, "b"]', "cooks must be a whole number; got 'b'"),
        ('dish = "a"\ncooks = true', "cooks must be .*got True"),
        ('dish = "a"\nminutes = "long"', "minutes must be a finite number; got 'long'"),
        ('dish = "a"\nsize = "some"', "size must be a whole number or \"all\"; got 'some'"),
        ('dish = "a"\novens = 3', "ovens must be a table; got 3"),
        (
            'dish = "a"\n[ovens.x]\nheat = "hot"',
            "meal.toml, ovens, x: heat must be a finite number",
        ),
        ('dish = "a"\n[ovens.x]\nfan = true', "meal.toml, ovens, x must have heat"),
        ('dish = "a"\n[ovens.x]\nheat = 1\nfan = 1', "fan must be true or false; got 1"),
    ],
)
def test_what_does_not_fit_is_told(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        cooking(text)


@pytest.mark.parametrize(
    ("text", "near"),
    [('dish = "a"\nminute = 3', "minutes"), ('dish = "a"\n[ovens.x]\nheat = 1\nfann = 1', "fan")],
)
def test_an_unknown_key_is_told_with_the_nearest(text: str, near: str) -> None:
    with pytest.raises(UnknownName, match=f"a key of meal.toml.*Did you mean '{near}'"):
        cooking(text)
