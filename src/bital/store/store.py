"""A store: runs and memos in a database, their arrays in files beside it."""

import os
import platform
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, insert, select

from bital.errors import InvalidInput, StoreFailure, UnknownName
from bital.store.blobs import Blobs
from bital.store.canonical import canonical, read
from bital.store.database import Database, address, check_file
from bital.store.pack import pack, unpack
from bital.store.run import Origin, Run
from bital.store.schema import BLOBS, MEMOS, RUNS
from bital.store.selection import Selection
from bital.store.status import FINAL, STATUSES

SHORTEST = 4  # digits of a key that `Store.run` takes
_AT_ONCE = 500  # keys in a query; SQLite takes 999 variables at least


class Store:
    """Runs found by what produced them. Any number of processes may use one store at once.

    Every method is one transaction: it happens whole or not at all, whatever dies meanwhile. A
    store holds no connection between calls.
    """

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database, self._blobs = database, blobs

    @classmethod
    def open(
        cls, place: str | Path, blobs: str | Path | None = None, create: bool = True
    ) -> "Store":
        """Open a store, making or migrating it where needed.

        Args:
            place: a path (SQLite) or a URL, "postgresql://user@host/name?blobs=/shared/folder".
            blobs: folder for arrays: beside an SQLite file (its name with ".blobs" behind it) when
                left out; for PostgreSQL the URL's `blobs`, a folder that all its users see.
            create: False to refuse an SQLite file that is not there.

        Raises:
            InvalidInput: the place cannot be a store, or PostgreSQL came without a folder.
            StoreFailure: it is locked, full, unreachable, no database, or of a newer bital.
        """
        url = address(place)
        if url.get_backend_name() == "sqlite":
            file = Path(str(url.database))
            if not check_file(file) and not create:
                what = "is empty" if file.exists() else "does not exist"
                raise InvalidInput(
                    f"there must be a store; {file} {what}. Name one with --store or "
                    "BITAL_STORE; a study makes one."
                )
            folder = Path(blobs) if blobs is not None else file.with_name(f"{file.name}.blobs")
        else:
            given = blobs if blobs is not None else url.query.get("blobs")
            if not isinstance(given, (str, Path)) or not str(given):
                raise InvalidInput(
                    "a store on PostgreSQL needs a folder for arrays; got none. Put one that all "
                    "its users see into the URL, as in postgresql://host/name?blobs=/shared/folder."
                )
            folder = Path(given)
            url = url.difference_update_query(["blobs"])
        return cls(Database(url), Blobs(folder.absolute()))

    @property
    def place(self) -> str:
        """Its path, or its URL without the password."""
        return self._database.name

    def save(self, run: Run, arrays: Mapping[str, Any] | None = None) -> Run:
        """Store a run; one that is finished or diverged is never replaced, except as a whole by
        another such run that left all it left and more.

        Args:
            run: its host, process, blobs and, where they are 0 or None, times are filled in.
            arrays: what it left, by name: nests of arrays and plain values, as in
                {"weights": {"dense/kernel": ...}, "history": {"loss": ...}, "predictions": ...}.

        Returns:
            What is stored under its key now: this run, or the result that was there already.

        Raises:
            InvalidInput: a field that cannot be stored.
            StoreFailure: the disk is full or the database is locked; the store is as before.
        """
        return self.save_all([(run, arrays)])[0]

    def save_all(self, runs: Sequence[tuple[Run, Mapping[str, Any] | None]]) -> list[Run]:
        """Store runs as `save` does, all of them or, where that fails, none."""
        stored, files = [], []
        for run, arrays in runs:
            packed = {name: pack(value) for name, value in (arrays or {}).items()}
            for name in packed:
                _check_name("arrays", name)
            blobs = {name: self._blobs.put(data) for name, data in packed.items()}
            stored.append(replace(_completed(run), blobs=blobs))
            files.append(packed)
        rows = [_row(run) for run in stored]
        with self._database.writing() as connection:
            for index, (run, packed, row) in enumerate(zip(stored, files, rows, strict=True)):
                there = _runs(connection, select(RUNS).where(RUNS.c.key == run.key))
                if there and there[0].status in FINAL and not _completes(run, there[0]):
                    stored[index] = there[0]
                    continue
                _delete(connection, [run.key])
                connection.execute(insert(RUNS).values(row))
                self._refer(connection, run.key, packed, run.blobs)
        return stored

    def found(self, keys: Sequence[str]) -> dict[str, Run]:
        """Return the runs that there are of these, by key, however they ended."""
        every: dict[str, Run] = {}
        with self._database.reading() as connection:
            for at in range(0, len(keys), _AT_ONCE):
                some = select(RUNS).where(RUNS.c.key.in_(keys[at : at + _AT_ONCE]))
                every |= {run.key: run for run in _runs(connection, some)}
        return every

    def find(self, key: str) -> Run | None:
        """Return the run with this key, however it ended, or None."""
        with self._database.reading() as connection:
            found = _runs(connection, select(RUNS).where(RUNS.c.key == key))
        return found[0] if found else None

    def run(self, start: str) -> Run:
        """Return the one run whose key begins so.

        Raises:
            InvalidInput: none does, or more than one, or fewer than 4 digits are given.
        """
        if len(start) < SHORTEST:
            raise InvalidInput(
                f"a run is named by the first {SHORTEST} digits of its key or more; got "
                f"{start!r}. `bital runs list` shows keys."
            )
        with self._database.reading() as connection:
            chosen = RUNS.c.key.startswith(start.lower(), autoescape=True)
            found = _runs(connection, select(RUNS).where(chosen))
            damaged = _damaged(connection, select(RUNS).where(chosen)) if not found else {}
        for key, reason in damaged.items():
            raise StoreFailure(
                f"a run must be as it was written; {key[:12]} has been damaged ({reason}). Start "
                "its study again, which replaces it."
            )
        if len(found) != 1:
            keys = ", ".join(run.key[:12] for run in found[:5])
            raise InvalidInput(
                f"exactly one run's key must begin with {start!r}; "
                f"{f'{len(found)} do: {keys}' if found else 'none does'}. "
                "`bital runs list` shows keys."
            )
        return found[0]

    def runs(self, selection: Selection | None = None) -> list[Run]:
        """Return the runs meant, oldest first."""
        meant = selection or Selection()
        query = select(RUNS).order_by(RUNS.c.started, RUNS.c.key)
        for column in (RUNS.c.study, RUNS.c.name, RUNS.c.seed):
            wanted = getattr(meant, column.name)
            query = query if wanted is None else query.where(column == wanted)
        for column in (RUNS.c.data, RUNS.c.code):
            start = getattr(meant, column.name)
            query = (
                query if start is None else query.where(column.startswith(start, autoescape=True))
            )
        with self._database.reading() as connection:
            found = _runs(connection, query)
        if meant.status is not None:  # not by SQL: who is running is seen here
            found = [run for run in found if run.status == meant.status]
        return found if meant.limit is None else found[-meant.limit :]

    def damaged(self) -> dict[str, str]:
        """Return the keys of runs that cannot be read any more, each with the reason.

        Every other method passes them over; a study that has them trains them anew.
        """
        with self._database.reading() as connection:
            return _damaged(connection, select(RUNS))

    def read(self, run: Run, name: str) -> Any:
        """Return what a run left under a name, as in "weights"; tuples are lists.

        Raises:
            UnknownName: it left nothing of that name.
            StoreFailure: the file is gone or has changed since it was written.
        """
        if name not in run.blobs:
            raise UnknownName(f"arrays of the run {run.key[:12]}", name, run.blobs)
        return unpack(self._blobs.get(run.blobs[name]))

    def file(self, run: Run, name: str) -> bytes:
        """Return the same as the bytes of a .npz file."""
        if name not in run.blobs:
            raise UnknownName(f"arrays of the run {run.key[:12]}", name, run.blobs)
        return self._blobs.get(run.blobs[name])

    def delete(self, keys: Iterable[str]) -> int:
        """Delete runs and every file that nothing refers to any longer; returns bytes freed."""
        with self._database.writing() as connection:
            _delete(connection, list(keys))
        return self._collect()

    def recall(self, key: str, default: Any = None) -> Any:
        """Return what `remember` kept under this key."""
        with self._database.reading() as connection:
            query = select(BLOBS.c.sha256).where(BLOBS.c.owner == key, BLOBS.c.name == "memo")
            name = connection.execute(query).scalar_one_or_none()
        return default if name is None else unpack(self._blobs.get(name))

    def remember(self, key: str, function: str, value: Any) -> None:
        """Keep a function's result; the first one kept under a key stays."""
        data = pack(value)
        blobs = {"memo": self._blobs.put(data)}
        with self._database.writing() as connection:
            query = select(MEMOS.c.key).where(MEMOS.c.key == key)
            if connection.execute(query).first() is None:
                connection.execute(
                    insert(MEMOS).values(key=key, function=function, made=time.time())
                )
                self._refer(connection, key, {"memo": data}, blobs)

    def forget(self) -> int:
        """Delete every function's results; returns bytes freed."""
        with self._database.writing() as connection:
            connection.execute(delete(BLOBS).where(BLOBS.c.owner.in_(select(MEMOS.c.key))))
            connection.execute(delete(MEMOS))
        return self._collect()

    def _refer(
        self,
        connection: Connection,
        owner: str,
        packed: Mapping[str, bytes],
        blobs: Mapping[str, str],
    ) -> None:
        for name, data in packed.items():
            if blobs[name] not in self._blobs:
                self._blobs.put(data)  # collected since, by another process
            connection.execute(insert(BLOBS).values(owner=owner, name=name, sha256=blobs[name]))

    def _collect(self) -> int:
        # In a transaction of its own: files go only after it is certain that no row names them,
        # and behind the write lock, so that no row comes to name them meanwhile.
        with self._database.writing() as connection:
            named = set(connection.execute(select(BLOBS.c.sha256)).scalars())
            return self._blobs.keep_only(named)


