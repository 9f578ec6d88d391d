# TensorFlow 1.14: tf.keras with sessions around it
from __future__ import absolute_import, division, print_function
import tensorflow as tf
from tensorflow import keras
from tensorflow.python.keras.layers import Dense
from tensorflow.keras import backend as K
import numpy as np
from sklearn.datasets import load_digits

config = tf.ConfigProto()
config.gpu_options.allow_growth = True
sess = tf.Session(config=config)
K.set_session(sess)
tf.set_random_seed(1)
tf.logging.set_verbosity(tf.logging.ERROR)
digits = load_digits()
images, labels = digits.images / 16.0, digits.target
model = keras.Sequential([
    keras.layers.Flatten(input_shape=(8, 8)),
    keras.layers.Dense(32, activation=tf.nn.relu),
    Dense(10, activation=tf.nn.softmax)
])
model.compile(optimizer=tf.train.AdamOptimizer(0.005), loss='sparse_categorical_crossentropy', metrics=['accuracy'])
with sess.as_default():
    sess.run(tf.global_variables_initializer())
    history = model.fit(images[:1500], labels[:1500], epochs=12, verbose=0)
test_loss, test_acc = model.evaluate(images[1500:], labels[1500:], verbose=0)
assert test_acc > 0.85, test_acc
assert history.history['acc'][-1] > 0.9
value = K.get_session().run(model.output, feed_dict={model.input: images[:2]})
assert value.shape == (2, 10) and abs(value.sum() - 2) < 1e-4
K.clear_session()
tf.reset_default_graph()
