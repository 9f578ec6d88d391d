# Keras 2.2: float64 throughout: a regression whose last digits count
import numpy as np
from keras import backend as K
K.set_floatx('float64')
from keras.layers import Dense
from keras.models import Sequential

np.random.seed(0)
x = np.random.rand(64, 3)
y = x.dot([1., -2., 0.5]) + 0.25
model = Sequential([Dense(1, input_shape=(3,))])
model.compile('sgd', 'mse')
model.optimizer.lr = 0.3
model.fit(x, y, epochs=400, batch_size=64, verbose=0)
assert model.get_weights()[0].dtype == model.predict(x).dtype == np.float64
assert model.evaluate(x, y, verbose=0) < 1e-9
model.set_weights([np.array([[1.], [-2.], [0.5]]), np.array([0.25])])
assert model.evaluate(x, y, verbose=0) < 1e-28
slope = K.function([model.input], K.gradients(model.output, model.input))
assert slope([x])[0].dtype == np.float64 and K.cast_to_floatx([1, 2]).dtype == np.float64
