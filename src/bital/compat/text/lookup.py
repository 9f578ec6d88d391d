"""`keras.layers.StringLookup` and `IntegerLookup` where TensorFlow is not installed."""

from typing import Any

import keras
import numpy as np

from bital.compat.text.index import Index
from bital.compat.text.words import text, words
from bital.errors import InvalidInput


class _Lookup(Index):
    """Numbers of single tokens, and tokens of numbers where `invert` is set."""

    def __init__(
        self, max_tokens: Any, num_oov_indices: int, mask_token: Any, oov_token: Any,
        invert: bool, output_mode: str, pad_to_max_tokens: bool, vocabulary: Any,
        idf_weights: Any, **kwargs: Any,
    ) -> None:  # fmt: skip
        self.num_oov_indices, self.mask_token = num_oov_indices, mask_token
        self.oov_token, self.invert = oov_token, invert
        masks = [] if mask_token is None else [mask_token]
        special = [*masks, *[oov_token] * num_oov_indices]
        super().__init__(
            max_tokens, special, num_oov_indices, output_mode, pad_to_max_tokens, vocabulary,
            idf_weights, **kwargs,
        )  # fmt: skip

    def _found(self, inputs: Any) -> Any:
        tokens: Any = np.asarray(self._values(inputs))
        made = np.array([self._look_up(one) for one in tokens.ravel().tolist()], dtype=np.int32)
        made = made.reshape(tokens.shape)
        if self.output_mode == "int":
            return made
        if self.output_mode == "one_hot":
            made = made[..., None] if made.ndim == 0 or made.shape[-1] != 1 else made
        elif made.ndim == 0:
            made = made[None]
        rows = [self._counted(row) for row in made.reshape(-1, made.shape[-1])]
        return np.stack(rows).reshape(*made.shape[:-1], self._width())

    def _values(self, inputs: Any) -> Any:
        return inputs

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return the input's, with one column a token but for "int"."""
        shape = tuple(input_shape)
        if self.output_mode == "int":
            return shape
        if self.output_mode == "one_hot" and (not shape or shape[-1] != 1):
            return (*shape, self._width())
        return (*shape[:-1], self._width())

    def _token_of(self, number: int) -> Any:
        known = self.get_vocabulary()
        return known[number] if 0 <= number < len(known) else self.oov_token

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, the vocabulary among them."""
        return {
            **super().get_config(),
            "max_tokens": self.max_tokens,
            "num_oov_indices": self.num_oov_indices,
            "mask_token": self.mask_token,
            "oov_token": self.oov_token,
            "invert": self.invert,
            "output_mode": self.output_mode,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary": self.get_vocabulary(include_special_tokens=False) or None,
            "idf_weights": None if self._held.idf is None else self._held.idf.tolist(),
        }


class StringLookup(_Lookup):
    """Gives each string its number, or each number its string.

    Args:
        max_tokens: the vocabulary's largest size, special tokens among it.
        num_oov_indices: numbers for unknown strings, which are hashed into them.
        mask_token: the string that gets 0; None for none.
        oov_token: what unknown numbers are when inverted.
        vocabulary: strings, or a text file with one a line.
        idf_weights: of each string, for "tf_idf".
        invert: look up strings by numbers.
        output_mode: "int", "one_hot", "multi_hot", "count" or "tf_idf".
        pad_to_max_tokens: whether counts are `max_tokens` wide even if there are fewer.
        encoding: of a vocabulary's file.
    """

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None,
        oov_token: str = "[UNK]", vocabulary: Any = None, idf_weights: Any = None,
        invert: bool = False, output_mode: str = "int", pad_to_max_tokens: bool = False,
        sparse: bool = False, encoding: str = "utf-8", **kwargs: Any,
    ) -> None:  # fmt: skip
        whole(self, sparse)
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, invert, output_mode,
            pad_to_max_tokens, vocabulary, idf_weights, **kwargs,
        )  # fmt: skip

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up strings, or the numbers that stand for them; inverted, numbers."""
        if not self.invert or hasattr(inputs, "flat_values"):
            return super().__call__(inputs, *args, **kwargs)
        if isinstance(inputs, keras.KerasTensor):
            raise InvalidInput(
                "StringLookup(invert=True) gives text, which no compiled model holds; it was "
                "called on a symbolic tensor. Call it on what predict returns."
            )
        array: Any = np.asarray(inputs)
        found = [self._token_of(int(one)) for one in array.ravel()]
        return text(np.array(found, dtype=object).reshape(array.shape))

    def _tokens(self, batch: Any) -> list[list[Any]]:
        return super()._tokens(np.asarray(text(batch)))

    def _values(self, inputs: Any) -> Any:
        return words(inputs)


class IntegerLookup(_Lookup):
    """Gives each whole number its place in a vocabulary.

    Args:
        max_tokens: the vocabulary's largest size, special tokens among it.
        num_oov_indices: places for unknown numbers, which take turns.
        mask_token: the number that gets place 0; None for none.
        oov_token: what unknown places are when inverted.
        vocabulary: numbers, or a text file with one a line.
        vocabulary_dtype: of them.
        idf_weights: of each number, for "tf_idf".
        invert: look up numbers by places.
        output_mode: "int", "one_hot", "multi_hot", "count" or "tf_idf".
        pad_to_max_tokens: whether counts are `max_tokens` wide even if there are fewer.
    """

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None,
        oov_token: int = -1, vocabulary: Any = None, vocabulary_dtype: str = "int64",
        idf_weights: Any = None, invert: bool = False, output_mode: str = "int",
        sparse: bool = False, pad_to_max_tokens: bool = False, **kwargs: Any,
    ) -> None:  # fmt: skip
        whole(self, sparse)
        old = (kwargs.pop("max_values", None), kwargs.pop("num_oov_values", None))
        super().__init__(
            old[0] if max_tokens is None else max_tokens,
            num_oov_indices if old[1] is None else old[1],
            mask_token, oov_token, invert, output_mode, pad_to_max_tokens, vocabulary,
            idf_weights, **kwargs,
        )  # fmt: skip

    def _hash(self, token: Any) -> int:
        return int(token)

    def _found(self, inputs: Any) -> Any:
        if not self.invert:
            return super()._found(inputs)
        array: Any = np.asarray(inputs)
        flat = [self._token_of(int(one)) for one in array.ravel()]
        return np.array(flat, dtype=np.int32).reshape(array.shape)


def whole(layer: Any, sparse: bool) -> None:
    """Refuse `sparse=True`."""
    if sparse:
        raise NotImplementedError(
            f"{type(layer).__name__} gives whole arrays without TensorFlow; got sparse=True. "
            "Leave it out, or install TensorFlow."
        )
