"""Stores in folders of their own, on SQLite and on a PostgreSQL server started for the session."""

import getpass
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bital.store.store import Store


def program(name: str) -> str | None:
    """Where a program of PostgreSQL's is; Debian keeps them off the path."""
    near = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(near[-1]) if near else None)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The URL of a database on a PostgreSQL server started here."""
    pytest.importorskip("psycopg", reason="needs psycopg: install bital[postgres]")
    initdb, postgres = program("initdb"), program("pg_ctl")
    if initdb is None or postgres is None:
        pytest.skip("needs PostgreSQL's initdb and pg_ctl on the path or in /usr/lib/postgresql")
    root = hasattr(os, "geteuid") and os.geteuid() == 0  # the server refuses to run as root
    user = "postgres" if root else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="bital-pg-"))  # a socket's path has 107 bytes at most
    as_user = {"user": user} if root else {}

    def run(*command: str) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder, **as_user)

    try:
        if root:
            try:
                shutil.chown(folder, user)
            except LookupError:
                pytest.skip("needs a user named postgres to run the server as, or not to be root")
        data, log = str(folder / "data"), str(folder / "log")
        run(initdb, "-D", data, "-U", user, "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -k {folder} -c fsync=off -c shared_buffers=16MB"
        run(postgres, "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgresql://{user}@/postgres?host={folder}"
        finally:
            run(postgres, "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def url(server: str, tmp_path: Path) -> str:
    """The URL of an empty database, its blobs in a folder with a Hangul name."""
    import psycopg

    # Not a database for each test, which is a copy of 7 MB.
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return f"{server}&blobs={tmp_path / '팀 폴더'}"


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be, on each database."""
    if request.param == "postgres":
        found: str = request.getfixturevalue("url")
        return found
    folder = tmp_path / "실험 결과"
    folder.mkdir()
    return str(folder / "저장.db")


@pytest.fixture
def store(place: str) -> Store:
    return Store.open(place)
