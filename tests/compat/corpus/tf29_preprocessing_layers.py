# TensorFlow 2.9: experimental preprocessing layers, Normalization, augmentation in the model, tf.keras paths
import numpy as np
import tensorflow as tf
from tensorflow.keras.layers.experimental import preprocessing
from tensorflow.keras.layers.experimental.preprocessing import Rescaling, RandomFlip
from tensorflow.keras.utils import to_categorical, plot_model
from tensorflow.keras.optimizers import Adam, legacy
from tensorflow.keras.losses import SparseCategoricalCrossentropy, mse, MSE
from sklearn.datasets import load_digits, load_diabetes

tf.keras.utils.set_random_seed(0)
data = load_diabetes()
normalizer = preprocessing.Normalization(axis=-1)
normalizer.adapt(np.array(data.data))
linear = tf.keras.Sequential([normalizer, tf.keras.layers.Dense(units=1)])
linear.compile(optimizer=tf.optimizers.Adam(learning_rate=1.0), loss='mean_absolute_error')
hist = linear.fit(data.data, data.target, epochs=60, verbose=0, validation_split=0.2)
assert hist.history['val_loss'][-1] < 60, hist.history['val_loss'][-1]
digits = load_digits()
augment = tf.keras.Sequential([Rescaling(1. / 16), preprocessing.RandomTranslation(0.1, 0.1)])
model = tf.keras.Sequential([tf.keras.Input((8, 8, 1)), augment, tf.keras.layers.Conv2D(12, 3, activation='relu'),
                             tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
model.compile(optimizer=Adam(0.01), loss=SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
hist = model.fit(digits.images[..., None], digits.target, epochs=4, validation_split=0.2, verbose=0)
assert hist.history['val_accuracy'][-1] > 0.6, hist.history
assert float(tf.reduce_mean(mse(tf.ones((2, 3)), tf.zeros((2, 3))))) == 1.0
