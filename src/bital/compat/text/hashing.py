"""`keras.layers.Hashing` and `HashedCrossing` where TensorFlow is not installed, with its bins."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from bital.compat.text.fingerprint import fingerprint, joined, siphash
from bital.compat.text.index import Index
from bital.compat.text.lookup import whole
from bital.compat.text.words import is_text, tensor, words
from bital.errors import UnknownName

_KEY = 0xDECAFCAFFE
"""what TensorFlow starts a cross with"""


class _Bins(keras.layers.Layer):
    """Gives bins as numbers, or as columns.

    Args:
        num_bins: how many.
        output_mode: what it gives.
        known: what it can give.
    """

    def __init__(
        self, num_bins: int, output_mode: str, known: Sequence[str], sparse: bool, **kwargs: Any
    ) -> None:
        whole(self, sparse)
        if output_mode not in known:
            raise UnknownName("output_mode", output_mode, known)
        super().__init__(**kwargs)
        self.num_bins, self.output_mode = num_bins, output_mode
        self._convert_input_args = False

    def _told(self, bins: Any) -> Any:
        if self.output_mode == "int":
            return bins
        if self.output_mode == "one_hot":
            alone = len(bins.shape) > 1 and bins.shape[-1] == 1
            return keras.ops.one_hot(bins[..., 0] if alone else bins, self.num_bins)
        columns = keras.ops.one_hot(bins, self.num_bins)
        together = keras.ops.max if self.output_mode == "multi_hot" else keras.ops.sum
        return together(columns, axis=-2)

    def _spec(self, shape: tuple[Any, ...]) -> Any:
        if self.output_mode == "int":
            return keras.KerasTensor(shape, "int32")
        alone = self.output_mode != "one_hot" or (len(shape) > 1 and shape[-1] == 1)
        return keras.KerasTensor((*(shape[:-1] if alone else shape), self.num_bins), "float32")


class Hashing(_Bins):
    """Puts strings or numbers into bins.

    Args:
        num_bins: how many.
        mask_value: what bin 0 is kept for; None for nothing.
        salt: a number or two that change the bins.
        output_mode: "int", "one_hot", "multi_hot" or "count".
    """

    def __init__(
        self, num_bins: int, mask_value: Any = None, salt: Any = None, output_mode: str = "int",
        sparse: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        known = ("int", "one_hot", "multi_hot", "count")
        super().__init__(num_bins, output_mode, known, sparse, **kwargs)
        self.mask_value, self.salt = mask_value, salt
        self._is_text = False

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return bins of strings or numbers."""
        if hasattr(inputs, "flat_values"):  # rows of many lengths
            return inputs.with_flat_values(self(inputs.flat_values, *args, **kwargs))
        if is_text(inputs) or getattr(inputs, "_bital_text", False):
            self._is_text = True
        return super().__call__(tensor(inputs), *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Return bins."""
        shape = tuple(inputs.shape)
        made: Any = Index._on_host(self, self._bins, inputs, shape, "int32")
        return self._told(made)

    def _bins(self, inputs: Any) -> Any:
        values = words(inputs) if self._is_text else np.asarray(inputs)
        made = [self._bin(one) for one in values.ravel().tolist()]
        return np.array(made, dtype=np.int32).reshape(values.shape)

    def _bin(self, value: Any) -> int:
        first = 0 if self.mask_value is None else 1
        if first and value == self.mask_value:
            return 0
        said = str(value).encode()
        if self.salt is None:
            made = fingerprint(said)
        else:
            key = self.salt if isinstance(self.salt, list | tuple) else (self.salt, self.salt)
            made = siphash(key, said)
        return first + made % (self.num_bins - first)

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the shape and type of the bins."""
        return self._spec(tuple(inputs.shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = ("num_bins", "mask_value", "salt", "output_mode")
        return {**super().get_config(), **{name: getattr(self, name) for name in own}}


class HashedCrossing(_Bins):
    """Puts what several columns say together into bins.

    Args:
        num_bins: how many.
        output_mode: "int" or "one_hot".
    """

    def __init__(
        self, num_bins: int, output_mode: str = "int", sparse: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(num_bins, output_mode, ("int", "one_hot"), sparse, **kwargs)
        self._are_text: list[bool] = []

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Return bins of a list of columns, (rows,) or (rows, 1) each, of strings or numbers."""
        said = [is_text(one) or getattr(one, "_bital_text", False) for one in inputs]
        self._are_text = said if any(said) or not self._are_text else self._are_text
        return super().__call__([tensor(one) for one in inputs], *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        """Return bins."""
        together = keras.ops.stack([keras.ops.cast(one, "int32") for one in inputs], axis=-1)
        shape = tuple(together.shape[:-1])
        made: Any = Index._on_host(self, self._bins, together, shape, "int32")
        return self._told(made)

    def _bins(self, inputs: Any) -> Any:
        columns = np.moveaxis(np.asarray(inputs), -1, 0)
        made = np.empty(columns.shape[1:], dtype=np.int32)
        hashed = [
            [fingerprint(str(one).encode()) for one in words(column).ravel()]
            if is_text
            else [int(one) & (2**64 - 1) for one in column.ravel()]
            for column, is_text in zip(columns, self._are_text, strict=True)
        ]
        for at, row in enumerate(zip(*hashed, strict=True)):
            key = _KEY
            for one in row:
                key = joined(key, one)
            made.ravel()[at] = key % self.num_bins
        return made

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the shape and type of the bins."""
        return self._spec(tuple(inputs[0].shape))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {"num_bins": self.num_bins, "output_mode": self.output_mode}
        return {**super().get_config(), **own}
