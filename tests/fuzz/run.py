"""A range of cases, each beside a near relative, and what came of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from fuzz.case import Case
from fuzz.chance import Chance
from fuzz.compare import Difference, Refused, differences
from fuzz.draw import case_of
from fuzz.shrink import shrunk, smaller

RELATIVES = 0.15
"Of the cases are followed by one that differs in one thing: programs must not be mistaken."


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    refused: str = ""
    """Keras's error, or nothing"""
    differences: tuple[Difference, ...] = ()


def results(seeds: range) -> Iterator[Result]:
    """Carry cases out, one after the other."""
    for seed in seeds:
        case = case_of(seed)
        yield result(case)
        r = Chance(seed)
        if r.maybe(RELATIVES):
            relatives = list(islice(smaller(case), 200))
            if relatives:
                yield _if_taken(result(r.choice(relatives)))


def _if_taken(found: Result) -> Result:
    """Return a relative's result; its labels may not fit any more, which bital's checks refuse."""
    refused = [each.what for each in found.differences if each.what.startswith("InvalidInput")]
    return Result(found.case, refused=refused[0]) if refused else found


def result(case: Case) -> Result:
    """Carry one case out."""
    try:
        return Result(case, differences=tuple(differences(case)))
    except Refused as error:
        return Result(case, refused=str(error))


def fails(case: Case) -> bool:
    """Return whether bital differs from Keras other than by an argument that it refuses."""
    return bool(_if_taken(result(case)).differences)


def explained(failing: Case, most: int = 120) -> str:
    """Return a failing case made small, as a program, with what differs in it."""
    small = shrunk(failing, fails, most)
    found = [f"# {difference}" for difference in result(small).differences[:8]]
    how = f"rows={small.rows}, held_out={small.held_out}, feed={small.feed}"
    more = f"weighted={small.weighted}, looks={small.looks or 'nothing'}, kernels={small.kernels}"
    return "\n".join([f"# case {small.seed}: {how}, {more}", *found, small.program])
