"""Programs by key: made once, the least recently used forgotten first."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bital.engine.programs import Programs


def test_what_was_used_last_stays() -> None:
    programs = Programs(limit=2)
    made: list[str] = []

    def get(name: str) -> Any:
        return programs.get(name, lambda: made.append(name) or name.upper())

    assert [get(name) for name in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]
    assert len(programs) == 2
    assert ["a" in programs, "b" in programs, "c" in programs] == [True, True, False]


def test_what_is_forgotten_is_made_again() -> None:
    programs = Programs(limit=2)
    programs.get("a", lambda: 1)
    programs.forget("a", "never there")
    assert programs.get("a", lambda: 2) == 2
    programs.clear()
    assert programs.get("a", lambda: 3) == 3


def test_what_could_not_be_made_is_not_kept() -> None:
    programs = Programs(limit=2)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            programs.get("a", lambda: 1 / 0)
    assert len(programs) == 0
    assert programs.get("a", lambda: 1) == 1


def test_none_is_a_program() -> None:
    programs = Programs(limit=2)
    assert programs.get("a", lambda: None) is None
    assert programs.get("a", lambda: 1) is None


def test_threads_wait_for_the_one_that_makes_it() -> None:
    programs, made = Programs(limit=2), []

    def make() -> object:
        time.sleep(0.05)
        made.append(1)
        return object()

    with ThreadPoolExecutor(8) as pool:
        results = [pool.submit(programs.get, "a", make) for _ in range(8)]
    assert len({id(result.result()) for result in results}) == 1
    assert made == [1]


def test_another_program_can_be_had_while_one_is_made() -> None:
    programs = Programs(limit=2)
    assert programs.get("a", lambda: programs.get("b", lambda: 1) + 1) == 2
