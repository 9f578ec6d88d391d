# Keras 1.0: character-level LSTM, dropout_W, input_dim/input_length, model.predict in a loop
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, Activation
from keras.layers.recurrent import LSTM, GRU, SimpleRNN
from keras.optimizers import RMSprop

np.random.seed(3)
text = ("the slope of a hill is the rise over the run and the slope of a line is the same "
        "thing said again the slope of a curve is the slope of the line that touches it ") * 3
chars = sorted(set(text))
char_indices = dict((c, i) for i, c in enumerate(chars))
maxlen, step = 10, 2
sentences = [text[i:i + maxlen] for i in range(0, len(text) - maxlen, step)]
next_chars = [text[i + maxlen] for i in range(0, len(text) - maxlen, step)]
X = np.zeros((len(sentences), maxlen, len(chars)), dtype=bool)
y = np.zeros((len(sentences), len(chars)), dtype=bool)
for i, sentence in enumerate(sentences):
    for t, char in enumerate(sentence):
        X[i, t, char_indices[char]] = 1
    y[i, char_indices[next_chars[i]]] = 1
model = Sequential()
model.add(LSTM(48, input_shape=(maxlen, len(chars)), inner_init='orthogonal', dropout_W=0.0))
model.add(Dense(len(chars)))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer=RMSprop(lr=0.01))
before = model.evaluate(X, y, verbose=0)
model.fit(X, y, batch_size=32, nb_epoch=40, verbose=0)
after = model.evaluate(X, y, verbose=0)
assert after < before / 2, (before, after)
generated = text[:maxlen]
for _ in range(5):
    x = np.zeros((1, maxlen, len(chars)))
    for t, char in enumerate(generated[-maxlen:]):
        x[0, t, char_indices[char]] = 1.
    preds = model.predict(x, verbose=0)[0]
    generated += chars[np.argmax(preds)]
assert len(generated) == maxlen + 5
stack = Sequential()
stack.add(GRU(4, input_dim=3, input_length=5, return_sequences=True))
stack.add(SimpleRNN(2))
assert stack.output_shape == (None, 2) and stack.layers[0].output_shape == (None, 5, 4)
