"""What a model has to do with the programs in memory: which it uses, and which are its own."""

import gc
import weakref
from collections.abc import Hashable

import keras

from bital.engine.programs import Programs

FEW = 3
"""owners that are not worth a collection"""


class Owner:
    """A model, from one `compile()` to the next."""

    def __init__(self) -> None:
        self.uses: dict[Hashable, Hashable] = {}
        """by what was asked for, the key of the program"""
        self.own: set[Hashable] = set()
        """keys of the programs that no other model can use"""


class Owners:
    """The owners of programs that end with their models.

    Args:
        programs: where theirs are kept.
    """

    def __init__(self, programs: Programs) -> None:
        self._programs = programs
        self._owners: set[Owner] = set()
        self._most = FEW

    def __len__(self) -> int:
        return len(self._owners)

    def of(self, model: keras.Model) -> Owner:
        """Return the model's owner, a new one where it has been compiled again."""
        compiled = getattr(model, "_compile_config", None)
        kept = model.__dict__.get("_bital_programs")
        if kept is None or kept[0] is not compiled:
            if kept is not None:
                kept[2]()
            owner = Owner()  # with no way back to the model, whose end it waits for
            end = weakref.finalize(model, self._end, owner)
            end.atexit = False
            kept = (compiled, owner, end)
            model.__dict__["_bital_programs"] = kept  # past Keras's tracking of attributes
        known: Owner = kept[1]
        return known

    def give(self, owner: Owner, key: Hashable) -> None:
        """Let a program end with its owner, having collected dead models where there may be many.

        A model is part of cycles, and the collector, which does not know how large a program is,
        lets dozens of dead ones wait. A collection takes much less time than a program.
        """
        if owner not in self._owners and len(self._owners) >= self._most:
            gc.collect()
            self._most = max(FEW, 2 * len(self._owners))
        self._owners.add(owner)
        owner.own.add(key)

    def _end(self, owner: Owner) -> None:
        self._owners.discard(owner)
        self._programs.forget(*owner.own)
