# TF 2.0: Tokenizer to JSON and back, oov_token, pad_sequences of tf.keras
import io
import json
import os
import tempfile

from tensorflow.keras.preprocessing.sequence import pad_sequences
from tensorflow.keras.preprocessing.text import Tokenizer, tokenizer_from_json

sentences = [
    "I love my dog",
    "I love my cat",
    "You love my dog!",
    "Do you think my dog is amazing?",
]
tokenizer = Tokenizer(num_words=100, oov_token="<OOV>")
tokenizer.fit_on_texts(sentences)
word_index = tokenizer.word_index
assert word_index["<OOV>"] == 1 and word_index["my"] == 2
padded = pad_sequences(
    tokenizer.texts_to_sequences(sentences), maxlen=5, padding="post", truncating="post"
)
assert padded.shape == (4, 5) and padded[0, -1] == 0
path = os.path.join(tempfile.mkdtemp(), "tokenizer.json")
with io.open(path, "w", encoding="utf-8") as f:
    f.write(json.dumps(tokenizer.to_json(), ensure_ascii=False))
with open(path) as f:
    again = tokenizer_from_json(json.load(f))
assert again.texts_to_sequences(["i really love my 강아지"]) == [[5, 1, 3, 2, 1]]
