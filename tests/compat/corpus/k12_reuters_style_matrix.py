# Keras 1.2: texts to a binary matrix and an MLP, nb_words, predict_classes
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Dropout, Activation
from keras.preprocessing.text import Tokenizer, text_to_word_sequence, one_hot, base_filter
from keras.utils import np_utils

np.random.seed(3)
topics = [["corn", "wheat", "grain"], ["oil", "crude", "barrel"], ["bank", "rate", "loan"]]
texts, y = [], []
for i in range(300):
    words = list(np.random.choice(["said", "mln", "year", "new", "it"], 5))
    texts.append(" ".join(words + [topics[i % 3][np.random.randint(3)]]))
    y.append(i % 3)
tokenizer = Tokenizer(nb_words=30, filters=base_filter())
tokenizer.fit_on_texts(texts)
X = tokenizer.texts_to_matrix(texts, mode="binary")
assert X.shape == (300, 30)
Y = np_utils.to_categorical(y, 3)
model = Sequential()
model.add(Dense(16, input_shape=(30,)))
model.add(Activation("relu"))
model.add(Dropout(0.2))
model.add(Dense(3))
model.add(Activation("softmax"))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, Y, nb_epoch=30, batch_size=32, verbose=0, validation_split=0.1)
assert (model.predict_classes(X, verbose=0) == np.array(y)).mean() > 0.95
assert text_to_word_sequence("Some, TEXT!") == ["some", "text"]
assert len(one_hot("some text some", 20)) == 3
