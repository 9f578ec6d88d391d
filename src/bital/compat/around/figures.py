"""A matplotlib backend for machines without a display: what is shown is saved."""

import os
import sys
from pathlib import Path
from typing import Any

from matplotlib import _pylab_helpers
from matplotlib.backend_bases import FigureManagerBase
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bital.compat.around.saving import VARIABLE

_saved = 0


class FigureManager(FigureManagerBase):
    """Saves where others open windows."""

    @classmethod
    def pyplot_show(cls, *, block: Any = None) -> None:
        """Save every open figure and close it; say where."""
        global _saved  # noqa: PLW0603
        stem = Path(os.environ.get(VARIABLE, "figure"))
        for manager in _pylab_helpers.Gcf.get_all_fig_managers():
            _saved += 1
            path = stem.with_name(f"{stem.name}-{_saved}.png")
            manager.canvas.figure.savefig(path, bbox_inches="tight")
            sys.stderr.write(f"bital: figure {_saved} saved as {path}\n")
        _pylab_helpers.Gcf.destroy_all()


class FigureCanvas(FigureCanvasAgg):
    """Agg's own."""

    manager_class = FigureManager
