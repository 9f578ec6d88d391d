"""`keras.layers.TextVectorization` where TensorFlow is not installed."""

import re
import string
from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from bital.compat.text.index import Index
from bital.compat.text.words import Text, text, words
from bital.errors import UnknownName

_PUNCTUATION = re.compile(f"[{re.escape(string.punctuation)}]")
_STANDARDS: dict[str, Callable[[str], str]] = {
    "lower_and_strip_punctuation": lambda one: _PUNCTUATION.sub("", one.lower()),
    "lower": str.lower,
    "strip_punctuation": lambda one: _PUNCTUATION.sub("", one),
}
_SPLITS: dict[str, Callable[[str], list[str]]] = {"whitespace": str.split, "character": list}


class TextVectorization(Index):
    """Turns each text into numbers of its words, or into one row of counts.

    Args:
        max_tokens: the vocabulary's largest size, special tokens among it.
        standardize: "lower_and_strip_punctuation", "lower", "strip_punctuation", None, or a
            function of an array of texts.
        split: "whitespace", "character", None, or a function of an array of texts.
        ngrams: None, the longest, or which.
        output_mode: "int", "multi_hot", "count" or "tf_idf".
        output_sequence_length: numbers a text, padded with 0; a compiled model needs it.
        pad_to_max_tokens: whether counts are `max_tokens` wide even if there are fewer.
        vocabulary: words, or a text file with one a line.
        idf_weights: of each word, for "tf_idf".
        encoding: of a vocabulary's file.
    """

    def __init__(
        self, max_tokens: int | None = None,
        standardize: Any = "lower_and_strip_punctuation", split: Any = "whitespace",
        ngrams: Any = None, output_mode: str = "int", output_sequence_length: int | None = None,
        pad_to_max_tokens: bool = False, vocabulary: Any = None, idf_weights: Any = None,
        sparse: bool = False, ragged: bool = False, encoding: str = "utf-8", **kwargs: Any,
    ) -> None:  # fmt: skip
        if sparse or ragged:
            raise NotImplementedError(
                "TextVectorization gives whole arrays without TensorFlow; got sparse or ragged. "
                "Leave it out, or install TensorFlow."
            )
        for given, known in ((standardize, _STANDARDS), (split, _SPLITS)):
            if isinstance(given, str) and given not in known:
                raise UnknownName("a standardization or split", given, known)
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.output_sequence_length = output_sequence_length
        super().__init__(
            max_tokens, ("", "[UNK]"), 1, output_mode, pad_to_max_tokens, vocabulary, idf_weights,
            **kwargs,
        )  # fmt: skip

    def _tokens(self, batch: Any) -> list[list[Any]]:
        array: Any = text(batch)
        array = array.reshape(len(array), -1)[:, 0] if array.ndim > 1 else array.reshape(-1)
        if callable(self.standardize):
            array = text(np.asarray(self.standardize(array)))
        standard = _STANDARDS.get(self.standardize) if isinstance(self.standardize, str) else None
        texts = [str(one) for one in np.asarray(array).ravel()]
        texts = [standard(one) for one in texts] if standard else texts
        return [self._joined(row) for row in self._split(texts)]

    def _split(self, texts: list[str]) -> list[list[str]]:
        if callable(self.split):
            parts = self.split(np.asarray(texts).view(Text))
            return [[str(one) for one in np.asarray(row).ravel() if str(one)] for row in parts]
        if self.split is None:
            return [[one] for one in texts]
        return [_SPLITS[self.split](one) for one in texts]

    def _joined(self, tokens: list[str]) -> list[str]:
        """Return neighbouring words joined, as `ngrams` says."""
        if self.ngrams is None:
            return tokens
        sizes: Sequence[int] = (
            range(1, self.ngrams + 1) if isinstance(self.ngrams, int) else self.ngrams
        )
        return [" ".join(tokens[at : at + n]) for n in sizes for at in range(len(tokens) - n + 1)]

    def _found(self, inputs: Any) -> Any:
        rows = [[self._look_up(one) for one in row] for row in self._tokens(words(inputs))]
        one_text = np.ndim(inputs) == 0
        if self.output_mode != "int":
            made: Any = np.stack([self._counted(row) for row in rows])
            return made[0] if one_text else made
        length = self.output_sequence_length or max((len(row) for row in rows), default=0)
        made = np.zeros((len(rows), length), dtype=np.int32)
        for at, row in enumerate(rows):
            made[at, : len(row)] = row[:length]
        return made[0] if one_text else made

    def compute_output_shape(self, input_shape: Any) -> tuple[Any, ...]:
        """Return (texts, length) or (texts, words)."""
        last = self.output_sequence_length if self.output_mode == "int" else self._width()
        return (*input_shape[:1], last)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, the vocabulary among them."""
        functions = keras.saving.serialize_keras_object
        plain = {
            name: functions(value) if callable(value) else value
            for name, value in (("standardize", self.standardize), ("split", self.split))
        }
        return {
            **super().get_config(),
            **plain,
            "max_tokens": self.max_tokens,
            "ngrams": self.ngrams,
            "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length,
            "pad_to_max_tokens": self.pad_to_max_tokens,
            "vocabulary": self.get_vocabulary(include_special_tokens=False) or None,
            "idf_weights": None if self._held.idf is None else self._held.idf.tolist(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "TextVectorization":
        """Return the layer of a configuration."""
        made = dict(config)
        for name in ("standardize", "split"):
            if isinstance(made.get(name), dict):
                made[name] = keras.saving.deserialize_keras_object(made[name])
        return cls(**made)
