"""Seeds drawn again with replacement."""

from functools import lru_cache

import numpy as np
from jaxtyping import Float

RESAMPLES = 9_999


@lru_cache(maxsize=16)
def weights(seeds: int, resamples: int = RESAMPLES) -> Float[np.ndarray, "resamples seeds"]:
    """Return the share of every seed in every resample; a row sums to 1.

    The same numbers on every call, and not to be written to: `weights @ scores` are the means.
    """
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=resamples) / seeds
    drawn.setflags(write=False)
    return drawn
