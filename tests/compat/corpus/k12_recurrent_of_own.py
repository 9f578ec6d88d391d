# Keras 1.2: a recurrent layer of one's own, from Recurrent: step, get_constants, states, a mask before it
import numpy as np
from keras import backend as K
from keras import activations, initializations
from keras.engine import InputSpec
from keras.layers.recurrent import Recurrent, time_distributed_dense
from keras.layers import Dense, Embedding
from keras.models import Sequential
np.random.seed(0)
class MinimalRNN(Recurrent):
    def __init__(self, output_dim, init='glorot_uniform', inner_init='orthogonal', activation='tanh', **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get(init)
        self.inner_init = initializations.get(inner_init)
        self.activation = activations.get(activation)
        super(MinimalRNN, self).__init__(**kwargs)
    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        self.input_dim = input_shape[2]
        self.states = [None]
        self.W = self.init((self.input_dim, self.output_dim), name='{}_W'.format(self.name))
        self.U = self.inner_init((self.output_dim, self.output_dim), name='{}_U'.format(self.name))
        self.b = K.zeros((self.output_dim,), name='{}_b'.format(self.name))
        self.trainable_weights = [self.W, self.U, self.b]
    def get_constants(self, x):
        return [K.cast_to_floatx(1.), K.cast_to_floatx(1.)]
    def preprocess_input(self, x):
        return x
    def step(self, x, states):
        prev_output = states[0]
        h = K.dot(x, self.W) + self.b
        output = self.activation(h * states[1] + K.dot(prev_output * states[2], self.U))
        return output, [output]
    def get_config(self):
        config = {'output_dim': self.output_dim}
        base_config = super(MinimalRNN, self).get_config()
        return dict(list(base_config.items()) + list(config.items()))
X = np.random.rand(256, 6, 2); y = (X[:, :, 0].sum(1) > X[:, :, 1].sum(1)).astype(int)
model = Sequential()
model.add(MinimalRNN(8, input_shape=(6, 2), return_sequences=True))
model.add(MinimalRNN(8))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
assert model.layers[0].output_shape == (None, 6, 8) and model.layers[1].output_shape == (None, 8)
hist = model.fit(X, y, nb_epoch=40, batch_size=16, verbose=0)
assert hist.history['acc'][-1] > 0.8, hist.history['acc'][-1]
assert model.layers[0].get_config()['return_sequences'] is True and model.count_params() == 233

words = Sequential()
words.add(Embedding(9, 4, mask_zero=True, input_length=5))
words.add(MinimalRNN(4))
short, long = np.array([[3, 7, 0, 0, 0]]), np.array([[3, 7, 7, 7, 7]])
alone = words.predict(short)
words.layers[0].set_weights([w * (np.arange(9) > 0)[:, None] for w in words.layers[0].get_weights()])
assert np.allclose(alone, words.predict(short), atol=1e-6) and not np.allclose(alone, words.predict(long), atol=1e-3)
