"""Arms and rows that train in no time."""

from dataclasses import replace
from functools import partial

import keras
import numpy as np

from bital.study.design import Design
from bital.study.outcome import Outcome
from bital.study.shelf import Key


def rows(count: int = 90, seed: int = 0, noise: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Three classes, each around a point of its own."""
    random = np.random.default_rng(seed)
    y = np.arange(count, dtype=np.int32) % 3
    centers = random.normal(size=(3, 4))
    return (centers[y] + noise * random.normal(size=(count, 4))).astype(np.float32), y


def model(units: int = 4, rate: float = 0.1, dropout: float = 0.0) -> keras.Model:
    stack = [
        keras.layers.Input((4,)),
        keras.layers.Dense(units, activation="relu"),
        keras.layers.Dropout(dropout),
        keras.layers.Dense(3, activation="softmax"),
    ]
    made = keras.Sequential(stack)
    loss = "sparse_categorical_crossentropy"
    made.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy"])
    return made


wide, narrow = partial(model, 8), partial(model, 2)


class Watching(keras.callbacks.Callback):
    """Looks at the model after each epoch, which no program of replicas can let it."""

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        assert np.isfinite(np.asarray(self.model.weights[0].value)).any()


def design(**choices: object) -> Design:
    given: dict[str, object] = {
        "arms": {"wide": wide, "narrow": narrow},
        "data": rows(),
        "seeds": 3,
        "epochs": 2,
        "batch_size": 16,
    }
    return Design(**(given | choices))  # type: ignore[arg-type]


class Memory:
    """A shelf that lasts as long as it is held."""

    def __init__(self) -> None:
        self.kept: dict[str, Outcome] = {}
        self.saved: list[tuple[str, list[int]]] = []

    def code(self, *builders: object) -> str:
        return " ".join(map(repr, builders))

    def find(self, keys: list[Key]) -> list[Outcome | None]:
        found = [self.kept.get(repr(key)) for key in keys]
        return [each and replace(each, stored=frozenset(each.kept)) for each in found]

    def save(self, name: str, found: list[tuple[Key, Outcome]], parameters: int) -> None:
        self.saved.append((name, [key.seed for key, _ in found]))
        self.kept |= {repr(key): each for key, each in found}
