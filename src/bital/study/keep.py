"""What a run can keep besides its scores and history."""

from typing import Literal, get_args

from bital.errors import InvalidInput, UnknownName

Kept = Literal["weights", "predictions"]
KEPT: tuple[Kept, ...] = get_args(Kept)


def check_keep(keep: object) -> None:
    """Raise unless `keep` lists what runs can keep."""
    if not isinstance(keep, (tuple, list)):
        raise InvalidInput(f'keep must be a list, as in ["weights"]; got {keep!r}.')
    for name in keep:
        if name not in KEPT:
            raise UnknownName("what is to be kept", str(name), KEPT)
