"""What the READMEs tell people to type works, and is the same in both languages."""

import re
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.ko.md")


def blocks(name: str) -> list[str]:
    """Python blocks of a README, comments taken out."""
    text = (ROOT / name).read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return [re.sub(r"  # .*", "", block) for block in found]


def built(optimizer: str) -> keras.Model:
    """What a reader's own builder may be."""
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_both_languages_show_the_same_code() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])
    assert len(blocks(READMES[0])) == 5


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_code_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    x, x_test = random.random((60, 4), np.float32), random.random((9, 4), np.float32)
    y, y_test = random.integers(0, 3, 60), random.integers(0, 3, 9)
    names: dict[str, Any] = {"x": x, "y": y, "x_test": x_test, "y_test": y_test}
    names |= {f"build_{optimizer}": partial(built, optimizer) for optimizer in ("adam", "sgd")}
    try:
        for block in blocks(READMES[0]):
            exec(block, names)
        assert names["model"].fit(x, y, verbose=0).bital.path == "epochs"
    finally:
        bital.uninstall()
    assert names["result"].verdict.comparisons[0].first == "adam"
    assert 0 <= names["accuracy"] <= 1
    assert names["outputs"].shape == (9, 3)
    assert isinstance(names["best"], keras.Model)
    assert (tmp_path / "runs" / "first" / "training.npz").is_file()


def test_what_a_study_is_said_to_do_it_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "study.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {"__name__": "study"}
    exec(block, names)
    assert len(names["result"].arms) == 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["runs.db", "runs.db.blobs"]


def test_what_a_search_is_said_to_do_it_does(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "tune.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    names: dict[str, Any] = {"__name__": "search"}
    exec(block, names)
    assert len(names["found"].trials) == 2
    assert "rate" in capsys.readouterr().out


def test_what_the_store_is_said_to_do_it_does(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    exec(block, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bital.db", "bital.db.blobs"]


def test_a_study_s_file_is_as_documented(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from bital.workbench.designed import design_of

    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs" / "study-file.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    Path("optimizers.toml").write_text(block, encoding="utf-8")
    design = design_of(Path("optimizers.toml"))
    assert list(design.arms) == ["adam", "sgd", "full batch", "wide", "patient"]
    assert design.published == {"adam": 0.978, "sgd": 0.981}
