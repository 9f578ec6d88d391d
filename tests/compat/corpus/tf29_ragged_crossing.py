# TensorFlow 2.9: sentences of many lengths as ragged tensors, padded for a masked LSTM; crossed and hashed features
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

tf.keras.utils.set_random_seed(0)
sentences = tf.constant(['good film', 'a very good and warm film', 'bad', 'such a bad and cold film'] * 16)
labels = np.array([1, 1, 0, 0] * 16)
words = tf.strings.split(sentences)
assert isinstance(words, tf.RaggedTensor) and words.row_lengths().numpy()[:4].tolist() == [2, 6, 1, 6]
lookup = layers.StringLookup()
lookup.adapt(words.flat_values)
ids = lookup(words)
padded = ids.to_tensor(shape=[None, 8])
assert padded.shape == (64, 8) and padded.numpy()[2, 1:].sum() == 0
model = tf.keras.Sequential([layers.Embedding(lookup.vocabulary_size(), 8, mask_zero=True), layers.LSTM(8), layers.Dense(1, activation='sigmoid')])
model.compile('adam', 'binary_crossentropy', metrics=['accuracy'])
history = model.fit(padded, labels, epochs=30, batch_size=16, verbose=0)
assert history.history['accuracy'][-1] > 0.9, history.history['accuracy'][-1]

scores = tf.ragged.constant([[3., 1.], [2.], [5., 4., 3.]])
assert tf.reduce_mean(scores, axis=1).numpy().tolist() == [2., 2., 4.]
assert (scores * 2).to_list() == [[6, 2], [4], [10, 8, 6]]
rows = tf.RaggedTensor.from_row_lengths(values=[1, 2, 3, 4], row_lengths=[1, 0, 3])
assert rows.to_tensor().numpy().tolist() == [[1, 0, 0], [0, 0, 0], [2, 3, 4]]

city = tf.keras.Input(shape=(1,), dtype=tf.string, name='city')
day = tf.keras.Input(shape=(1,), dtype=tf.int64, name='day')
crossed = layers.HashedCrossing(num_bins=5, output_mode='one_hot')((city, day))
bins = tf.keras.Model([city, day], crossed).predict([np.array([['A'], ['B'], ['A']]), np.array([[101], [101], [102]])], verbose=0)
assert bins.argmax(-1).tolist() == [1, 4, 3]
assert layers.Hashing(num_bins=7, salt=133)(np.array([['A'], ['B'], ['C']])).numpy().ravel().tolist() == [4, 5, 4]
