# Keras 2.2: K.gradients inside layers: a GradNorm layer, a Lambda, and an energy with weights of its own
import numpy as np
from keras import backend as K
from keras.layers import Input, Dense, Lambda, Layer
from keras.models import Model, Sequential
from keras.optimizers import Adam

np.random.seed(0)


class GradNorm(Layer):
    def call(self, inputs):
        target, wrt = inputs
        grad = K.gradients(target, wrt)[0]
        return K.sqrt(K.sum(K.batch_flatten(K.square(grad)), axis=1, keepdims=True))

    def compute_output_shape(self, input_shapes):
        return (input_shapes[1][0], 1)


class Force(Layer):
    def build(self, input_shape):
        self.stiffness = self.add_weight(name='stiffness', shape=(input_shape[-1], 1), initializer='ones')
        super(Force, self).build(input_shape)

    def call(self, x):
        energy = 0.5 * K.dot(K.square(x), self.stiffness)
        return -K.gradients(energy, x)[0]

    def compute_output_shape(self, input_shape):
        return input_shape


critic = Sequential([Dense(16, activation='tanh', input_shape=(2,)), Dense(1)])
real, fake = Input((2,)), Input((2,))
mixed = Lambda(lambda pair: 0.3 * pair[0] + 0.7 * pair[1])([real, fake])
norm = GradNorm()([critic(mixed), mixed])
model = Model([real, fake], [critic(real), critic(fake), norm])
wasserstein = lambda y_true, y_pred: K.mean(y_true * y_pred)
model.compile(optimizer=Adam(0.01), loss=[wasserstein, wasserstein, 'mse'], loss_weights=[1, 1, 10.])
one = np.ones((32, 1))
losses = [model.train_on_batch([np.random.randn(32, 2) + 2, np.random.randn(32, 2)], [-one, one, one]) for _ in range(120)]
assert losses[-1][3] < 0.2 and losses[-1][0] < -0.5, losses[-1]

x = Input((2,))
slope = Model(x, Lambda(lambda pair: K.gradients(pair[0], pair[1])[0], output_shape=(2,))([critic(x), x]))
kernel, bias, last, _ = critic.get_weights()
wanted = ((1 - np.tanh(bias) ** 2) * last[:, 0]) @ kernel.T
assert np.allclose(slope.predict(np.zeros((3, 2))), wanted, atol=1e-4)

x = Input((3,))
springs = Model(x, Force()(x))
assert springs.layers[-1].name.startswith('force') and len(springs.trainable_weights) == 1
springs.compile(optimizer=Adam(0.1), loss='mse')
rows = np.random.randn(256, 3)
springs.fit(rows, -rows * [1., 2., 3.], epochs=15, verbose=0)
assert np.allclose(springs.get_weights()[0][:, 0], [1., 2., 3.], atol=0.1), springs.get_weights()
