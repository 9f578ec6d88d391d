"""Which seeds a plan is made from."""

from dataclasses import replace

from bital.study.design import Design
from bital.study.run import kept_seeds
from bital.study.shelf import Shelf

PILOT = 5
"""seeds of a study that is run to plan a larger one"""


def seeds_to_plan(design: Design, shelf: Shelf | None) -> tuple[int, ...]:
    """Return the seeds whose runs the shelf has; with too few of them, those of a pilot.

    Args:
        design: what is planned; where its seeds are a number, more than that are looked for, too.
        shelf: where runs are kept; None for none.
    """
    wanted = design.seed_numbers
    found = kept_seeds(design, shelf) if shelf is not None else ()
    while shelf is not None and isinstance(design.seeds, int) and len(found) == len(wanted):
        wanted = tuple(range(2 * len(wanted)))
        found = kept_seeds(replace(design, seeds=len(wanted)), shelf)
    if len(found) >= min(PILOT, len(design.seed_numbers)):
        return found
    return tuple(sorted(tuple(dict.fromkeys((*found, *wanted)))[:PILOT]))
