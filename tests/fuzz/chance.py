"""Random choices of the fuzzer."""

import random
from typing import Any


class Chance(random.Random):
    """A seeded generator with the choices that the tables make."""

    def maybe(self, probability: float = 0.5) -> bool:
        """Return True with a probability."""
        return self.random() < probability

    def some(self, probability: float = 0.25, /, **choices: Any) -> dict[str, Any]:
        """Return some of the arguments; a list is a choice among values, a function draws one."""
        drawn = {}
        for key, values in choices.items():
            if self.maybe(probability):
                drawn[key] = values(self) if callable(values) else self.choice(values)
        return drawn

    def rounded(self, low: float, high: float) -> float:
        """Return a number with three digits."""
        return float(f"{self.uniform(low, high):.3g}")
