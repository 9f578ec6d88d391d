"""What a notebook displays where IPython is not installed."""

import importlib.util
import sys

import pytest

from bital.compat.around.ipython import stand_in

INSTALLED = "IPython" not in sys.modules and importlib.util.find_spec("IPython") is not None


@pytest.mark.skipif(INSTALLED, reason="IPython is installed")
def test_what_a_notebook_displays_is_told() -> None:
    """To the one that runs, not to one before."""
    for _ in range(2):
        shown: list[str] = []
        stand_in(lambda *values, told=shown: told.extend(map(repr, values)), "shell")
        names: dict[str, object] = {}
        exec("from IPython.display import HTML, Image, clear_output, display", names)
        exec("clear_output(wait=True); display(Image(filename='a.png'), HTML('<b>b</b>'))", names)
        assert shown == ["<Image: a.png>", "<HTML: <b>b</b>>"]
    sys.modules.pop("IPython.display")
    sys.modules.pop("IPython")
