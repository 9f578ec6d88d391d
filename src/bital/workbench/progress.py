"""A study's progress on standard error: one line redrawn in a terminal, plain lines elsewhere."""

import sys
import time
from typing import TYPE_CHECKING, TextIO

from bital.report.voice import ENGLISH, Voice

if TYPE_CHECKING:
    from bital.study.estimate import Moment

_EVERY = 5.0  # seconds between plain lines


class ProgressLine:
    """Shows moments as they come; `clear` takes the line away before results are printed."""

    def __init__(self, voice: Voice = ENGLISH, stream: TextIO | None = None) -> None:
        self._voice = voice
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
            self._stream.write(f"\r\x1b[2K{sentence(moment, self._voice)}")
        else:
            if now - shown < _EVERY and arm == moment.arm:
                return
            self._stream.write(sentence(moment, self._voice) + "\n")
        self._stream.flush()
        self._last = (moment.arm, now)

    def clear(self) -> None:
        """Leave the line empty; does nothing where lines are plain."""
        if self._redraws:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()


def sentence(moment: "Moment", say: Voice) -> str:
    """Say a moment, as in "L2: 20 of 90 runs, 27% of the study, best L2 0.98, about 12 s left"."""
    what = moment.arm if moment.training else say("preparing {arm}", arm=moment.arm)
    parts = [
        say("{done} of {runs} runs", done=moment.runs_done, runs=moment.runs),
        say("{share} of the study", share=f"{moment.done:.0%}"),
    ]
    if moment.best:
        parts.append(say("best {best}", best=moment.best))
    if moment.seconds_left is not None:
        parts.append(say("about {span} left", span=_span(moment.seconds_left, say)))
    return f"{what}: {', '.join(parts)}"


def _span(seconds: float, say: Voice) -> str:
    whole = max(1, round(seconds))
    if whole < 60:
        return say("{seconds} s", seconds=whole)
    minutes, rest = divmod(whole, 60)
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        return say("{hours} h {minutes} min", hours=hours, minutes=minutes)
    if minutes < 10 and rest:
        return say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    return say("{minutes} min", minutes=minutes)
