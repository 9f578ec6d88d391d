"""Whether this process is a fork of one that has computed: JAX's threads are not in it."""

import os

from jax._src import xla_bridge

from bital.errors import InvalidInput

_forked: list[bool] = []


def check_not_forked() -> None:
    """Raise if the process was forked from one in which JAX ran; a computation would not end."""
    if any(_forked):
        raise InvalidInput(
            "a process must not be forked from one that has used JAX: its threads are gone and "
            "training would never end. Start processes anew: "
            'multiprocessing.get_context("spawn").'
        )


def _note() -> None:
    _forked.append(xla_bridge.backends_are_initialized())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note)
