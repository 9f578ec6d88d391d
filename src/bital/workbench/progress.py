"""A study's progress on standard error: one line redrawn in a terminal, plain lines elsewhere."""

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from bital.study.estimate import Moment

_EVERY = 5.0  # seconds between plain lines


class ProgressLine:
    """Shows moments as they come; `clear` takes the line away before results are printed."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._redraws = self._stream.isatty()
        self._last = ("", -_EVERY)

    def __call__(self, moment: "Moment") -> None:
        """Show a moment, if it is time to."""
        now = time.monotonic()
        arm, shown = self._last
        if self._redraws:
            if now - shown < 0.1 and arm == moment.arm:
                return
            self._stream.write(f"\r\x1b[2K{sentence(moment)}")
        else:
            if now - shown < _EVERY and arm == moment.arm:
                return
            self._stream.write(sentence(moment) + "\n")
        self._stream.flush()
        self._last = (moment.arm, now)

    def clear(self) -> None:
        """Leave the line empty; does nothing where lines are plain."""
        if self._redraws:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


def sentence(moment: "Moment") -> str:
    """Say a moment, as in "L2: 20 of 90 runs, 27% of the study, best L2 0.98, about 12 s left"."""
    what = "" if moment.training else "preparing "
    best = f", best {moment.best}" if moment.best else ""
    left = "" if moment.seconds_left is None else f", about {_span(moment.seconds_left)} left"
    return (
        f"{what}{moment.arm}: {moment.runs_done} of {moment.runs} runs, "
        f"{moment.done:.0%} of the study{best}{left}"
    )


def _span(seconds: float) -> str:
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
