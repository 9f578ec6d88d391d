# Keras 2.0: Tokenizer, pad_sequences, Embedding, LSTM
import numpy as np
from keras.preprocessing.text import Tokenizer
from keras.preprocessing.sequence import pad_sequences
from keras.models import Sequential
from keras.layers import Embedding, LSTM, Dense

np.random.seed(0)
good, bad = ["great", "lovely", "superb", "fine"], ["awful", "boring", "poor", "bad"]
filler = "the film was and plot with actors in it very".split()
texts, labels = [], []
for i in range(400):
    words = list(np.random.choice(filler, 6))
    words[np.random.randint(6)] = np.random.choice(good if i % 2 else bad)
    texts.append(" ".join(words) + ".")
    labels.append(i % 2)
tokenizer = Tokenizer(num_words=50)
tokenizer.fit_on_texts(texts)
data = pad_sequences(tokenizer.texts_to_sequences(texts), maxlen=8)
labels = np.asarray(labels)
model = Sequential()
model.add(Embedding(50, 8, input_length=8))
model.add(LSTM(8, dropout=0.1, recurrent_dropout=0.1))
model.add(Dense(1, activation="sigmoid"))
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["acc"])
history = model.fit(data, labels, epochs=20, batch_size=32, validation_split=0.2, verbose=0)
assert history.history["val_acc"][-1] > 0.9, history.history["val_acc"]
