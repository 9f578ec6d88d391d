"""A selection that can mean nothing is refused; what it selects is in test_store."""

import pytest

from bital.errors import InvalidInput, UnknownName
from bital.store.selection import Selection


def test_an_unknown_status_is_told() -> None:
    with pytest.raises(UnknownName, match=r"got 'finish'. Did you mean 'finished'"):
        Selection(status="finish")


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_1_is_told(limit: int) -> None:
    with pytest.raises(InvalidInput, match=f"limit must be at least 1; got {limit}"):
        Selection(limit=limit)
