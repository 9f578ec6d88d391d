# TensorFlow 2.9: rows of text and numbers by preprocessing layers inside the model
import numpy as np
import pandas as pd
import tensorflow as tf
from tensorflow.keras import layers

tf.random.set_seed(0)
rng = np.random.RandomState(0)
frame = pd.DataFrame({'kind': rng.choice(['cat', 'dog', 'fish'], 300), 'legs': rng.choice([0, 2, 4], 300),
                      'size': rng.rand(300) * 100})
frame['target'] = ((frame['kind'] == 'cat') & (frame['legs'] > 0)).astype(int)


def df_to_dataset(dataframe, shuffle=True, batch_size=32):
    labels = dataframe['target']
    features = {key: value.values[:, tf.newaxis] for key, value in dataframe.items() if key != 'target'}
    ds = tf.data.Dataset.from_tensor_slices((dict(features), labels))
    return (ds.shuffle(len(dataframe)) if shuffle else ds).batch(batch_size).prefetch(batch_size)


train, test = [df_to_dataset(part) for part in np.split(frame.sample(frac=1, random_state=0), [240])]
inputs, encoded = [], []
for name, index in (('kind', layers.StringLookup()), ('legs', layers.IntegerLookup(max_tokens=5))):
    one = tf.keras.Input(shape=(1,), name=name, dtype='string' if name == 'kind' else 'int64')
    index.adapt(train.map(lambda x, y: x[name]))
    encoded.append(layers.CategoryEncoding(num_tokens=index.vocabulary_size())(index(one)))
    inputs.append(one)
size = tf.keras.Input(shape=(1,), name='size')
normalizer = layers.Normalization(axis=None)
normalizer.adapt(train.map(lambda x, y: x['size']))
hashed = layers.Hashing(num_bins=8, output_mode='one_hot')(inputs[0])
x = layers.concatenate([*encoded, normalizer(size), hashed])
output = layers.Dense(1)(layers.Dense(16, activation='relu')(x))
model = tf.keras.Model([*inputs, size], output)
model.compile(optimizer=tf.keras.optimizers.Adam(0.02), metrics=['accuracy'],
              loss=tf.keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train, epochs=15, validation_data=test, verbose=0)
assert model.evaluate(test, verbose=0)[1] > 0.95
sample = {'kind': 'cat', 'legs': 4, 'size': 30.}
said = model.predict({name: tf.convert_to_tensor([value]) for name, value in sample.items()}, verbose=0)
assert tf.nn.sigmoid(said[0]) > 0.5
