"""What a runner of studies needs of a store, and nothing more."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bital.store.run import Origin, Run
from bital.store.status import FINAL, Status
from bital.store.store import Store


@dataclass(frozen=True)
class Shelf:
    """The runs of one study on one dataset by one version of the code.

    A runner below the store takes it as an object with these methods; the workbench makes it.
    """

    store: Store

    data: str
    """the dataset's fingerprint"""

    code: str
    """see `bital.store.code.code_version`"""

    study: str
    """name under which new runs are listed"""

    environment: Mapping[str, str]
    """versions, system, cores"""

    def find(self, spec: Mapping[str, Any], seed: int, split: Any = None) -> Run | None:
        """Return the result of this run, finished or diverged, or None if there is none yet."""
        run = self.store.find(self._origin(spec, seed, split).key)
        return run if run is not None and run.status in FINAL else None

    def begin(self, name: str, spec: Mapping[str, Any], seed: int, split: Any = None) -> float:
        """Note that this process runs it now; returns the time for `save`."""
        started = time.time()
        origin = self._origin(spec, seed, split)
        self.store.save(Run(origin, "running", name, self.study, started))
        return started

    def save(
        self,
        name: str,
        spec: Mapping[str, Any],
        seed: int,
        split: Any = None,
        *,
        status: Status,
        started: float,
        metrics: Mapping[str, float] | None = None,
        scores: Mapping[str, float] | None = None,
        parameters: int | None = None,
        error: str = "",
        arrays: Mapping[str, Any] | None = None,
    ) -> Run:
        """Store how a run ended; see `Run` for the fields and `Store.save` for the rest."""
        run = Run(
            origin=self._origin(spec, seed, split),
            status=status,
            name=name,
            study=self.study,
            started=started,
            metrics=metrics or {},
            scores=scores or {},
            parameters=parameters,
            environment=self.environment,
            error=error,
        )
        return self.store.save(run, arrays)

    def arrays(self, run: Run, name: str) -> Any:
        """Return what a run left, as in "history"."""
        return self.store.read(run, name)

    def _origin(self, spec: Mapping[str, Any], seed: int, split: Any) -> Origin:
        return Origin(spec, self.data, self.code, seed, split)
