"""Flags come from a spec's fields, their help from the docstrings under them."""

from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import dataclass, fields

import pytest

from bital.cli.main import main
from bital.cli.options import add_options, attribute_docstrings, fields_help, names, read_options
from bital.study.spec import StudySpec
from bital.workbench.studyfile import ArmTable, StudyFile


@dataclass(frozen=True)
class Cooking:
    """Not an attribute's docstring."""

    dish: str
    """what to cook"""

    cooks: int = 2
    """how many work"""
    undocumented = 3
    """not a field"""
    spices: tuple[str, ...] = ()
    """in order"""
    minutes: float | None = None
    """time; the cook's own when left out"""
    note: str | None = None
    """free text"""


def parse(*argv: str) -> Cooking:
    parser = ArgumentParser()
    parser.add_argument("dish")
    add_options(parser, Cooking, skip=("dish",))
    arguments = parser.parse_args(argv)
    return read_options(arguments, Cooking, dish=arguments.dish)


def test_docstrings_under_attributes_are_read() -> None:
    assert attribute_docstrings(Cooking) == {
        "dish": "what to cook",
        "cooks": "how many work",
        "spices": "in order",
        "minutes": "time; the cook's own when left out",
        "note": "free text",
    }


def test_every_field_of_a_study_has_one() -> None:
    docs = attribute_docstrings(StudySpec)
    assert list(docs) == [field.name for field in fields(StudySpec)]
    assert all(doc.strip() for doc in docs.values())


def test_options_become_the_spec() -> None:
    given = parse(
        "soup", "--cooks", "3", "--spices", "salt, pepper,", "--minutes", "2.5", "--note", "hot"
    )
    assert given == Cooking("soup", 3, ("salt", "pepper"), 2.5, "hot")


def test_what_is_not_given_keeps_its_default() -> None:
    assert parse("soup") == Cooking("soup")


def test_zero_is_given() -> None:
    assert parse("soup", "--cooks", "0", "--minutes", "0") == Cooking("soup", 0, (), 0.0)


@pytest.mark.parametrize("argv", [["--cooks", "two"], ["--minutes", "x"], ["--cooks", "2.5"]])
def test_a_value_of_another_kind_is_refused(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parse("soup", *argv)
    assert stopped.value.code == 2
    assert f"argument {argv[0]}: invalid" in capsys.readouterr().err


def test_help_says_kind_and_default() -> None:
    parser = ArgumentParser()
    add_options(parser, Cooking, skip=("dish",))
    said = " ".join(parser.format_help().split())
    assert "--cooks N how many work (default: 2)" in said
    assert "--spices A,B in order" in said
    assert "in order (default" not in said
    assert "--minutes X time" in said
    assert "--note NAME free text" in said
    assert "what to cook" not in said


def test_fields_are_listed_with_their_defaults() -> None:
    said = fields_help(Cooking, "Fields:")
    assert said.splitlines()[0] == "Fields:"
    assert "  dish           what to cook" in said
    assert "  cooks          how many work (default: 2)" in said
    assert "minutes        time; the cook's own when left out\n" in said


@pytest.mark.parametrize(("text", "parts"), [("a,b", ("a", "b")), (" a , b,", ("a", "b"))])
def test_names_are_split_at_commas(text: str, parts: tuple[str, ...]) -> None:
    assert names(text) == parts


@pytest.mark.parametrize("text", ["", ",", " , "])
def test_no_name_is_not_every_name(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match="must be names with commas between"):
        names(text)


def test_every_option_stands_in_the_help_of_study(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["study", "--help"])
    assert stopped.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    for field in fields(StudySpec):
        if field.name != "dataset":
            assert f"--{field.name.replace('_', '-')}" in said
    for name, doc in attribute_docstrings(StudySpec).items():
        assert name == "dataset" or doc.split(";")[0] in said
    assert "--json" in said
    assert "--report FILE" in said


@pytest.mark.parametrize("kind", [StudyFile, ArmTable])
def test_every_field_of_a_file_stands_in_the_help_of_study(
    kind: type, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["study", "--help"])
    said = " ".join(capsys.readouterr().out.split())
    for name, doc in attribute_docstrings(kind).items():
        assert f" {name} {' '.join(doc.split())}" in said