def _runs(connection: Connection, query: Select[Any]) -> list[Run]:
    rows = connection.execute(query).all()
    blobs: dict[str, dict[str, str]] = {row.key: {} for row in rows}
    keys = query.with_only_columns(RUNS.c.key).order_by(None)
    for owner, name, sha256 in connection.execute(select(BLOBS).where(BLOBS.c.owner.in_(keys))):
        blobs[owner][name] = sha256
    return [_seen(_run(row, blobs[row.key])) for row in rows if not _why_damaged(row)]


def _damaged(connection: Connection, query: Select[Any]) -> dict[str, str]:
    reasons = {str(row.key): _why_damaged(row) for row in connection.execute(query)}
    return {key: reason for key, reason in reasons.items() if reason}


def _why_damaged(row: Row[Any]) -> str:
    """Return why a row is no run; nothing if it is one."""
    try:
        run = _run(row, {})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        return f"{type(error).__name__}: {error}"
    numbers = isinstance(run.started, float) and isinstance(run.origin.seed, int)
    maps = all(isinstance(each, dict) for each in (run.metrics, run.scores, run.environment))
    return "" if numbers and maps and run.status in STATUSES else "a field has another type"


def _run(row: Row[Any], blobs: Mapping[str, str]) -> Run:
    return Run(
        origin=Origin(read(row.spec), row.data, row.code, row.seed, read(row.split)),
        status=row.status,
        name=row.name,
        study=row.study,
        started=row.started,
        ended=row.ended,
        metrics=read(row.metrics),
        scores=read(row.scores),
        parameters=row.parameters,
        environment=read(row.environment),
        error=row.error,
        host=row.host,
        process=row.process,
        blobs=blobs,
    )


