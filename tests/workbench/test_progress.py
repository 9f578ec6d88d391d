"""Progress in a terminal is one line redrawn, elsewhere plain lines."""

import io

import pytest

from bital.report.voice import ENGLISH, Voice
from bital.study.estimate import Moment
from bital.workbench import progress
from bital.workbench.progress import ProgressLine, sentence

L2 = Moment("L2", True, 20, 90, 0.27, 12.3)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("seconds", "left"),
    [
        (None, ""),
        (0.0, ", about 1 s left"),
        (12.3, ", about 12 s left"),
        (59.4, ", about 59 s left"),
        (59.6, ", about 1 min left"),
        (61, ", about 1 min 1 s left"),
        (599, ", about 9 min 59 s left"),
        (610, ", about 10 min left"),
        (3599.6, ", about 1 h 0 min left"),
        (4000, ", about 1 h 6 min left"),
    ],
)
def test_a_moment_in_words(seconds: float | None, left: str) -> None:
    moment = Moment("L2", True, 20, 90, 0.274, seconds)
    assert sentence(moment, ENGLISH) == f"L2: 20 of 90 runs, 27% of the study{left}"


def test_the_best_so_far_is_said() -> None:
    moment = Moment("L2", True, 20, 90, 0.5, 3.0, "original DNN 0.978")
    assert sentence(moment, ENGLISH) == (
        "L2: 20 of 90 runs, 50% of the study, best original DNN 0.978, about 3 s left"
    )


def test_preparing_is_said() -> None:
    moment = Moment("L2", False, 0, 90, 0.0, None)
    assert sentence(moment, ENGLISH) == "preparing L2: 0 of 90 runs, 0% of the study"


def test_a_moment_in_korean() -> None:
    moment = Moment("드롭아웃", True, 20, 90, 0.274, 61.0, "L2 0.978")
    assert sentence(moment, Voice("ko")) == (
        "드롭아웃: 실행 20/90, 전체의 27%, 현재 최고 L2 0.978, 약 1분 1초 남음"
    )


def test_elsewhere_lines_are_plain_and_few(clock: Clock) -> None:
    stream = io.StringIO()
    line = ProgressLine(stream=stream)
    for _ in range(100):  # 10 seconds
        line(L2)
        clock.now += 0.1
    line.clear()
    lines = stream.getvalue().splitlines()
    assert set(lines) == {sentence(L2, ENGLISH)}
    assert 2 <= len(lines) <= 3
    assert stream.getvalue().endswith("\n")
    assert not [c for c in stream.getvalue() if ord(c) < 32 and c != "\n"]


def test_another_arm_is_told_at_once(clock: Clock) -> None:
    stream = io.StringIO()
    line = ProgressLine(stream=stream)
    line(L2)
    line(Moment("dropout", True, 30, 90, 0.3, 10.0))
    line(Moment("dropout", True, 30, 90, 0.31, 10.0))
    assert len(stream.getvalue().splitlines()) == 2


def test_a_terminal_s_line_is_redrawn_and_taken_away(clock: Clock) -> None:
    stream = Terminal()
    line = ProgressLine(stream=stream)
    line(L2)
    line(L2)  # too soon
    clock.now += 0.2
    line(L2)
    assert stream.getvalue() == f"\r\x1b[2K{sentence(L2, ENGLISH)}" * 2
    assert "\n" not in stream.getvalue()
    line.clear()
    assert stream.getvalue().endswith("\r\x1b[2K")


def test_standard_error_is_where_it_goes(capsys: pytest.CaptureFixture[str], clock: Clock) -> None:
    ProgressLine()(L2)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", sentence(L2, ENGLISH) + "\n")
