"""Which runs are meant."""

from dataclasses import dataclass

from bital.errors import InvalidInput, UnknownName
from bital.store.status import STATUSES


@dataclass(frozen=True)
class Selection:
    """Runs that have all that is said; everything when nothing is.

    The docstrings below the attributes are also the command line's help.

    Raises:
        InvalidInput: a status that does not exist, or a limit below 1.
    """

    study: str | None = None
    """runs that this study ran first"""

    name: str | None = None
    """runs of this name: an arm's"""

    status: str | None = None
    """running, finished, diverged, failed or interrupted"""

    data: str | None = None
    """runs on data whose fingerprint begins so"""

    code: str | None = None
    """runs by code whose version begins so"""

    seed: int | None = None
    """runs with this seed"""

    limit: int | None = None
    """only the newest so many"""

    def __post_init__(self) -> None:
        if self.status is not None and self.status not in STATUSES:
            raise UnknownName("status", self.status, STATUSES)
        if self.limit is not None and self.limit < 1:
            raise InvalidInput(
                f"limit must be at least 1; got {self.limit}. Leave it out for every run."
            )
