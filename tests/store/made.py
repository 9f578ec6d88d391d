"""Runs made up for the tests."""

from typing import Any

import numpy as np

from bital.store.run import Origin, Run


def origin(seed: int = 0, **spec: Any) -> Origin:
    return Origin({"모델": "원본", "rate": 0.1, **spec}, "data" * 16, "code" * 16, seed)


def run(seed: int = 0, **fields: Any) -> Run:
    given = {"status": "finished", "name": "원본", "study": "과적합", **fields}
    return Run(origin(seed), **given)


def arrays(seed: int = 0, size: int = 100) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    return {
        "weights": {"dense/kernel": random.random((size, 3), np.float32)},
        "history": {"loss": random.random(5), "val_loss": random.random(5)},
    }
