"""What TextVectorization, StringLookup and IntegerLookup share: a vocabulary and how it is told."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import jax
import keras
import numpy as np

from bital.compat.notes import note
from bital.compat.text.fingerprint import fingerprint
from bital.compat.text.words import batches, tensor
from bital.errors import InvalidInput, UnknownName

MODES = ("int", "one_hot", "multi_hot", "count", "tf_idf")
_OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}


def mode_of(given: str, known: Sequence[str] = MODES) -> str:
    """Return an output mode by today's name.

    Raises:
        UnknownName: there is no such mode.
    """
    if given in _OLD_MODES:
        note(f"output_mode={given!r}", f"output_mode={_OLD_MODES[given]!r}")
        given = _OLD_MODES[given]
    if given not in known:
        raise UnknownName("output_mode", given, known)
    return given


class _Held:
    """What a layer knows of tokens, out of sight of Keras, which would track each list."""

    def __init__(self, special: list[Any]) -> None:
        self.special = special
        self.vocabulary: list[Any] = []
        self.number: dict[Any, int] = {}
        self.idf: Any = None
        self.forget()

    def forget(self) -> None:
        self.counts: Counter[Any] = Counter()
        self.found_in: Counter[Any] = Counter()
        self.rows = 0


class Index(keras.layers.Layer):
    """A layer that gives each token its number, or counts them.

    Args:
        max_tokens: the vocabulary's largest size, special tokens among it.
        special: the tokens before the vocabulary's own: the mask's and the unknown one's.
        unknown: how many of them stand for unknown tokens.
        output_mode: one of `MODES`.
        pad_to_max_tokens: whether counts are `max_tokens` wide even if there are fewer.
        vocabulary: tokens, or a text file with one a line.
        idf_weights: of each token, for "tf_idf".
    """

    def __init__(
        self, max_tokens: int | None, special: Sequence[Any], unknown: int, output_mode: str,
        pad_to_max_tokens: bool, vocabulary: Any = None, idf_weights: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.max_tokens, self.output_mode = max_tokens, mode_of(output_mode)
        self.pad_to_max_tokens = pad_to_max_tokens
        self._held, self._unknown = _Held(list(special)), unknown
        self._convert_input_args = False
        if vocabulary is not None:
            self.set_vocabulary(vocabulary, idf_weights)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Look up the tokens of text, or of the numbers that stand for it."""
        if hasattr(inputs, "flat_values"):  # rows of many lengths
            return inputs.with_flat_values(self(inputs.flat_values, *args, **kwargs))
        return super().__call__(tensor(inputs), *args, **kwargs)

    def _tokens(self, batch: Any) -> list[list[Any]]:
        """Return the tokens of each row of a batch."""
        array: Any = np.asarray(batch)
        flat = array.reshape(-1, 1) if array.ndim < 2 else array.reshape(len(array), -1)
        return [row.tolist() for row in flat]

    def reset_state(self) -> None:
        """Forget what was adapted to."""
        self._held.forget()

    def update_state(self, data: Any) -> None:
        """Count the tokens of a batch."""
        for row in self._tokens(data):
            self._held.counts.update(row)
            self._held.found_in.update(set(row))
            self._held.rows += 1

    def finalize_state(self) -> None:
        """Make the vocabulary: the most frequent first, of equals the one that sorts last."""
        held = self._held
        for token in held.special:
            held.counts.pop(token, None)
        ranked = sorted(held.counts, key=lambda token: (held.counts[token], token), reverse=True)
        room = None if self.max_tokens is None else self.max_tokens - len(self._before())
        held.vocabulary = ranked[:room]
        if self.output_mode == "tf_idf":
            held.idf = np.log1p([held.rows / (1 + held.found_in[t]) for t in held.vocabulary])
        self._numbered()

    def adapt(self, data: Any, batch_size: Any = None, steps: int | None = None) -> None:
        """Make the vocabulary of data: an array, a list, or a dataset of batches."""
        self.reset_state()
        for at, batch in enumerate(batches(data)):
            if at == steps:
                break
            self.update_state(batch)
        self.finalize_state()

    def _before(self) -> list[Any]:
        """Return the special tokens that take a number in this mode."""
        counted = len(self._held.special) - self._unknown
        return self._held.special if self.output_mode == "int" else self._held.special[counted:]

    def _numbered(self) -> None:
        first = len(self._before())
        self._held.number = {token: first + at for at, token in enumerate(self._held.vocabulary)}
        for at, token in enumerate(self._before()):
            self._held.number.setdefault(token, at)

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Take a vocabulary: tokens with or without the special ones, or a text file's path."""
        if isinstance(vocabulary, str):
            with open(vocabulary, encoding="utf-8") as file:
                vocabulary = file.read().splitlines()
        given = np.asarray(vocabulary).tolist()
        given = [one.decode() if isinstance(one, bytes) else one for one in given]
        for special in (self._held.special, self._before()):
            if special and given[: len(special)] == special:
                given = given[len(special) :]
                break
        if len(set(given)) != len(given):
            twice = next(one for one, n in Counter(given).items() if n > 1)
            raise InvalidInput(
                f"A vocabulary has each token once; got {twice!r} twice. Leave one of them out."
            )
        room = None if self.max_tokens is None else self.max_tokens - len(self._before())
        if room is not None and len(given) > room:
            raise InvalidInput(
                f"A vocabulary has room for max_tokens - {len(self._before())} = {room} tokens; "
                f"got {len(given)}. Raise max_tokens, or leave it out."
            )
        self._held.vocabulary = given
        if idf_weights is not None:
            self._held.idf = np.asarray(idf_weights, dtype=float)[-len(given) :]
        self._numbered()

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """Return the tokens in the order of their numbers."""
        return [*(self._before() if include_special_tokens else ()), *self._held.vocabulary]

    def vocabulary_size(self) -> int:
        """Return how many tokens there are, special ones too."""
        return len(self._before()) + len(self._held.vocabulary)

    vocab_size = vocabulary_size

    def _width(self) -> int:
        padded = self.pad_to_max_tokens and self.max_tokens is not None
        return int(self.max_tokens or 0) if padded else self.vocabulary_size()

    def _look_up(self, token: Any) -> int:
        found = self._held.number.get(token)
        if found is not None:
            return found
        first = len(self._before()) - self._unknown
        if self._unknown == 0:
            raise InvalidInput(
                f"{self.name} has no number for unknown tokens (num_oov_indices=0); got {token!r}, "
                "which its vocabulary has not. Adapt it to data with that token."
            )
        if self._unknown == 1:
            return first
        return first + self._hash(token) % self._unknown

    def _hash(self, token: Any) -> int:
        return fingerprint(str(token).encode())

    def _counted(self, numbers: Any) -> Any:
        """Return one row of counts, (width,)."""
        made = np.bincount(np.asarray(numbers, dtype=np.int64), minlength=self._width())
        if self.output_mode == "count":
            return made.astype(np.float32)
        if self.output_mode == "tf_idf":
            unknown = [self._held.idf.mean()] * len(self._before())
            weights = np.zeros(self._width())
            weights[: self.vocabulary_size()] = [*unknown, *self._held.idf]
            return (made * weights).astype(np.float32)
        return (made > 0).astype(np.float32)

    def _ready(self) -> None:
        if not self._held.vocabulary:
            raise InvalidInput(
                f"{self.name} needs a vocabulary before it is called; it has none. "
                "Call adapt(data), or give vocabulary=."
            )

    def _on_host(self, function: Any, inputs: Any, shape: tuple[Any, ...], dtype: str) -> Any:
        """Return a NumPy function of a tensor, also where a model is being compiled."""
        if isinstance(inputs, jax.core.Tracer):
            if None in shape:
                raise InvalidInput(
                    f"{type(self).__name__} in a compiled model needs a length that is known. "
                    "Give output_sequence_length=, or call it on the data before."
                )
            told = jax.ShapeDtypeStruct(shape, np.dtype(dtype))
            return jax.pure_callback(function, told, inputs)
        return jax.numpy.asarray(function(np.asarray(inputs)))

    def call(self, inputs: Any) -> Any:
        """Look up tokens, whose numbers (`words.numbers`) stand for them where they are text."""
        self._ready()
        shape = self.compute_output_shape(tuple(inputs.shape))
        dtype = "int32" if self.output_mode == "int" else "float32"
        return self._on_host(self._found, inputs, shape, dtype)

    def _found(self, inputs: Any) -> Any:
        raise NotImplementedError

    def compute_output_spec(self, inputs: Any) -> Any:
        """Return the shape and type of what it gives."""
        self._ready()
        dtype = "int32" if self.output_mode == "int" else "float32"
        return keras.KerasTensor(self.compute_output_shape(tuple(inputs.shape)), dtype)
