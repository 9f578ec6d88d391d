"""How a run ended."""

from typing import Literal, get_args

Status = Literal["running", "finished", "diverged", "failed", "interrupted"]
STATUSES: tuple[str, ...] = get_args(Status)
FINAL = ("finished", "diverged")  # results: the same origin gives the same again
