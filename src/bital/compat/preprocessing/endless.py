"""Datasets begun anew where more batches are asked of them than they have, as Keras 2 did."""

from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras.src.backend.jax.trainer import JAXTrainer

from bital.compat.notes import note
from bital.compat.patches import Patches

_STEPS = {
    "fit": {"x": "steps_per_epoch", "validation_data": "validation_steps"},
    "evaluate": {"x": "steps"},
    "predict": {"x": "steps"},
}
"""what says how many batches of which data are asked for, by method"""


class Endless(keras.utils.PyDataset):
    """A dataset that begins anew at its end, and without an end of its own.

    Args:
        dataset: of a known number of batches.
        shuffle: whether each pass takes the batches in an order of its own.
    """

    def __init__(self, dataset: Any, shuffle: bool = False) -> None:
        super().__init__(
            workers=dataset.workers,
            use_multiprocessing=dataset.use_multiprocessing,
            max_queue_size=dataset.max_queue_size,
        )
        self._dataset, self._shuffle = dataset, shuffle
        self._order = np.arange(dataset.num_batches)

    @property
    def num_batches(self) -> None:
        """None: more than anyone asks for."""
        return

    def __getitem__(self, index: int) -> Any:
        place = index % len(self._order)
        if index and place == 0:
            self._dataset.on_epoch_end()
        if self._shuffle and place == 0:
            np.random.shuffle(self._order)
        return self._dataset[int(self._order[place])]


def patch_generators(patches: Patches) -> None:
    """Let `fit`, `evaluate` and `predict` ask more batches of a dataset than it has.

    Keras 3 stops early there and warns; programs that name too many steps an epoch counted on it.
    """
    for method, steps in _STEPS.items():
        patches.set(JAXTrainer, method, _asking(getattr(JAXTrainer, method), steps))


def _asking(own: Callable[..., Any], steps: dict[str, str]) -> Callable[..., Any]:
    parameters = signature(own)

    @wraps(own)
    def method(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = parameters.bind(*args, **kwargs)
        except TypeError:  # said by the method itself
            return own(*args, **kwargs)
        given, changed = bound.arguments, dict[str, Any]()
        for name, asked in steps.items():
            data, wanted = given.get(name), given.get(asked)
            if not isinstance(data, keras.utils.PyDataset) or not wanted:
                continue
            if data.num_batches and wanted > data.num_batches:
                note(f"{asked}={wanted} of {data.num_batches} batches", f"at most len({name})")
                shuffle = asked == "steps_per_epoch" and given.get("shuffle", True)
                changed[name] = Endless(data, shuffle)
                if asked == "steps_per_epoch":
                    changed["shuffle"] = False  # which Keras refuses to do without an end
        by_place = dict(zip(parameters.parameters, args, strict=False))
        args = tuple(changed.pop(name, value) for name, value in by_place.items())
        return own(*args, **{**kwargs, **changed})

    return method
