import doctest

import pytest

from bital.report import account, number


@pytest.mark.parametrize("module", [account, number])
def test_documented_examples(module):
    ran = doctest.testmod(module)
    assert ran.attempted > 0
    assert ran.failed == 0
