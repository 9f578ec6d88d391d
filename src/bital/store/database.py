"""A database by path or URL: its transactions, and its failures in words."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from bital.errors import InvalidInput, StoreFailure
from bital.store.migrations import is_current, migrate
from bital.store.schema import VERSION

BUSY = 30.0  # seconds a writer waits for another before it gives up
_LOCK = 0x626974616C  # "bital": PostgreSQL's advisory lock that all writers take


class Database:
    """SQLite or PostgreSQL through SQLAlchemy, migrated when it is opened."""

    def __init__(self, url: URL) -> None:
        self._sqlite = url.get_backend_name() == "sqlite"
        self.name = str(url.database) if self._sqlite else url.render_as_string(hide_password=True)
        # No pool: a connection that outlives its transaction does not outlive a fork, and SQLite's
        # log is folded into the file when the last one closes.
        self._engine = _sqlite(url) if self._sqlite else _postgres(url)
        with self.reading() as connection:
            current = is_current(connection)
        if not current:
            with self.writing() as connection:
                migrate(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that sees one state of the database."""
        snapshot = {} if self._sqlite else {"isolation_level": "REPEATABLE READ"}
        with self._transaction(snapshot) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction that no other writer overlaps."""
        with self._transaction({"bital_writes": True}) as connection:
            if not self._sqlite:
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {1000 * BUSY:.0f}")
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            yield connection

    @contextmanager
    def _transaction(self, options: dict[str, Any]) -> Iterator[Connection]:
        with self._told(), self._engine.execution_options(**options).begin() as connection:
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreFailure(_words(self.name, str(error.orig).strip())) from error
        except sqlite3.Error as error:  # while a connection is configured
            raise StoreFailure(_words(self.name, str(error))) from error


def address(place: str | Path) -> URL:
    """Return the URL of a path or of a URL.

    Raises:
        InvalidInput: a URL of another database, or not a URL.
    """
    if isinstance(place, Path) or "://" not in place:
        path = Path(place).absolute()
        special = path.exists() and not path.is_file()
        if special or not path.parent.is_dir():
            what = " (a folder, a device or a pipe)" if special else ""
            raise InvalidInput(
                f"a store must be a file in a folder that exists; got {place}{what}. Create the "
                f"folder {path.parent} or choose another place."
            )
        return URL.create("sqlite+pysqlite", database=str(path))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise InvalidInput(f"a store must be a path or a URL; {error}.") from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise InvalidInput(
            f"a store must be a path (SQLite) or a postgresql:// URL; got {url!r}. "
            "For SQLite give the path alone."
        )
    return url.set(drivername="postgresql+psycopg")


def check_file(path: Path) -> bool:
    """Return whether an SQLite file holds a store; raise an error if it is another program's.

    The file is only read: what opens it for writing turns it to a write-ahead log.

    Raises:
        StoreFailure: it holds tables, and none of a store.
    """
    if not path.is_file() or not path.stat().st_size:
        return False
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = sorted(name for (name,) in rows)
    except sqlite3.Error as error:
        if "not a database" in str(error) or "malformed" in str(error):
            raise StoreFailure(_words(str(path), str(error))) from error
        return True  # locked or not readable so: opening it says more
    if tables and VERSION.name not in tables:
        raise StoreFailure(
            f"a store must be a database that bital made; {path} has the tables "
            f"{', '.join(tables[:5])} and no {VERSION.name}. Nothing has been written to it. "
            "Choose another path."
        )
    return bool(tables)


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY}, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        _use_wal(connection)
        # A run took seconds to hours; two more fsyncs keep it through a power failure, which
        # NORMAL does not promise.
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("bital_writes")
        # A deferred transaction that turns to writing fails at once where it should wait.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log, for which SQLite does not wait where others hold the file."""
    until = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _postgres(url: URL) -> Engine:
    try:
        return create_engine(url, poolclass=NullPool)
    except ImportError as error:
        raise InvalidInput(
            f"PostgreSQL is spoken through psycopg; it cannot be imported ({error}). "
            "Install bital[postgres]."
        ) from error


def _words(name: str, said: str) -> str:
    if "lock" in said:
        rule = f"a store must be free for writing within {BUSY:.0f} s"
        step = "End the program that holds it, and start the same command again."
    elif "is full" in said or "No space left" in said or "disk I/O" in said:
        rule = "a store needs room on its disk"
        step = "Free some space, and start the same command again."
    elif "not a database" in said or "malformed" in said:
        rule = "a store must be a database that bital made"
        step = "Choose another path, or restore it from a copy."
    elif "readonly" in said or "unable to open" in said:
        rule = "a store must be a file that can be written to, in a folder that can be"
        step = "Change the permissions or choose another path."
    else:
        rule = "a store's database must answer"
        step = "Check the URL and that the server runs; its log says more."
    words = " ".join(said.split())
    return f'{rule}; {name} said "{words}". What finished before is whole. {step}'
