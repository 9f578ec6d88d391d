# Keras 2.0: word2vec pairs with skipgrams, Dot of two embeddings
import numpy as np
from keras.preprocessing.sequence import skipgrams, make_sampling_table
from keras.layers import Input, Embedding, Reshape, Dot, Dense
from keras.models import Model

np.random.seed(0)
corpus = [1, 2, 1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4, 3, 4] * 8
couples, labels = skipgrams(corpus, 30, window_size=1, negative_samples=2.0, seed=1)
assert set(labels) == {0, 1} and make_sampling_table(10).shape == (10,)
target, context = (np.array(c).reshape(-1, 1) for c in zip(*couples))
a, b = Input(shape=(1,)), Input(shape=(1,))
embedding = Embedding(30, 8, input_length=1, name="embedding")
va, vb = Reshape((8,))(embedding(a)), Reshape((8,))(embedding(b))
out = Dense(1, activation="sigmoid")(Dot(axes=1)([va, vb]))
model = Model(inputs=[a, b], outputs=out)
model.compile(loss="binary_crossentropy", optimizer="adam")
before = model.evaluate([target, context], np.array(labels), verbose=0)
model.fit([target, context], np.array(labels), epochs=30, verbose=0)
assert model.evaluate([target, context], np.array(labels), verbose=0) < 0.8 * before
