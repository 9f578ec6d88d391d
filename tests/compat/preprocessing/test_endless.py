"""More steps an epoch than a dataset has batches."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

from bital.compat import notes
from bital.compat.patches import Patches
from bital.compat.preprocessing.endless import Endless, patch_generators


class Batches(keras.utils.PyDataset):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.asked: list[int] = []
        self.passes = 0

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        return np.full((2, 1), float(index)), np.zeros((2, 1))

    def on_epoch_end(self) -> None:
        self.passes += 1


class Count(keras.callbacks.Callback):
    batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


@pytest.fixture(params=[False, True], ids=["Keras", "bital"])
def model(request: pytest.FixtureRequest) -> Iterator[keras.Model]:
    import bital

    if request.param:
        bital.install()
    patches = Patches()
    patch_generators(patches)
    made = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    made.compile(keras.optimizers.SGD(0.0), "mse")
    yield made
    patches.undo()
    bital.uninstall()


def test_fit_begins_anew(model: keras.Model) -> None:
    data, count = Batches(), Count()
    history = model.fit(
        data, steps_per_epoch=7, epochs=2, validation_data=Batches(), validation_steps=4,
        callbacks=[count], verbose=0, shuffle=False,
    )  # fmt: skip
    assert count.batches == 14
    assert len(history.history["val_loss"]) == 2
    assert data.asked[1:9] == [0, 1, 2, 0, 1, 2, 0, 1]  # the first is looked at before
    assert data.passes >= 4


def test_evaluate_and_predict_begin_anew(model: keras.Model) -> None:
    assert model.predict(Batches(), steps=5, verbose=0).shape == (10, 1)
    assert np.isfinite(model.evaluate(Batches(), steps=5, verbose=0))


def test_what_has_enough_batches_is_left_alone(model: keras.Model) -> None:
    notes.forget()
    data = Batches()
    model.fit(data, steps_per_epoch=3, epochs=2, verbose=0)
    assert len(data.asked) >= 6
    assert notes.told() == ()


def test_a_pass_has_an_order_of_its_own() -> None:
    np.random.seed(0)
    data = Batches()
    endless = Endless(data, shuffle=True)
    passes = [[int(endless[3 * p + i][0][0, 0]) for i in range(3)] for p in range(8)]
    assert all(sorted(p) == [0, 1, 2] for p in passes)
    assert len({tuple(p) for p in passes}) > 1
    assert data.passes == 7
