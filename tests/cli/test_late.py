"""A command describes its options when it is chosen, and only then."""

from argparse import ArgumentParser

import pytest

from bital.cli.late import LateParser


def made(called: list[str]) -> ArgumentParser:
    parser = ArgumentParser()
    commands = parser.add_subparsers(required=True, parser_class=LateParser)
    for name in ("cook", "wash"):
        command = commands.add_parser(name, help=f"{name} it")

        def describe(parser: ArgumentParser, name: str = name) -> None:
            called.append(name)
            parser.add_argument("--times", type=int, help=f"how often to {name}")

        command.details = describe
    return parser


def test_a_chosen_command_has_its_options() -> None:
    called: list[str] = []
    parser = made(called)
    assert parser.parse_args(["wash", "--times", "3"]).times == 3
    assert called == ["wash"]
    assert parser.parse_args(["wash"]).times is None  # described once
    assert called == ["wash"]


def test_help_of_all_describes_none(capsys: pytest.CaptureFixture[str]) -> None:
    called: list[str] = []
    with pytest.raises(SystemExit):
        made(called).parse_args(["--help"])
    assert called == []
    assert "cook it" in capsys.readouterr().out


def test_help_of_one_describes_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        made([]).parse_args(["cook", "--help"])
    assert "how often to cook" in capsys.readouterr().out
