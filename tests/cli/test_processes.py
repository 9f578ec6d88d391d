"""The command in processes of its own: pipes, signals, files."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "bital"]
CONTROL = {chr(c) for c in range(32)} - {"\n"}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes as on POSIX")


@contextmanager
def started(*argv: str) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    environment.pop("KERAS_BACKEND")
    with subprocess.Popen(
        [*COMMAND, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_json_and_a_report_in_a_hangul_folder(tmp_path: Path) -> None:
    folder = tmp_path / "결과 모음"
    folder.mkdir()
    report = folder / "붓꽃.html"
    argv = "study iris --seeds 2 --epochs 2 --variants original,l2 --json --report"
    with started(*argv.split(), str(report)) as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    found = json.loads(out)
    assert [v["name"] for v in found["arms"]] == ["original", "l2"]
    assert found["seeds"] == [0, 1]
    assert len(found["arms"][0]["scores"]["test_accuracy"]) == 2
    assert not CONTROL & set(out + err)
    assert [path.name for path in folder.iterdir()] == ["붓꽃.html"]
    page = report.read_text(encoding="utf-8")
    assert "L2" in page
    assert page.rstrip().endswith("</html>")
    assert str(report) in err


def interrupted(process: "subprocess.Popen[str]", after: str) -> tuple[str, str, float]:
    """Send Ctrl-C soon after a line of progress begins so; output and seconds until the end."""
    assert process.stderr is not None
    seen = ""
    for line in process.stderr:
        seen += line
        if line.startswith(after):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    sent = time.perf_counter()
    out, err = process.communicate(timeout=60)
    return out, seen + err, time.perf_counter() - sent


def test_ctrl_c_prints_what_is_finished(tmp_path: Path) -> None:
    argv = "study iris --seeds 2 --epochs 10000 --variants original,l2,dropout --json --report"
    with started(*argv.split(), str(tmp_path / "report.html")) as process:
        out, err, seconds = interrupted(process, "L2: 2 of 6 runs")
    assert process.returncode == 130, err
    assert seconds < 15  # writing the report included
    found = json.loads(out)
    assert found["interrupted"] is True
    assert [v["name"] for v in found["arms"]] == ["original"]
    assert "Traceback" not in err
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.rstrip().endswith("</html>")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("after", ["preparing L2", "original DNN: 0 of 4 runs"])
def test_ctrl_c_before_anything_is_finished(after: str, tmp_path: Path) -> None:
    argv = "study iris --seeds 2 --epochs 1000000 --variants original,l2 --report"
    with started(*argv.split(), str(tmp_path / "report.html")) as process:
        out, err, seconds = interrupted(process, after)
    assert process.returncode == 130, err
    assert seconds < 15  # writing the report included
    assert out == ""
    assert err.splitlines()[-1] == "bital: interrupted before anything was finished"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("more", [[], ["--json"]], ids=["table", "json"])
def test_a_closed_pipe_is_no_traceback(more: list[str]) -> None:
    argv = "study iris --seeds 2 --epochs 1 --variants original"
    with started(*argv.split(), *more) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()  # as `| head -0` does
        err = process.stderr.read()
        process.wait(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_another_backend_asked_for_is_told(tmp_path: Path) -> None:
    said = subprocess.run(
        [*COMMAND, "study", "iris", "--seeds", "1", "--epochs", "1", "--variants", "l2"],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "running Keras on JAX, not 'torch'" in said.stderr
    assert "L2" in said.stdout


def test_a_narrow_encoding_loses_signs_and_not_the_result() -> None:
    said = subprocess.run(
        [*COMMAND, "study", "iris", "--seeds", "2", "--epochs", "1", "--variants", "l2,original"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert b"original DNN" in said.stdout


def test_a_full_disk_under_the_output_is_told() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    argv = ["study", "iris", "--seeds", "2", "--epochs", "1", "--no-store"]
    argv += ["--variants", "original"]
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*COMMAND, *argv], stdout=full, stderr=subprocess.PIPE, check=False, timeout=120
        )
    assert ended.returncode == 1
    assert b"bital: error: output must be written" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_report_on_a_full_disk_says_so_beside_the_runs(tmp_path: Path) -> None:
    script = (
        "import os, sys; from bital.workbench import target; from bital.cli.main import main\n"
        "def full(*_): raise OSError(28, 'No space left on device')\n"
        "target.os.fsync = full\n"
        f"sys.exit(main(['study', 'iris', '--seeds', '2', '--epochs', '1', '--no-store', "
        f"'--variants', 'original', '--report', {str(tmp_path / 'a.html')!r}]))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 1, ended.stderr
    assert "original" in ended.stdout
    assert "bital: error: a file must be written whole" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_the_command_starts_is_one_line() -> None:
    script = (
        "import sys, builtins\n"
        "real = builtins.__import__\n"
        "def importing(name, *more):\n"
        "    if name == 'bital.cli.main': raise KeyboardInterrupt\n"
        "    return real(name, *more)\n"
        "builtins.__import__ = importing\n"
        "from bital.__main__ import main\n"
        "sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 130
    assert ended.stderr == "bital: interrupted before anything was finished\n"
