# Keras 2.2: WGAN-GP of 2018: a loss that differentiates the critic by samples mixed in a merge layer
from functools import partial
import numpy as np
from keras import backend as K
from keras.layers import Input, Dense
from keras.layers.advanced_activations import LeakyReLU
from keras.layers.merge import _Merge
from keras.models import Model, Sequential
from keras.optimizers import Adam

np.random.seed(0)
BATCH, LATENT, WEIGHT = 32, 4, 10.


class RandomWeightedAverage(_Merge):
    def _merge_function(self, inputs):
        share = K.random_uniform((BATCH, 1))
        return (share * inputs[0]) + ((1 - share) * inputs[1])


def wasserstein_loss(y_true, y_pred):
    return K.mean(y_true * y_pred)


def gradient_penalty_loss(y_true, y_pred, averaged_samples, weight):
    gradients = K.gradients(y_pred, averaged_samples)[0]
    squares = K.square(gradients)
    total = K.sum(squares, axis=np.arange(1, len(squares.shape)))
    return weight * K.mean(K.square(1 - K.sqrt(total)))


critic = Sequential()
critic.add(Dense(16, input_dim=2))
critic.add(LeakyReLU(alpha=0.2))
critic.add(Dense(1))
generator = Sequential([Dense(16, activation='relu', input_dim=LATENT), Dense(2)])

for layer in generator.layers:
    layer.trainable = False
generator.trainable = False
real, noise = Input(shape=(2,)), Input(shape=(LATENT,))
fake = generator(noise)
averaged = RandomWeightedAverage()([real, fake])
penalty = partial(gradient_penalty_loss, averaged_samples=averaged, weight=WEIGHT)
penalty.__name__ = 'gradient_penalty'
critic_model = Model(inputs=[real, noise], outputs=[critic(real), critic(fake), critic(averaged)])
critic_model.compile(optimizer=Adam(0.005, beta_1=0.5, beta_2=0.9), loss=[wasserstein_loss, wasserstein_loss, penalty])

for layer in critic.layers:
    layer.trainable = False
for layer in generator.layers:
    layer.trainable = True
critic.trainable, generator.trainable = False, True
generator_model = Model(noise, critic(generator(noise)))
generator_model.compile(optimizer=Adam(0.005, beta_1=0.5, beta_2=0.9), loss=wasserstein_loss)

center = np.array([2., -1.])
positive, negative, dummy = np.ones((BATCH, 1)), -np.ones((BATCH, 1)), np.zeros((BATCH, 1))
first = generator.predict(np.random.randn(200, LATENT)).mean(axis=0)
penalties = []
for step in range(60):
    for _ in range(3):
        rows = center + 0.2 * np.random.randn(BATCH, 2)
        losses = critic_model.train_on_batch([rows, np.random.randn(BATCH, LATENT)], [negative, positive, dummy])
        penalties.append(losses[3])
    generator_model.train_on_batch(np.random.randn(BATCH, LATENT), negative)
last = generator.predict(np.random.randn(200, LATENT)).mean(axis=0)
assert len(losses) == 4 and np.mean(penalties[-20:]) < 0.5 * penalties[0], (penalties[0], penalties[-20:])
assert np.linalg.norm(last - center) < 0.6 * np.linalg.norm(first - center), (first, last)
