"""`keras.preprocessing.sequence` of Keras 1 and 2, over Keras's own."""

import random
from functools import wraps
from inspect import signature
from typing import Any

from keras.src.legacy.preprocessing import sequence as legacy
from keras.src.legacy.preprocessing.sequence import TimeseriesGenerator, make_sampling_table
from keras.utils import pad_sequences

__all__ = ["TimeseriesGenerator", "make_sampling_table", "pad_sequences", "skipgrams"]


@wraps(legacy.skipgrams)
def skipgrams(*args: Any, **kwargs: Any) -> tuple[list[Any], list[Any]]:
    """Return word pairs and whether they are neighbours, in Keras 2's order for the same seed."""
    bound = signature(legacy.skipgrams).bind(*args, **kwargs)
    bound.apply_defaults()
    given = bound.arguments
    shuffled, seed = given["shuffle"], given["seed"]
    couples, labels = legacy.skipgrams(**given | {"shuffle": False})
    if shuffled:
        # Keras draws it between 0 and 10e6, a float, which Python 3.12 refuses.
        seed = random.randint(0, 10**7) if seed is None else seed
        for each in (couples, labels):
            random.seed(seed)
            random.shuffle(each)
    return couples, labels
