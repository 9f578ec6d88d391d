"""From an empty database to the tables of today, one small step after another.

A step is never changed once it has been released; another is added behind it. The SQL is what
SQLite and PostgreSQL have in common.
"""

from collections.abc import Callable

from sqlalchemy import Connection, inspect, select, text

from bital.errors import StoreFailure
from bital.store.schema import VERSION


def runs(connection: Connection) -> None:
    """Runs, found by key."""
    connection.execute(
        text(
            "CREATE TABLE bital_runs ("
            "key TEXT NOT NULL PRIMARY KEY, spec TEXT NOT NULL, data TEXT NOT NULL,"
            " code TEXT NOT NULL, seed BIGINT NOT NULL, split TEXT NOT NULL,"
            " status TEXT NOT NULL, name TEXT NOT NULL, study TEXT NOT NULL,"
            " started DOUBLE PRECISION NOT NULL, ended DOUBLE PRECISION,"
            " metrics TEXT NOT NULL, scores TEXT NOT NULL, parameters BIGINT,"
            " environment TEXT NOT NULL, error TEXT NOT NULL,"
            " host TEXT NOT NULL, process BIGINT NOT NULL)"
        )
    )
    connection.execute(text("CREATE INDEX bital_runs_study ON bital_runs (study, name, seed)"))


def blobs(connection: Connection) -> None:
    """Which run or memo has which blobs."""
    connection.execute(
        text(
            "CREATE TABLE bital_blobs (owner TEXT NOT NULL, name TEXT NOT NULL,"
            " sha256 TEXT NOT NULL, PRIMARY KEY (owner, name))"
        )
    )


def memos(connection: Connection) -> None:
    """Results of functions, found by key."""
    connection.execute(
        text(
            "CREATE TABLE bital_memos (key TEXT NOT NULL PRIMARY KEY, function TEXT NOT NULL,"
            " made DOUBLE PRECISION NOT NULL)"
        )
    )


STEPS: tuple[Callable[[Connection], None], ...] = (runs, blobs, memos)


def is_current(connection: Connection) -> bool:
    """Whether the database is at the last step.

    Raises:
        StoreFailure: a newer bital has been here.
    """
    version = _version(connection)
    if version > len(STEPS):
        raise StoreFailure(
            f"a store must be of version {len(STEPS)} or older for this bital; this one is of "
            f"version {version}, made by a newer bital. Upgrade bital, or use another store."
        )
    return version == len(STEPS)


def migrate(connection: Connection) -> None:
    """Bring the database to the last step; the connection holds the write lock.

    Raises:
        StoreFailure: a newer bital has been here.
    """
    if is_current(connection):  # by another process, before the lock was ours
        return
    version = _version(connection)
    if version == 0:
        connection.execute(text("CREATE TABLE bital_version (version INTEGER NOT NULL)"))
        connection.execute(VERSION.insert().values(version=0))
    for step in STEPS[version:]:
        step(connection)
    connection.execute(VERSION.update().values(version=len(STEPS)))


def _version(connection: Connection) -> int:
    if not inspect(connection).has_table(VERSION.name):
        return 0
    versions = connection.execute(select(VERSION.c.version)).scalars().all()
    if len(versions) != 1 or not isinstance(versions[0], int) or versions[0] < 0:
        raise StoreFailure(
            f"a store must say its version once; this one's table {VERSION.name} holds "
            f"{versions or 'nothing'}. Restore it from a copy, or use another store."
        )
    return versions[0]
