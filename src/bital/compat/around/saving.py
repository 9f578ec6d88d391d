"""Whether figures are shown or saved, decided before matplotlib is loaded."""

import os
import sys
from pathlib import Path

VARIABLE = "BITAL_FIGURES"
"""folder and beginning of the names of saved figures"""

_BACKEND = "module://bital.compat.around.figures"


def save_figures(script: Path, show: bool = False) -> bool:
    """Let `plt.show()` save figures next to a script, as `script-1.png` and so on.

    Args:
        script: the program's file.
        show: open windows all the same.

    Returns:
        Whether they will be saved; a program that sets a backend itself keeps it.
    """
    if show or os.environ.get("MPLBACKEND", _BACKEND) != _BACKEND:
        return False
    os.environ["MPLBACKEND"] = _BACKEND
    os.environ[VARIABLE] = str(script.resolve().with_suffix(""))
    if "matplotlib" in sys.modules:
        import matplotlib as mpl

        mpl.use(_BACKEND)
    return True
