"""A script run as any era's Keras program: old words understood, the engine on."""

import runpy
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bital.errors import MissingData


def prepared(path: str, arguments: Sequence[str] = (), show: bool = False) -> Callable[[], Any]:
    """Return what runs a Python file as `python` would, with `bital.compat.mode` on already.

    Args:
        path: the file, or a notebook.
        arguments: what it finds behind its name in `sys.argv`.
        show: let figures open windows; without it they are saved next to the file.

    Raises:
        MissingData: there is no such file.
        WrongBackend: Keras is set to another backend than JAX.
    """
    script = Path(path)
    if not script.is_file():
        raise MissingData(f"a script to run must be a file; {path} is none. Check the path.")
    from bital.compat import notebook
    from bital.compat.around.saving import save_figures
    from bital.compat.mode import on
    from bital.compat.old.source import sources_of

    if script.suffix == ".ipynb":
        on([notebook.source(script)])
    else:
        sources = list(sources_of(script))
        on(sources)
    save_figures(script, show)
    if script.suffix != ".ipynb" and any("IPython" in s or "get_ipython" in s for s in sources):
        notebook.lend()
    sys.argv = [str(path), *arguments]
    sys.path[0] = str(script.resolve().parent)  # where its own imports are looked for
    if script.suffix == ".ipynb":
        return lambda: notebook.run(script)
    return lambda: runpy.run_path(str(path), run_name="__main__")
