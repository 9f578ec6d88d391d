"""`bital tune` from the command line to its reports."""

import json
from pathlib import Path

import pytest

from bital.cli.main import main


def test_a_search_prints_its_winner_and_writes_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    reports = [f"--report=보고서.{form}" for form in ("html", "md", "json")]
    asked = ["tune", "iris", "--trials=2", "--epochs=1", "--seeds=2", "--halving=1", *reports]
    assert main(asked) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Of 2 settings tried the best was ")
    assert "Trained anew on 2 fresh seeds" in out
    assert "bital.db; 0 were there already" in err
    found = json.loads((tmp_path / "보고서.json").read_text(encoding="utf-8"))
    assert found["schema"] == "bital.search/1"
    assert len(found["trials"]) == 2
    assert found["confirmed"]["schema"].startswith("bital.study/")
    for form in ("html", "md"):
        text = (tmp_path / f"보고서.{form}").read_text(encoding="utf-8")
        assert "The search" in text
        assert "learning_rate" in text.replace("\\", "")
    assert main(asked) == 0
    assert "bital.db; 6 were there already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["tune", "irs"], "iris"),
        (["tune", "iris", "--trials", "0"], "trials must be an integer of at least 1"),
        (["tune", "iris", "--report", "a.pdf"], "must end in"),
        (["tune", "iris", "--store", "a.db", "--no-store"], "kept or not"),
    ],
)
def test_bad_input(asked: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(asked) == 2
    assert said in capsys.readouterr().err
