"""Steps are taken in order, once, by one process; a newer store is refused."""

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from bital.errors import StoreFailure
from bital.store import migrations
from bital.store.database import Database, address
from bital.store.schema import VERSION
from bital.store.store import Store

from . import made


def database(place: str) -> Database:
    return Database(address(place).difference_update_query(["blobs"]))


def version(place: str) -> int:
    with database(place).reading() as connection:
        found: int = connection.execute(select(VERSION.c.version)).scalar_one()
    return found


@pytest.mark.parametrize("old", range(1, len(migrations.STEPS)))
def test_an_older_store_is_brought_up_to_date(
    place: str, old: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS[:old])
        assert version(place) == old
    store = Store.open(place)
    assert version(place) == len(migrations.STEPS)
    store.save(made.run())
    assert len(Store.open(place).runs()) == 1


def test_a_newer_store_is_refused_and_left_alone(place: str) -> None:
    Store.open(place).save(made.run())
    with database(place).writing() as connection:
        connection.execute(VERSION.update().values(version=99))
    with pytest.raises(StoreFailure, match=r"this one is of version 99.*Upgrade bital"):
        Store.open(place)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "STEPS", migrations.STEPS + (lambda c: None,) * 96)
        assert version(place) == 99
        assert len(Store.open(place).runs()) == 1


def test_a_step_that_fails_leaves_the_store_as_it_was(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(place).save(made.run())

    def broken(connection: object) -> None:
        connection.execute(text("CREATE TABLE half (a INTEGER)"))  # type: ignore[attr-defined]
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
        with pytest.raises(ZeroDivisionError):
            Store.open(place)
    with database(place).reading() as connection:
        assert not inspect(connection).has_table("half")
    assert len(Store.open(place).runs()) == 1


def test_several_processes_at_once(place: str) -> None:
    code = (
        "import sys, time; from bital.store.store import Store; from store import made\n"
        "sys.stdin.readline()\n"
        "Store.open(sys.argv[1]).save(made.run(int(sys.argv[2])))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code, place, str(seed)],
                    stdin=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                    env=environment,
                )
            )
            for seed in range(4)
        ]
        for process in processes:
            stack.callback(process.kill)
        for process in processes:  # those that are ready wait for the line
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        for process in processes:
            _, said = process.communicate(timeout=120)
            assert process.returncode == 0, said
    assert sorted(run.origin.seed for run in Store.open(place).runs()) == [0, 1, 2, 3]
    assert version(place) == len(migrations.STEPS)


def test_released_steps_have_names_and_a_line_each() -> None:
    assert [step.__name__ for step in migrations.STEPS] == ["runs", "blobs", "memos"]
    assert all(re.fullmatch(r"[A-Z].*\.", step.__doc__ or "") for step in migrations.STEPS)