def _row(run: Run) -> dict[str, Any]:
    origin = run.origin
    return {
        "key": run.key,
        "spec": canonical(origin.spec),
        "data": origin.data,
        "code": origin.code,
        "seed": origin.seed,
        "split": canonical(origin.split),
        "status": run.status,
        "name": run.name,
        "study": run.study,
        "started": run.started,
        "ended": run.ended,
        "metrics": canonical(run.metrics),
        "scores": canonical(run.scores),
        "parameters": run.parameters,
        "environment": canonical(run.environment),
        "error": run.error,
        "host": run.host,
        "process": run.process,
    }


def _completed(run: Run) -> Run:
    if run.status not in STATUSES:
        raise UnknownName("status", run.status, STATUSES)
    for field in ("name", "study"):
        _check_name(field, getattr(run, field))
    now = time.time()
    return replace(
        run,
        started=run.started or now,
        ended=None if run.status == "running" else run.ended or now,
        metrics=read(canonical(run.metrics)),
        scores=read(canonical(run.scores)),
        error=run.error.replace("\0", ""),  # PostgreSQL's text has no NUL
        host=platform.node(),
        process=os.getpid(),
    )


def _check_name(field: str, name: str) -> None:
    if not name.isprintable():
        raise InvalidInput(
            f"{field} must be named by one line of printable text; got {name!r}. Use another name."
        )


def _completes(run: Run, there: Run) -> bool:
    """Return whether a run that is a result left all that one left, and more."""
    return run.status in FINAL and set(run.blobs) > set(there.blobs)


def _delete(connection: Connection, keys: list[str]) -> None:
    for key in keys:
        connection.execute(delete(RUNS).where(RUNS.c.key == key))
        connection.execute(delete(BLOBS).where(BLOBS.c.owner == key))


def _seen(run: Run) -> Run:
    """Return a run as interrupted if its process on this machine is no longer there."""
    if run.status != "running" or run.host != platform.node() or os.name != "posix":
        return run
    try:
        os.kill(run.process, 0)
    except ProcessLookupError:
        return replace(run, status="interrupted")
    except PermissionError:  # another user's, and there
        return run
    return run
