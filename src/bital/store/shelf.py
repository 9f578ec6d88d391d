"""The runs of one study in a store; fulfils `bital.study.shelf.Shelf`."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from bital.store.code import code_version
from bital.store.run import Origin, Run
from bital.store.status import FINAL
from bital.store.store import Store
from bital.study.outcome import Outcome
from bital.study.shelf import Key

HISTORY = "history"
PACKED = "trained"  # key of `Run.environment`
AT_ONCE, IN_TURN = "at once with others", "in turn"


@dataclass(frozen=True)
class Shelf:
    """Finds and keeps the runs of a study."""

    store: Store

    study: str
    """name under which new runs are listed"""

    environment: Mapping[str, str]
    """versions, system, cores"""

    def code(self, *builders: Callable[..., Any]) -> str:
        """See `bital.store.code.code_version`."""
        return code_version(*builders)

    def find(self, keys: Sequence[Key]) -> list[Outcome | None]:
        """Return the outcome of each run that is finished or diverged, else None."""
        origins = [Origin(*key) for key in keys]
        found = self.store.found([origin.key for origin in origins])
        runs = [found.get(origin.key) for origin in origins]
        return [
            None if run is None or run.status not in FINAL else self._outcome(run) for run in runs
        ]

    def save(self, name: str, found: Sequence[tuple[Key, Outcome]], parameters: int) -> None:
        """Store how runs of one arm ended, in one transaction."""
        self.store.save_all(
            [
                (
                    self._run(name, key, each, parameters),
                    {HISTORY: dict(each.history), **each.kept},
                )
                for key, each in found
            ]
        )

    def _run(self, name: str, key: Key, each: Outcome, parameters: int) -> Run:
        ended = time.time()
        return Run(
            origin=Origin(*key),
            status="diverged" if each.diverged else "finished",
            name=name,
            study=self.study,
            started=ended - each.train_seconds,
            ended=ended,
            metrics={log: values[-1] for log, values in each.history.items() if values},
            scores=each.scores,
            parameters=parameters,
            environment={**self.environment, PACKED: AT_ONCE if each.packed else IN_TURN},
        )

    def _outcome(self, run: Run) -> Outcome:
        return Outcome(
            scores=run.scores,
            history=self.store.read(run, HISTORY),
            train_seconds=nan if run.ended is None else run.ended - run.started,
            compile_seconds=0.0,
            packed=run.environment.get(PACKED) == AT_ONCE,
            stored=frozenset(run.blobs) - {HISTORY},
        )
