"""Places that can be a store, and failures in words."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bital.errors import InvalidInput, StoreFailure
from bital.store import database
from bital.store.database import Database, address
from bital.store.store import Store

from . import made


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("mysql://host/db", r"postgresql:// URL; got mysql://host/db"),
        ("mysql://me:secret@host/db", r"got mysql://me:\*\*\*@host/db"),
        ("no such folder/a.db", "Create the folder"),
        (".", "must be a file in a folder"),
        ("a b://c", "must be a path or a URL"),
        ("postgresql://host/db", "needs a folder for arrays"),
    ],
)
def test_what_cannot_be_a_place_is_told(place: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        Store.open(place)


def test_a_path_may_have_any_characters(tmp_path: Path) -> None:
    for name in ("가 나?.db", "50%.db", "a#b:c.db"):
        Store.open(tmp_path / name).save(made.run(), made.arrays())
        assert len(Store.open(str(tmp_path / name)).runs()) == 1
        assert (tmp_path / name).is_file()
        assert (tmp_path / f"{name}.blobs").is_dir()


def test_a_path_is_relative_to_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store.open("bital.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    store.save(made.run(), made.arrays())
    assert not list((tmp_path / "elsewhere").iterdir())


def test_another_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but rather long " * 100, encoding="utf-8")
    with pytest.raises(StoreFailure, match="must be a database that bital made"):
        Store.open(path)
    assert path.read_text(encoding="utf-8").startswith("not a database")


def test_a_store_that_is_not_there_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.db does not exist"):
        Store.open(tmp_path / "none.db", create=False)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("create", [True, False])
def test_another_program_s_database_stays_as_it_is(tmp_path: Path, create: bool) -> None:
    path = tmp_path / "가.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE foo (a)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailure, match=r"has the tables foo and no bital_version"):
        Store.open(path, create=create)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["가.db"]


def test_reading_makes_no_store_of_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.db").touch()
    with pytest.raises(InvalidInput, match=r"there must be a store; .* is empty"):
        Store.open(tmp_path / "a.db", create=False)
    assert (tmp_path / "a.db").stat().st_size == 0


def test_devices_and_pipes_are_no_store(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.db")
    for place in (tmp_path / "pipe.db", Path("/dev/null")):
        with pytest.raises(InvalidInput, match="a folder, a device or a pipe"):
            Store.open(place)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM bital_version",
        "UPDATE bital_version SET version = -4",
        "UPDATE bital_version SET version = 'new'",
        "INSERT INTO bital_version VALUES (3)",
    ],
)
def test_a_store_without_its_version_is_told(tmp_path: Path, statement: str) -> None:
    Store.open(tmp_path / "a.db")
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(StoreFailure, match="a store must say its version once"):
        Store.open(tmp_path / "a.db")


@pytest.mark.parametrize(
    ("column", "value"), [("spec", "{"), ("metrics", "[3]"), ("seed", "x"), ("status", "odd")]
)
def test_a_damaged_run_hides_no_other(tmp_path: Path, column: str, value: str) -> None:
    store = Store.open(tmp_path / "a.db")
    first, second = (store.save(made.run(seed=seed), made.arrays()) for seed in (1, 2))
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute(f"UPDATE bital_runs SET {column} = ? WHERE key = ?", (value, first.key))
    connection.close()
    assert [run.key for run in store.runs()] == [second.key]
    assert list(store.damaged()) == [first.key]
    with pytest.raises(StoreFailure, match=f"{first.key[:12]} has been damaged"):
        store.run(first.key)
    store.save(first, made.arrays())
    assert not store.damaged()


def test_a_locked_store_is_told_and_nothing_is_lost(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY", 0.2)
    store = Store.open(place)
    store.save(made.run(0), made.arrays())
    holder = Database(address(place).difference_update_query(["blobs"]))
    with holder.writing():
        assert len(Store.open(place).runs()) == 1  # readers do not wait for a writer
        with pytest.raises(StoreFailure, match=r"free for writing.*End the program that holds"):
            store.save(made.run(1))
    store.save(made.run(1))
    assert len(store.runs()) == 2


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    place = f"postgresql://me:secret@/db?host={tmp_path}&blobs={tmp_path}"
    with pytest.raises(StoreFailure, match=r"must answer.*Check the URL") as told:
        Store.open(place)
    assert "secret" not in str(told.value)


def test_postgresql_without_its_extra_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(InvalidInput, match=r"Install bital\[postgres\]"):
        Store.open(f"postgresql://host/db?blobs={tmp_path}")


def test_what_is_committed_survives_a_power_failure(tmp_path: Path) -> None:
    Store.open(tmp_path / "bital.db")
    holder = Database(address(tmp_path / "bital.db"))
    with holder.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of 1 MB, a quarter of it taken."""
    folder = tmp_path / "작은 디스크"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    mount = shutil.which("mount")
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    try:
        (folder / "filler").write_bytes(bytes(250_000))
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk: Path) -> None:
    store = Store.open(small_disk / "bital.db")
    saved = fill(store, size=5_000)
    (small_disk / "filler").unlink()
    check_whole(store, saved, size=5_000)


def test_a_disk_full_of_rows_is_told_and_nothing_is_lost(small_disk: Path, tmp_path: Path) -> None:
    store = Store.open(small_disk / "bital.db", blobs=tmp_path / "blobs")
    saved = fill(store, size=10, error="x" * 20_000)
    (small_disk / "filler").unlink()
    check_whole(store, saved, size=10)


def fill(store: Store, size: int, **fields: Any) -> int:
    """Save runs until the disk is full; returns how many were saved."""
    saved = 0

    def save() -> None:
        nonlocal saved
        while saved < 1000:
            store.save(made.run(saved, **fields), made.arrays(saved, size))
            saved += 1

    with pytest.raises(StoreFailure, match=r"before (is|are) whole. Free some space"):
        save()
    return saved


def check_whole(store: Store, saved: int, size: int) -> None:
    """What was saved is there, what failed is not, and there is room for it now."""
    assert saved > 0
    runs = store.runs()
    assert [run.origin.seed for run in runs] == list(range(saved))
    for run in runs:
        found = store.read(run, "weights")["dense/kernel"]
        assert (found == made.arrays(run.origin.seed, size)["weights"]["dense/kernel"]).all()
    store.save(made.run(saved), made.arrays(saved, size))
    assert len(store.runs()) == saved + 1


FILE_LIMIT = """
import resource, signal, sys
from store import made, test_database
from bital.store.store import Store
store = Store.open(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
saved = test_database.fill(store, 10, error="x" * 20_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
test_database.check_whole(store, saved, 10)
"""


def test_a_file_that_may_not_grow_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="limits as on POSIX")
    done = subprocess.run(
        [sys.executable, "-c", FILE_LIMIT, str(tmp_path / "bital.db")],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    connection = sqlite3.connect(tmp_path / "bital.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
