# TensorFlow 2.9: letters by StringLookup, a model that returns its states, one letter after the other
import tensorflow as tf

tf.random.set_seed(0)
text = 'hello world, hello moon. ' * 24
ids_from_chars = tf.keras.layers.StringLookup(vocabulary=sorted(set(text)), mask_token=None)
chars_from_ids = tf.keras.layers.StringLookup(vocabulary=ids_from_chars.get_vocabulary(), invert=True, mask_token=None)
all_ids = ids_from_chars(tf.strings.unicode_split(text, 'UTF-8'))
assert tf.strings.reduce_join(chars_from_ids(all_ids), axis=-1).numpy().decode('utf-8') == text
sequences = tf.data.Dataset.from_tensor_slices(all_ids).batch(21, drop_remainder=True)
dataset = sequences.map(lambda s: (s[:-1], s[1:])).shuffle(100).batch(7, drop_remainder=True)


class MyModel(tf.keras.Model):
    def __init__(self, vocab_size, embedding_dim, rnn_units):
        super().__init__(self)
        self.embedding = tf.keras.layers.Embedding(vocab_size, embedding_dim)
        self.gru = tf.keras.layers.GRU(rnn_units, return_sequences=True, return_state=True)
        self.dense = tf.keras.layers.Dense(vocab_size)

    def call(self, inputs, states=None, return_state=False, training=False):
        x = self.embedding(inputs, training=training)
        if states is None:
            states = self.gru.get_initial_state(x)
        x, states = self.gru(x, initial_state=states, training=training)
        x = self.dense(x, training=training)
        return (x, states) if return_state else x


model = MyModel(len(ids_from_chars.get_vocabulary()), 16, 48)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss=tf.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(dataset, epochs=40, verbose=0)
assert history.history['loss'][-1] < 0.5, history.history['loss'][-1]
mask = tf.SparseTensor(values=[-float('inf')], indices=ids_from_chars(['[UNK]'])[:, None],
                       dense_shape=[len(ids_from_chars.get_vocabulary())])
prediction_mask = tf.sparse.to_dense(mask)
next_char, states, result = tf.constant(['hello']), None, [tf.constant(['hello'])]
for n in range(6):
    input_ids = ids_from_chars(tf.strings.unicode_split(next_char, 'UTF-8')).to_tensor()
    logits, states = model(inputs=input_ids, states=states, return_state=True)
    next_char = chars_from_ids(tf.argmax(logits[:, -1, :] + prediction_mask, axis=-1))
    result.append(next_char)
said = tf.strings.join(result)[0].numpy().decode('utf-8')
assert said.startswith(('hello world', 'hello moon.')), said
