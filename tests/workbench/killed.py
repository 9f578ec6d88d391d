"""A study in a process of its own, for a test to kill: `python killed.py STORE`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from study.small import Watching, model, narrow, rows, wide

from bital.study.arm import Arm
from bital.study.estimate import Moment
from bital.study.result import StudyResult
from bital.study.run import run_design
from bital.workbench.study import Study, shelf

KEEP = ("weights", "predictions")


def watching() -> list[Watching]:
    return [Watching()]


def study() -> Study:
    """Packed arms, and one whose runs are trained and kept one by one."""
    arms = {
        "wide": wide,
        "watches": Arm(narrow, callbacks=watching),
        "drops": dropping,
        "narrow": narrow,
    }
    return Study(arms, rows(), seeds=4, epochs=3, name="죽은 연구", keep=KEEP)


def dropping() -> object:
    return model(dropout=0.2)


def carried_out(store: str) -> StudyResult:
    return run_design(study(), shelf=shelf(store, "죽은 연구"), listener=tell)


def tell(moment: Moment) -> None:
    sys.stdout.write(f"{moment.arm} {moment.runs_done}\n")


if __name__ == "__main__":
    carried_out(sys.argv[1])
