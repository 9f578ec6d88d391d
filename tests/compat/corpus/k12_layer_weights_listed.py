'''Layers of one's own as Keras 1 and early 2 wrote them: initializers that make variables.'''
import keras, numpy as np
from keras import backend as K
from keras.engine.topology import Layer, InputSpec
from keras.utils import np_utils
from keras import initializations, regularizers
class MyLayer(Layer):
    def __init__(self, output_dim, **kwargs):
        self.output_dim = output_dim
        self.init = initializations.get('glorot_uniform')
        self.regularizers = []
        self.constraints = {}
        self.input_spec = [InputSpec(ndim=2)]
        super(MyLayer, self).__init__(**kwargs)
    def build(self, input_shape):
        input_dim = input_shape[1]
        self.W = self.init((input_dim, self.output_dim), name='{}_W'.format(self.name))
        self.b = K.zeros((self.output_dim,), name='{}_b'.format(self.name))
        self.trainable_weights = [self.W, self.b]
        self.non_trainable_weights = []
        self.updates = []
        self.built = True
    def call(self, x, mask=None):
        return K.dot(x, self.W) + self.b
    def get_output_shape_for(self, input_shape):
        return (input_shape[0], self.output_dim)
class L2(Layer):
    def __init__(self, **kw):
        super().__init__(**kw)
        self.metrics_list = []
    def build(self, input_shape):
        initial = np.random.random((input_shape[-1], 3))
        self.kernel = K.variable(initial)
        self._trainable_weights = [self.kernel]
        super(L2, self).build(input_shape)
    def call(self, x): return K.dot(x, self.kernel)
    def compute_output_shape(self, s): return (s[0], 3)
class L3(Layer):
    def build(self, s):
        self.w = self.add_weight('w', (s[-1], 2), None, 'uniform')
        self.v = self.add_weight(shape=(2,), initializer='one', name='v', trainable=False)
        self.gamma = K.variable(np.ones(2))
    def call(self, x): return K.dot(x, self.w) * self.v
from keras.models import Sequential
from keras.layers import Dense
m = Sequential([MyLayer(4, input_shape=(3,)), L2(), L3(), Dense(1)])
m.compile('adam', 'mse')
np.random.seed(0)
x = np.random.rand(50, 3); y = x.sum(1)
w0 = m.get_weights()
m.fit(x, y, nb_epoch=5, verbose=0)
assert not np.allclose(w0[0], m.get_weights()[0])
assert [w.shape for w in m.trainable_weights] == [(3,4),(4,),(4,3),(3,2),(2,1),(1,)]
