"""`tf.summary`: scalars as CSV in the writer's folder; only TensorFlow writes the other kinds."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bital.compat.facade.absent import absent
from bital.compat.notes import note

__getattr__ = absent("tf.summary")

_writers: list["Writer"] = []
_step: dict[str, Any] = {"default": None}


class Writer:
    """Appends (step, name, value) to `scalars.csv` in a folder."""

    def __init__(self, logdir: Any) -> None:
        self.folder = Path(str(logdir))

    def scalar(self, name: str, value: float, step: int) -> None:
        """Append a row."""
        self.folder.mkdir(parents=True, exist_ok=True)
        target = self.folder / "scalars.csv"
        new = not target.exists()
        with target.open("a", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            if new:
                rows.writerow(["step", "name", "value"])
            rows.writerow([step, name, value])

    @contextmanager
    def as_default(self, step: Any = None) -> Iterator["Writer"]:
        """Let `scalar` write here in a block."""
        before = _step["default"]
        _step["default"] = before if step is None else step
        _writers.append(self)
        try:
            yield self
        finally:
            _writers.remove(self)
            _step["default"] = before

    def set_as_default(self, step: Any = None) -> None:
        """Let `scalar` write here from now on."""
        _step["default"] = step
        _writers.append(self)

    def flush(self) -> None:
        """Do nothing: rows are written as they come."""

    def close(self) -> None:
        """Do nothing: the file is closed after each row."""

    def init(self) -> None:
        """Do nothing: there is nothing to prepare."""


def create_file_writer(logdir: Any, *args: Any, **kwargs: Any) -> Writer:
    """Return what writes scalars into a folder."""
    note("tf.summary.create_file_writer(dir)", "scalars go to scalars.csv in that folder")
    return Writer(logdir)


def scalar(name: str, data: Any, step: Any = None, description: Any = None) -> None:
    """Write a number where a writer is the default."""
    at = _step["default"] if step is None else step
    if _writers:
        _writers[-1].scalar(str(name), float(data), int(0 if at is None else at))


def _only_tensorflow(kind: str) -> Any:
    def function(*args: Any, **kwargs: Any) -> None:
        note(f"tf.summary.{kind}(...)", "install TensorFlow; only scalars are kept without it")

    return function


image, histogram, text, audio, graph, trace_on, trace_export, trace_off = (
    _only_tensorflow(kind)
    for kind in ("image", "histogram", "text", "audio", "graph", "trace_on", "trace_export",
                 "trace_off")
)  # fmt: skip


@contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Write in a block only if told."""
    kept = list(_writers)
    if not (condition() if callable(condition) else condition):
        _writers.clear()
    try:
        yield
    finally:
        _writers[:] = kept


class experimental:  # noqa: N801
    """`tf.summary.experimental`."""

    @staticmethod
    def set_step(step: Any) -> None:
        """Set the step that `scalar` writes where it is told none."""
        _step["default"] = step

    @staticmethod
    def get_step() -> Any:
        """Return the step that `scalar` writes where it is told none."""
        return _step["default"]
