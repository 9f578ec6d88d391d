# Keras 2.2: bidirectional GRU with an attention layer of its own, masking, TimeDistributed
import numpy as np
from keras import backend as K
from keras.engine.topology import Layer
from keras import initializers, regularizers, constraints
from keras.layers import Input, Embedding, Bidirectional, GRU, TimeDistributed, Dense, SpatialDropout1D, CuDNNGRU
from keras.models import Model

np.random.seed(0)


class AttLayer(Layer):
    def __init__(self, attention_dim, **kwargs):
        self.init = initializers.get('normal')
        self.supports_masking = True
        self.attention_dim = attention_dim
        super(AttLayer, self).__init__(**kwargs)

    def build(self, input_shape):
        assert len(input_shape) == 3
        self.W = self.add_weight(name='W', shape=(input_shape[-1], self.attention_dim), initializer=self.init, trainable=True)
        self.b = self.add_weight(name='b', shape=(self.attention_dim,), initializer='zero')
        self.u = self.add_weight(name='u', shape=(self.attention_dim, 1), initializer='uniform')
        super(AttLayer, self).build(input_shape)

    def compute_mask(self, inputs, mask=None):
        return None

    def call(self, x, mask=None):
        uit = K.tanh(K.bias_add(K.dot(x, self.W), self.b))
        ait = K.squeeze(K.dot(uit, self.u), -1)
        ait = K.exp(ait)
        if mask is not None:
            ait *= K.cast(mask, K.floatx())
        ait /= K.cast(K.sum(ait, axis=1, keepdims=True) + K.epsilon(), K.floatx())
        return K.sum(x * K.expand_dims(ait), axis=1)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], input_shape[-1])

    def get_config(self):
        config = super(AttLayer, self).get_config()
        config.update({'attention_dim': self.attention_dim})
        return config


# is there a 7 in the sequence? zeros are padding
rng = np.random.RandomState(0)
X = rng.randint(1, 10, (600, 12))
for row in range(600):
    X[row, rng.randint(5, 12):] = 0
y = (X == 7).any(axis=1).astype(int)
inputs = Input(shape=(12,), dtype='int32')
e = Embedding(10, 8, mask_zero=True)(inputs)
h = Bidirectional(GRU(8, return_sequences=True))(e)
h = TimeDistributed(Dense(8, activation='tanh'))(h)
out = Dense(1, activation='sigmoid')(AttLayer(8)(h))
model = Model(inputs, out)
model.compile('adam', 'binary_crossentropy', metrics=['acc'])
hist = model.fit(X, y, epochs=25, batch_size=30, verbose=0, validation_split=0.2)
assert hist.history['val_acc'][-1] > 0.9, hist.history['val_acc']
fast = CuDNNGRU(4)
assert fast(np.zeros((2, 3, 5), 'float32')).shape == (2, 4)
