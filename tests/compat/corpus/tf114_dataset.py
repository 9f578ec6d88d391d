# TensorFlow 1.14 / 2.0: tf.data into fit, in the way of the guides
import tensorflow as tf
import numpy as np
from sklearn.datasets import load_iris

tf.compat.v1.enable_eager_execution()
tf.random.set_seed(0)
iris = load_iris()
features = ((iris.data - iris.data.mean(0)) / iris.data.std(0)).astype(np.float32)


def preprocess(x, y):
    return tf.cast(x, tf.float32), tf.one_hot(y, depth=3)


dataset = tf.data.Dataset.from_tensor_slices((features, iris.target.astype(np.int32)))
dataset = dataset.shuffle(150, seed=1).map(preprocess, num_parallel_calls=tf.data.AUTOTUNE).batch(30).prefetch(1)
assert len(dataset) == 5
xb, yb = next(iter(dataset))
assert xb.shape == (30, 4) and yb.shape == (30, 3) and yb.numpy().sum() == 30
model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Dense(16, activation='relu', input_shape=(4,)))
model.add(tf.keras.layers.Dense(3, activation='softmax'))
model.compile(loss=tf.keras.losses.CategoricalCrossentropy(), optimizer=tf.keras.optimizers.Adam(lr=0.01),
              metrics=['accuracy'])
model.fit(dataset.repeat(), epochs=30, steps_per_epoch=5, verbose=0)
model.fit(dataset, epochs=10, verbose=0, validation_data=dataset)
loss, acc = model.evaluate(dataset, verbose=0)
assert acc > 0.93, acc
assert model.predict(dataset, verbose=0).shape == (150, 3)
numbers = tf.data.Dataset.range(10).filter(lambda n: n % 2 == 0).map(lambda n: n * n)
assert [int(n) for n in numbers] == [0, 4, 16, 36, 64]
windows = tf.data.Dataset.range(6).window(3, shift=1, drop_remainder=True).flat_map(lambda w: w.batch(3))
assert [list(w.numpy()) for w in windows][1] == [1, 2, 3]
seen = [int(n) for n in tf.data.Dataset.range(100).shuffle(100)]
assert sorted(seen) == list(range(100)) and seen != list(range(100))
