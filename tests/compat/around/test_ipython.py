import importlib.util
import sys

import pytest

from bital.compat.around.ipython import stand_in


@pytest.mark.skipif(importlib.util.find_spec("IPython") is not None, reason="IPython is installed")
def test_what_a_notebook_displays_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    shown: list[str] = []
    stand_in(lambda *values: shown.extend(map(repr, values)), "shell")
    names: dict[str, object] = {}
    exec("from IPython.display import HTML, Image, clear_output, display", names)
    exec("clear_output(wait=True); display(Image(filename='a.png'), HTML('<b>b</b>'))", names)
    assert shown == ["<Image: a.png>", "<HTML: <b>b</b>>"]
