"""`keras.preprocessing.text` of Keras 1 and 2, over Keras's own."""

from typing import Any

from keras.src.legacy.preprocessing import text as legacy

from bital.compat.preprocessing.renamed import renamed

__all__ = [
    "Tokenizer",
    "base_filter",
    "hashing_trick",
    "one_hot",
    "text_to_word_sequence",
    "tokenizer_from_json",
]

hashing_trick = legacy.hashing_trick
one_hot = renamed(text="input_text")(legacy.one_hot)
text_to_word_sequence = renamed(text="input_text")(legacy.text_to_word_sequence)


def base_filter() -> str:
    """Return the characters that part words, as Keras 0.x and 1 named them."""
    return '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


class Tokenizer(legacy.Tokenizer):
    """Keras's own, with Keras 1's `nb_words` and pickles of every era."""

    @renamed(nb_words="num_words")
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take a pickle that lacks what later versions added: Keras 1's, 2.0's, 2.2's."""
        state = dict(state)
        if "nb_words" in state:
            state["num_words"] = state.pop("nb_words")
        index = {i: word for word, i in state.get("word_index", {}).items()}
        self.__dict__.update(vars(Tokenizer()) | {"index_word": index} | state)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Return the tokenizer that `to_json` wrote."""
    tokenizer = Tokenizer()
    tokenizer.__dict__.update(vars(legacy.tokenizer_from_json(json_string)))
    return tokenizer
