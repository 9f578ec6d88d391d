"""Compiled programs kept in memory."""

from collections.abc import Callable, Hashable
from typing import Any

import keras

from bital.engine.owner import Owners
from bital.engine.programs import Programs
from bital.engine.settings import settings
from bital.engine.structure import structural_key
from bital.models.functional import Variables

PROGRAMS = Programs(limit=64)
"""what `remembered` remembers: a small one takes about 5 MB"""
_OWNERS = Owners(PROGRAMS)


def remembered(model: keras.Model, key: Hashable, make: Callable[[], Any]) -> Any:
    """Return `make()`, or what it returned for a model of the same structure.

    Models made of Keras's own parts in the same way share their programs, which stay when the
    models go; any other's are its own and go with it. At most `PROGRAMS` are kept, the least
    recently used go first. Like Keras's own train function, programs see a change of a layer's
    settings only after `compile()`, of what is trainable at once.

    Args:
        model: built.
        key: which program: what it does and the shapes of what it is given.
        make: returns the program. It must not refer to the model, whose life it may outlast, and
            nothing but `key` and the model may decide what it does.
    """
    owner = _OWNERS.of(model)
    asked = (key, Variables(model).identities(), settings())
    found = owner.uses.get(asked)
    if found is None or found not in PROGRAMS:
        # Rows in a dict may be picked by name.
        structure = structural_key(model, by_name="{" in repr(key))
        if structure is not None:
            found = (key, structure)
        else:
            found = (owner, asked)
            _OWNERS.give(owner, found)
        owner.uses[asked] = found
    return PROGRAMS.get(found, make)
