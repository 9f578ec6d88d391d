# Keras 1.0: a stateful LSTM with batch_input_shape, reset_states between epochs
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, LSTM

np.random.seed(1)
batch_size, epochs, lahead = 25, 10, 1
t = np.arange(1000)
cos = np.cos(2 * np.pi * t / 50).reshape(-1, 1, 1)
expected = np.roll(cos[:, 0, :], -1, axis=0)
model = Sequential()
model.add(LSTM(16, batch_input_shape=(batch_size, 1, 1), return_sequences=True, stateful=True))
model.add(LSTM(8, stateful=True))
model.add(Dense(1))
model.compile(loss='mse', optimizer='rmsprop')
losses = []
for i in range(epochs):
    losses.append(model.fit(cos, expected, batch_size=batch_size, verbose=0, nb_epoch=1, shuffle=False).history['loss'][0])
    model.reset_states()
predicted = model.predict(cos, batch_size=batch_size, verbose=0)
assert losses[-1] < losses[0] / 3, losses
assert predicted.shape == (1000, 1)
assert model.layers[0].stateful
