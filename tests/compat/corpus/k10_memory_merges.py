# Keras 1.0: a memory network; merges of merges share a branch, whose input is given once
import numpy as np
from keras.layers.embeddings import Embedding
from keras.layers.core import Activation, Dense, Merge, Permute
from keras.layers.recurrent import LSTM
from keras.models import Sequential

np.random.seed(0)
rows, story, question, words = 800, 6, 2, 8
stories = np.random.randint(0, words, (rows, story))
questions = np.random.randint(0, words, (rows, question))
answers = np.eye(words)[questions[:, 0]]
memory = Sequential()
memory.add(Embedding(input_dim=words, output_dim=16, input_length=story))
asked = Sequential()
asked.add(Embedding(input_dim=words, output_dim=16, input_length=question))
match = Sequential()
match.add(Merge([memory, asked], mode='dot', dot_axes=[2, 2]))
match.add(Activation('softmax'))
output = Sequential()
output.add(Embedding(input_dim=words, output_dim=question, input_length=story))
response = Sequential()
response.add(Merge([match, output], mode='sum'))
response.add(Permute((2, 1)))
answer = Sequential()
answer.add(Merge([response, asked], mode='concat', concat_axis=-1))
answer.add(LSTM(24))
answer.add(Dense(words, activation='softmax'))
answer.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
history = answer.fit([stories, questions, stories], answers, batch_size=32, nb_epoch=25, verbose=0)
assert history.history['acc'][-1] > 0.7, history.history['acc']
assert 'acc' in list(history.history)
