"""A plan is made from the runs that are kept, or from a pilot."""

from dataclasses import replace
from functools import partial

import keras
import numpy as np

from bital.study.design import Design
from bital.study.outcome import Outcome
from bital.study.run import kept_seeds, run_design
from bital.study.shelf import Key
from bital.workbench.planning import PILOT, seeds_to_plan


class Memory:
    """A shelf that lasts as long as it is held."""

    def __init__(self) -> None:
        self.kept: dict[str, Outcome] = {}

    def code(self, *builders: object) -> str:
        return " ".join(map(repr, builders))

    def find(self, keys: list[Key]) -> list[Outcome | None]:
        return [self.kept.get(repr(key)) for key in keys]

    def save(self, name: str, found: list[tuple[Key, Outcome]], parameters: int) -> None:
        self.kept |= {repr(key): each for key, each in found}


def model(units: int) -> keras.Model:
    made = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(units)])
    made.add(keras.layers.Dense(1))
    made.compile("sgd", "mse")
    return made


ROWS = np.random.default_rng(0).normal(size=(30, 3)).astype(np.float32)
ASKED = Design(
    arms={"wide": partial(model, 4), "narrow": partial(model, 2)},
    data=(ROWS[:, :2], ROWS[:, 2]),
    seeds=6,
    epochs=1,
    metric="val_loss",
)


def test_without_a_store_a_pilot() -> None:
    assert seeds_to_plan(ASKED, None) == (0, 1, 2, 3, 4)
    assert seeds_to_plan(replace(ASKED, seeds=[9, 7, 8]), None) == (7, 8, 9)


def test_kept_runs_come_first() -> None:
    shelf = Memory()
    assert seeds_to_plan(ASKED, shelf) == (0, 1, 2, 3, 4)
    run_design(replace(ASKED, seeds=[5]), shelf=shelf)
    assert kept_seeds(ASKED, shelf) == (5,)
    assert seeds_to_plan(ASKED, shelf) == (0, 1, 2, 3, 5)
    run_design(replace(ASKED, seeds=[0, 1, 2, 3, 4, 6, 7, 11]), shelf=shelf)
    assert kept_seeds(ASKED, shelf) == (0, 1, 2, 3, 4, 5)
    # All that were asked for are there, so that more are looked for.
    assert seeds_to_plan(ASKED, shelf) == (0, 1, 2, 3, 4, 5, 6, 7, 11)


def test_a_seed_that_one_arm_lacks_is_not_kept() -> None:
    shelf = Memory()
    one = {"wide": ASKED.arms["wide"]}
    run_design(replace(ASKED, arms=one, seeds=PILOT), shelf=shelf)
    assert kept_seeds(replace(ASKED, arms=one), shelf) == (0, 1, 2, 3, 4)
    assert kept_seeds(ASKED, shelf) == ()
