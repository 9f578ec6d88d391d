"""The command line in this process: bad input is told before anything is trained."""

import contextlib
import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import bital
from bital.cli.main import main
from bital.errors import MissingData


@pytest.fixture
def untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    """Training is an error."""
    from bital.study import bench

    def never(*args: Any, **options: Any) -> Any:
        raise AssertionError("training began")

    monkeypatch.setattr(bench, "prepare_replicas", never)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["digit"], "study must be one of .*got 'digit'. Did you mean 'digits'"),
        (["Iris"], "got 'Iris'. Did you mean 'iris'"),
        (["iris", "--variants", "orginal"], "variant must be one of .*Did you mean 'original'"),
        (["iris", "--variants", "l2,"], None),
        (["iris", "--variants", "cnn"], "variant 'cnn' convolves images, and iris is a table"),
        (["iris", "--variants", "l2,l2"], "'l2' was given twice"),
        (["iris", "--seeds", "0"], "seeds must be an integer of at least 1; got 0"),
        (["iris", "--epochs", "0"], "epochs must be an integer of at least 1; got 0"),
        (["iris", "--batch-size", "-3"], "batch_size must be an integer of at least 1; got -3"),
        (["iris", "--learning-rate", "0"], "learning_rate must be a number above 0; got 0"),
        (["iris", "--optimizer", "adma"], "optimizer must be one of .*Did you mean .*'adam'"),
        (["iris", "--report", "no/such/folder/a.html"], "got no/such/folder/a.html. Create"),
        (["iris", "--report", "a.pdf"], "must end in .html, .md, .csv, .json; got 'a.pdf'"),
        (["iris", "--splits", "5fold"], "splits must be .*got '5fold'"),
        (["iris", "--metric", "accuracy"], "metric must be .*got 'accuracy'"),
        (["poolin"], "study must be one of .*Did you mean 'pooling'"),
        (["pooling", "--optimizer", "sgd"], "--optimizer belongs to a dataset's built-in"),
        (["pooling", "--language", "kr"], "language must be one of en, ko; got 'kr'"),
        (["iris", "--language", "jp"], "language must be one of en, ko; got 'jp'"),
        (["none.toml"], "none.toml gave FileNotFoundError"),
        (["none.toml", "--variants", "l2"], "--variants belongs to a dataset's built-in variants"),
        (["none.toml", "--learning-rate", "1"], "--learning-rate belongs to a dataset's"),
    ],
)
@pytest.mark.usefixtures("untrained")
def test_bad_input_is_told_in_one_line_with_exit_code_2(
    argv: list[str], told: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if told is None:  # a trailing comma is no variant
        with pytest.raises(AssertionError, match="training began"):
            main(["study", *argv])
        return
    assert main(["study", *argv]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert line.startswith("bital: error: ")
    assert re.search(told, line)


@pytest.mark.parametrize("argv", [[], ["studdy"], ["study"], ["study", "iris", "--seeds", "two"]])
def test_what_cannot_be_parsed_exits_with_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(argv)
    assert stopped.value.code == 2
    assert "usage: bital" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--version"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out == f"bital {bital.__version__}\n"


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (MissingData("put it there"), 2, "bital: error: put it there"),
        (KeyboardInterrupt(), 130, "bital: interrupted before anything was finished"),
    ],
)
def test_exit_codes(
    raised: BaseException,
    code: int,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from bital.workbench import study

    def failing(*args: Any) -> Any:
        raise raised

    monkeypatch.setattr(study, "run_study", failing)
    assert main(["study", "iris"]) == code
    assert capsys.readouterr().err.splitlines()[-1] == told


def test_ctrl_c_that_a_library_swallows_is_heard_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # Keras has a bare `except:` on the way, and JAX a garbage-collection hook that cannot raise.
    from bital.study import bench

    prepare, before = bench.prepare_replicas, signal.getsignal(signal.SIGINT)

    def swallowing(*args: Any, **options: Any) -> Any:
        with contextlib.suppress(BaseException):
            signal.raise_signal(signal.SIGINT)
        return prepare(*args, **options)

    monkeypatch.setattr(bench, "prepare_replicas", swallowing)
    argv = ["study", "iris", "--seeds", "1", "--epochs", "1", "--variants", "original,l2"]
    assert main(argv) == 130
    assert capsys.readouterr().out == ""
    assert signal.getsignal(signal.SIGINT) is before  # ignored, where a shell started us behind it


def test_a_table_and_a_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    path = tmp_path / "보고서.html"
    argv = ["--seeds", "2", "--epochs", "1", "--variants", "original,l2", "--report", str(path)]
    assert main(["study", "iris", *argv]) == 0
    said = capsys.readouterr()
    assert "original DNN" in said.out
    assert "test accuracy" in said.out
    assert "\x1b" not in said.out + said.err
    assert f"Report: {path}" in said.err
    assert "original DNN" in path.read_text(encoding="utf-8")


FILE = """
data = "iris"
epochs = 1
metric = "val_accuracy"
[arms.adam]
label = "아담"
units = [4]
"""


def test_a_file_with_changes_and_two_reports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("비교.toml").write_text(FILE, encoding="utf-8")
    argv = ["--seeds", "2", "--splits", "2-fold", "--report", "a.html", "--report", "a.csv"]
    assert main(["study", "비교.toml", *argv]) == 0
    said = capsys.readouterr()
    assert "비교: 1 arm, 2 seeds × 2 folds" in said.out
    assert "아담" in said.out
    page = Path("a.html").read_text(encoding="utf-8")
    assert "bital study 비교.toml --seeds 2 --splits 2-fold" in page.replace("&#x27;", "")
    assert len(Path("a.csv").read_text(encoding="utf-8-sig").splitlines()) == 1 + 4


def test_a_study_that_comes_with_bital(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    argv = ["--language", "ko", "--seeds", "2", "--epochs", "1", "--report", "a.json"]
    assert main(["study", "gradient-descent", *argv]) == 0
    said = capsys.readouterr().out
    assert "배치로 에폭 열 배" in said
    assert "테스트 손실 비교 결과(기준:" in said
    found = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert found["command"] == "bital study gradient-descent --seeds 2 --epochs 1 --language ko"
    assert found["seeds"] == [0, 1]


def test_a_dataset_s_variants_speak_korean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    argv = ["iris", "--variants", "original,dropout", "--seeds", "2", "--epochs", "1"]
    assert main(["study", *argv, "--language", "ko", "--report", "a.html"]) == 0
    said = capsys.readouterr().out
    assert "드롭아웃" in said
    assert "1 에폭, 배치 크기 16, Adam, 학습률 0.001" in said
    page = Path("a.html").read_text(encoding="utf-8")
    assert '<html lang="ko">' in page
    assert "--optimizer adam --language ko" in page


def test_a_folder_of_images(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (("밝음", 200), ("어두움", 40)):
        (Path("사진") / name).mkdir(parents=True)
        for number in range(10):
            Image.new("L", (8, 8), value + number).save(Path("사진") / name / f"{number}.png")
    argv = ["--seeds", "2", "--epochs", "1"]
    assert main(["study", "사진/", "--variants", "original,cnn", *argv]) == 0
    assert "rows 12 train / 4 validation / 4 test" in capsys.readouterr().out
    file = 'data = "사진"\nimage_size = [4, 4]\nepochs = 1\nseeds = 2\n[arms.a]\nunits = [4]\n'
    Path("사진.toml").write_text(file, encoding="utf-8")
    assert main(["study", "사진.toml", "--report", "a.json"]) == 0
    found = json.loads(Path("a.json").read_text(encoding="utf-8"))["data"]
    assert (found["shape"], found["classes"]) == ([4, 4, 1], ["밝음", "어두움"])


def test_a_plan_says_what_is_open(capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["--seeds", "2", "--epochs", "1", "--variants", "original,l2"]
    assert main(["study", "plan", "iris", *argv]) == 0
    said = capsys.readouterr().out
    assert "more seeds" in said
    assert "2 seeds so far (" in said
