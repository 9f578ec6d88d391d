# Keras 2.0: the GAN of the repositories: trainable=False after compile, train_on_batch
import numpy as np
from keras.layers import Input, Dense, Reshape, Flatten, Dropout, BatchNormalization
from keras.layers.advanced_activations import LeakyReLU
from keras.models import Sequential, Model
from keras.optimizers import Adam
from sklearn.datasets import load_digits

np.random.seed(0)


class GAN():
    def __init__(self):
        self.img_shape, self.latent_dim = (8, 8, 1), 16
        optimizer = Adam(0.0002, 0.5)
        self.discriminator = self.build_discriminator()
        self.discriminator.compile(loss='binary_crossentropy', optimizer=Adam(0.002, 0.5), metrics=['accuracy'])
        self.generator = self.build_generator()
        z = Input(shape=(self.latent_dim,))
        img = self.generator(z)
        self.discriminator.trainable = False
        validity = self.discriminator(img)
        self.combined = Model(z, validity)
        self.combined.compile(loss='binary_crossentropy', optimizer=optimizer)

    def build_generator(self):
        model = Sequential()
        model.add(Dense(32, input_dim=self.latent_dim))
        model.add(LeakyReLU(alpha=0.2))
        model.add(BatchNormalization(momentum=0.8))
        model.add(Dense(np.prod(self.img_shape), activation='tanh'))
        model.add(Reshape(self.img_shape))
        noise = Input(shape=(self.latent_dim,))
        return Model(noise, model(noise))

    def build_discriminator(self):
        model = Sequential()
        model.add(Flatten(input_shape=self.img_shape))
        model.add(Dense(32))
        model.add(LeakyReLU(alpha=0.2))
        model.add(Dense(1, activation='sigmoid'))
        img = Input(shape=self.img_shape)
        return Model(img, model(img))


gan = GAN()
x = (load_digits().images / 8. - 1.).reshape(-1, 8, 8, 1).astype('float32')
valid, fake = np.ones((64, 1)), np.zeros((64, 1))
first = gan.discriminator.get_weights()[0].copy()
start = gan.generator.get_weights()[0].copy()
d_losses, accs = [], []
for step in range(60):
    imgs = x[np.random.randint(0, len(x), 64)]
    noise = np.random.normal(0, 1, (64, gan.latent_dim))
    gen_imgs = gan.generator.predict(noise, verbose=0)
    d_loss_real = gan.discriminator.train_on_batch(imgs, valid)
    d_loss_fake = gan.discriminator.train_on_batch(gen_imgs, fake)
    d_loss = 0.5 * np.add(d_loss_real, d_loss_fake)
    d_before = gan.discriminator.get_weights()[0].copy()
    g_loss = gan.combined.train_on_batch(noise, valid)
    assert np.array_equal(d_before, gan.discriminator.get_weights()[0]), 'frozen in the combined model'
    d_losses.append(d_loss[0])
    accs.append(d_loss[1])
assert not np.allclose(first, gan.discriminator.get_weights()[0]), 'the discriminator learned'
assert not np.allclose(start, gan.generator.get_weights()[0]), 'the generator learned'
assert np.mean(accs[-20:]) > 0.7, accs[-20:]
