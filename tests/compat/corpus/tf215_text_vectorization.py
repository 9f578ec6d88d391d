# TensorFlow 2.15: TextVectorization adapted to a dataset, in the pipeline and in the model
import re
import string
import numpy as np
import tensorflow as tf
from tensorflow.keras import layers, losses
from tensorflow.keras.layers import TextVectorization

tf.random.set_seed(0)
rng = np.random.RandomState(0)
good, bad = ['great', 'wonderful', 'excellent'], ['bad', 'awful', 'boring']
texts, labels = [], []
for i in range(240):
    label = rng.randint(2)
    words = list(rng.choice(['the', 'movie', 'was', '<br />', '!'], 6)) + [rng.choice(good if label else bad)]
    rng.shuffle(words)
    texts.append(' '.join(words).title())
    labels.append(label)
train = tf.data.Dataset.from_tensor_slices((texts[:200], labels[:200])).batch(20)
test = tf.data.Dataset.from_tensor_slices((texts[200:], labels[200:])).batch(20)


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped = tf.strings.regex_replace(lowercase, '<br />', ' ')
    return tf.strings.regex_replace(stripped, '[%s]' % re.escape(string.punctuation), '')


vectorize = TextVectorization(standardize=custom_standardization, max_tokens=50, output_mode='int',
                              output_sequence_length=8)
vectorize.adapt(train.map(lambda x, y: x))
assert vectorize.get_vocabulary()[:2] == ['', '[UNK]'] and len(vectorize.get_vocabulary()) == 11
text_batch, label_batch = next(iter(train))
assert isinstance(text_batch[0].numpy(), bytes)


def vectorize_text(text, label):
    return vectorize(tf.expand_dims(text, -1)), label


model = tf.keras.Sequential([layers.Embedding(51, 8), layers.GlobalAveragePooling1D(), layers.Dense(1)])
model.compile(loss=losses.BinaryCrossentropy(from_logits=True), optimizer=tf.keras.optimizers.Adam(0.05),
              metrics=tf.metrics.BinaryAccuracy(threshold=0.0))
model.fit(train.map(vectorize_text).cache().prefetch(tf.data.AUTOTUNE), epochs=12, verbose=0)
loss, accuracy = model.evaluate(test.map(vectorize_text), verbose=0)
assert accuracy > 0.9, accuracy
whole = tf.keras.Sequential([vectorize, model, layers.Activation('sigmoid')])
whole.compile(loss=losses.BinaryCrossentropy(from_logits=False), optimizer='adam', metrics=['accuracy'])
assert abs(whole.evaluate(test, verbose=0)[1] - accuracy) < 1e-6
said = whole.predict(tf.constant(['The movie was GREAT!', 'the movie was awful <br />']), verbose=0)
assert said[0] > 0.5 > said[1], said
counts = TextVectorization(output_mode='tf-idf')
counts.adapt(texts)
assert counts(['movie movie zebra']).shape == (1, counts.vocabulary_size())
