# Keras 1.2 / 2.0: pretrained embedding matrix via weights=[...], Convolution1D over words
import numpy as np
from keras.models import Sequential
from keras.optimizers import Adam
from keras.layers import Dense, Embedding, Flatten
from keras.layers import Convolution1D, GlobalMaxPooling1D, MaxPooling1D

np.random.seed(0)
good = ["a warm and funny film", "great cast and a great story", "i loved every minute", "bright funny and moving",
        "a great warm story", "loved the funny cast", "moving and bright from start to end", "every minute is great"]
bad = ["a cold and dull film", "bad cast and a weak story", "i hated every minute", "dull weak and boring",
       "a bad cold story", "hated the boring cast", "boring and dull from start to end", "every minute is bad"]
words = {w: i + 1 for i, w in enumerate(sorted(set(" ".join(good + bad).split())))}
X = np.zeros((16, 8), dtype='int32')
for row, text in enumerate(good + bad):
    ids = [words[w] for w in text.split()]
    X[row, :len(ids)] = ids
y = np.array([1] * 8 + [0] * 8)
embedding_matrix = np.random.normal(size=(len(words) + 1, 12)).astype('float32')
model = Sequential()
model.add(Embedding(len(words) + 1, 12, weights=[embedding_matrix], input_length=8, trainable=False))
model.add(Convolution1D(nb_filter=16, filter_length=2, border_mode='same', activation='relu'))
model.add(MaxPooling1D(pool_length=2))
model.add(GlobalMaxPooling1D())
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer=Adam(lr=0.01), metrics=['accuracy'])
assert np.allclose(model.layers[0].get_weights()[0], embedding_matrix)
model.fit(X, y, nb_epoch=100, batch_size=4, verbose=0)
assert model.evaluate(X, y, verbose=0)[1] == 1.0
assert np.allclose(model.layers[0].get_weights()[0], embedding_matrix)
