# Keras 1.2: a custom layer with add_weight(shape, ...), get_output_shape_for, K.*
import numpy as np
from keras import backend as K
from keras.engine.topology import Layer
from keras.models import Sequential
from keras.layers import Dense, Lambda
from keras import initializations
from sklearn.datasets import load_breast_cancer

np.random.seed(4)


class MyLayer(Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        super(MyLayer, self).__init__(**kwargs)

    def build(self, input_shape):
        self.W = self.add_weight(shape=(input_shape[1], self.output_dim), initializer='random_uniform', trainable=True)
        super(MyLayer, self).build(input_shape)

    def call(self, x, mask=None):
        return K.tanh(K.dot(x, self.W))

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], self.output_dim)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.output_dim)


def antirectifier(x):
    x -= K.mean(x, axis=1, keepdims=True)
    x = K.l2_normalize(x, axis=1)
    pos, neg = K.relu(x), K.relu(-x)
    return K.concatenate([pos, neg], axis=1)


data = load_breast_cancer()
x = (data.data - data.data.mean(0)) / data.data.std(0)
model = Sequential()
model.add(MyLayer(16, input_shape=(30,)))
model.add(Lambda(antirectifier, output_shape=(32,)))
model.add(Dense(1, activation='sigmoid'))
model.compile('rmsprop', 'binary_crossentropy', metrics=['accuracy'])
model.fit(x[:450], data.target[:450], nb_epoch=20, batch_size=32, verbose=0)
acc = model.evaluate(x[450:], data.target[450:], verbose=0)[1]
assert acc > 0.9, acc
assert model.predict_classes(x[:5], verbose=0).shape == (5, 1)
assert model.predict_proba(x[:5], verbose=0).max() <= 1
