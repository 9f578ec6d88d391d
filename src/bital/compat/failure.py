"""A program's own traceback: what happened in it, without the frames of what ran it."""

import runpy
from pathlib import Path
from types import TracebackType

import bital

_OURS = str(Path(bital.__file__).parent)
_RUNNERS = ("<frozen runpy>", str(runpy.__file__))


def trimmed(error: BaseException) -> BaseException:
    """Return an exception, and those it came from, with no frame of bital's in its traceback."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = _without(one.__traceback__)
        waiting += [one.__cause__, one.__context__]
    return error


def _without(traceback: TracebackType | None) -> TracebackType | None:
    kept = []
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if not file.startswith(_OURS) and file not in _RUNNERS:
            kept.append(traceback)
        traceback = traceback.tb_next
    made = None
    for frame in reversed(kept):
        made = TracebackType(made, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return made
