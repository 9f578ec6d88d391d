"""One run: what produced it, how it ended, what it measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bital.errors import InvalidInput
from bital.store.canonical import digest
from bital.store.status import Status


@dataclass(frozen=True)
class Origin:
    """What produces a run, and all that finds it again.

    Raises:
        InvalidInput: the spec or split is not plain, or the seed is not a 64-bit integer.
    """

    spec: Mapping[str, Any]
    """everything chosen: builder's name, optimizer, epochs, ...; plain values, see `canonical`"""

    data: str
    """the dataset's fingerprint"""

    code: str
    """what `bital.store.code.code_version` says"""

    seed: int
    """of initial weights, order and dropout"""

    split: Any = None
    """which rows train, validate and test: any plain value, as in {"fold": 3, "of": 10}"""

    def __post_init__(self) -> None:
        if type(self.seed) is not int or not -(2**63) <= self.seed < 2**63:
            raise InvalidInput(
                f"seed must be an integer of 64 bits; got {self.seed!r}. Use a smaller one."
            )
        _ = self.key

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical text of all fields: 64 hexadecimal digits."""
        return digest(
            {
                "spec": self.spec,
                "data": self.data,
                "code": self.code,
                "seed": self.seed,
                "split": self.split,
            }
        )


@dataclass(frozen=True)
class Run:
    """One run as it is stored."""

    origin: Origin

    status: Status
    """finished and diverged are results; the others are tried again"""

    name: str = ""
    """what people call it: the arm's name; no part of the key"""

    study: str = ""
    """the study that ran it first; no part of the key"""

    started: float = 0.0
    """seconds since 1970, UTC"""

    ended: float | None = None
    """the same; None while it runs"""

    metrics: Mapping[str, float] = field(default_factory=dict)
    """last logs of training, by Keras's names"""

    scores: Mapping[str, float] = field(default_factory=dict)
    """measured on the trained model, as in "test_accuracy"; NaN where it diverged"""

    parameters: int | None = None
    """weights of the model, trainable or not"""

    environment: Mapping[str, str] = field(default_factory=dict)
    """versions, system, cores"""

    error: str = ""
    """why it failed"""

    host: str = ""
    """machine it ran on; filled in when it is stored"""

    process: int = 0
    """its process there; filled in when it is stored"""

    blobs: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of each nest of arrays it left, by name, as in "weights"; filled in when stored"""

    @property
    def key(self) -> str:
        """The key of its origin."""
        return self.origin.key
