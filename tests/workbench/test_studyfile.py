"""A study.toml is read as it stands, and told what it cannot say."""

import subprocess
import sys
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest

from bital.cli.options import attribute_docstrings
from bital.errors import InvalidInput
from bital.models.recipe import Recipe
from bital.workbench.studyfile import ArmTable, StudyFile
from bital.workbench.tables import read_toml

read_file = partial(read_toml, StudyFile, what="study")

TEXT = """
data = "digits"
question = "어느 쪽이 나은가?"
seeds = [3, 5]
splits = "5-fold"
margin = 0.005

[arms.adam]
label = "Adam (기본)"

[arms."SGD 0.1"]
optimizer = "sgd"
learning_rate = 0.1
batch_size = "all"
units = [32, 16]

[published]
adam = 0.98
"""


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "연구.toml"
    path.write_text("\ufeff" + TEXT, encoding="utf-8")  # as Windows editors begin a file
    assert read_file(path) == StudyFile(
        data="digits",
        arms={
            "adam": ArmTable(label="Adam (기본)"),
            "SGD 0.1": ArmTable(
                optimizer="sgd", learning_rate=0.1, batch_size="all", units=(32, 16)
            ),
        },
        question="어느 쪽이 나은가?",
        seeds=(3, 5),
        splits="5-fold",
        margin=0.005,
        published={"adam": 0.98},
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("data = ", "must be TOML; .*Invalid value"),
        ('data = "digits"', "study.toml must have arms"),
        ('data = "digits"\n[arms.a]\nlearning_rat = 1', "Did you mean 'learning_rate'"),
        ('data = "digits"\n[arms.a]\nunits = 3', "arms, a: units must be a list of whole numbers"),
    ],
)
def test_what_it_cannot_say_is_told(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=told):
        read_file(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none.toml gave FileNotFoundError"):
        read_file(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'name = "\xe9"')
    with pytest.raises(InvalidInput, match="UnicodeDecodeError"):
        read_file(tmp_path / "latin.toml")


def test_every_field_is_documented() -> None:
    for kind in (StudyFile, ArmTable):
        docs = attribute_docstrings(kind)
        assert list(docs) == [field.name for field in fields(kind)]


def test_every_field_of_a_recipe_can_be_changed() -> None:
    assert {field.name for field in fields(Recipe)} <= {field.name for field in fields(ArmTable)}


def test_reading_loads_nothing_heavy() -> None:
    code = (
        "import sys, bital.workbench.studyfile\n"
        "print([m for m in ('jax', 'keras', 'numpy', 'polars') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
