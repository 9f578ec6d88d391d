"""What `fit` is told, as one value."""

from dataclasses import dataclass
from typing import Any

import keras
from keras.src.trainers.data_adapters import array_slicing

from bital.engine import arrays, checks
from bital.engine.callbacks import Cast, cast
from bital.engine.given import Given
from bital.engine.keras_own import Trainer
from bital.engine.order import Shuffle
from bital.errors import InvalidInput

_COUNTS = {
    "batch_size": 1,
    "epochs": 0,
    "initial_epoch": 0,
    "steps_per_epoch": 1,
    "validation_steps": 1,
    "validation_batch_size": 1,
}


@dataclass(frozen=True, eq=False)
class FitSpec:
    """The arguments of `keras.Model.fit`, in its order and with its defaults."""

    x: Any = None
    y: Any = None
    batch_size: int | None = None
    epochs: int = 1
    verbose: int | str = "auto"
    callbacks: Any = None
    validation_split: float = 0.0
    validation_data: Any = None
    shuffle: Shuffle = True
    class_weight: dict[int, float] | None = None
    sample_weight: Any = None
    initial_epoch: int = 0
    steps_per_epoch: int | None = None
    validation_steps: int | None = None
    validation_batch_size: int | None = None
    validation_freq: int | list[int] = 1

    def check(self) -> None:
        """Raise `InvalidInput` if a number is none that can be."""
        for name, least in _COUNTS.items():
            checks.check_count(name, getattr(self, name), least)
        if not 0 <= self.validation_split < 1:
            raise InvalidInput(
                "validation_split must be a fraction from 0 to below 1; "
                f"got {self.validation_split!r}."
            )
        checks.check_choices(self.shuffle, self.class_weight, self.validation_freq)

    @property
    def lacks_rows(self) -> bool:
        """Whether there is nothing to train or validate on; what then happens is Keras's to say."""
        leaves = keras.tree.flatten((self.x, self.validation_data))
        empty = any(getattr(leaf, "shape", None) and leaf.shape[0] == 0 for leaf in leaves)
        return empty or self.validation_split < 0

    def parts(self, model: Trainer, strict: bool) -> tuple[Given, Given | None, Cast]:
        """Return training data, validation data and callbacks, each looked at but left alone.

        Args:
            model: compiled.
            strict: whether what Keras lets pass is an error.
        """
        return *self.data(strict, model.steps_per_execution), cast(self.callbacks, model)

    def data(self, strict: bool, unit: int = 1) -> tuple[Given, Given | None]:
        """Return training and validation data.

        Args:
            strict: whether what Keras lets pass is an error.
            unit: the model's `steps_per_execution`.
        """
        x, y, sample_weight = self.x, self.y, self.sample_weight
        validation_data = self.validation_data
        if self.validation_split and validation_data is None:
            if strict and arrays.are_arrays(x, y, sample_weight):
                checks.check_lengths(x, y, sample_weight)
            (x, y, sample_weight), validation_data = array_slicing.train_validation_split(
                (x, y, sample_weight), self.validation_split
            )
        train = Given(
            x,
            y,
            sample_weight,
            batch_size=self.batch_size,
            steps=self.steps_per_epoch,
            unit=unit,
            strict=strict,
        ).for_training(self.shuffle, self.class_weight)
        held_out = None
        if validation_data is not None:
            held_out = Given(
                *keras.utils.unpack_x_y_sample_weight(validation_data),
                batch_size=self.validation_batch_size or self.batch_size,
                steps=self.validation_steps,
                unit=unit,
                strict=strict,
                name="validation_data",
            ).for_passes()
        return train, held_out
