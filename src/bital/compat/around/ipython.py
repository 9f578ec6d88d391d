"""What stands in for IPython.display in a notebook that runs where IPython is not installed."""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from types import ModuleType
from typing import Any

KINDS = ("Image", "HTML", "SVG", "Markdown", "Latex", "Audio", "Video", "Javascript", "JSON")


class Shown:
    """Something a notebook would draw, told as text."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.data = data if data is not None else kwargs.get("filename", kwargs.get("url"))

    def __repr__(self) -> str:
        text = self.data if isinstance(self.data, str) else type(self.data).__name__
        return f"<{type(self).__name__}: {text}>"


def stand_in(display: Callable[..., Any], shell: Any) -> None:
    """Let `IPython` and `IPython.display` be imported, unless they are installed.

    Args:
        display: told the values to show.
        shell: what `get_ipython()` returns.
    """
    known = sys.modules.get("IPython")
    # One made here for another notebook has no spec.
    installed = find_spec("IPython") if known is None else known.__spec__
    if installed is not None:
        return
    package, module = ModuleType("IPython"), ModuleType("IPython.display")
    package.__path__ = []
    vars(package).update(display=module, get_ipython=lambda: shell)
    package.version_info = (9, 0, 0)  # type: ignore[attr-defined]  # asked by matplotlib
    vars(module).update({name: type(name, (Shown,), {}) for name in KINDS})
    vars(module).update(display=display, clear_output=lambda wait=False: None)
    sys.modules.update({"IPython": package, "IPython.display": module})
