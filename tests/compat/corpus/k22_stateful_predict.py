# Keras 2.2: states that last from batch to batch, in predict too, until they are reset
import numpy as np
from keras.models import Sequential
from keras.layers import Dense, LSTM

np.random.seed(0)
wave = np.cos(2 * np.pi * np.arange(603) / 50.)
x = np.array([wave[i:i + 2] for i in range(600)])[:, :, None]
y = wave[2:602, None]
model = Sequential()
model.add(LSTM(12, input_shape=(2, 1), batch_size=25, stateful=True))
model.add(Dense(1))
model.compile(loss='mse', optimizer='adam')
count = len(model.get_weights())
for epoch in range(8):
    model.fit(x, y, batch_size=25, epochs=1, verbose=0, shuffle=False)
    model.reset_states()
first = model.predict(x[:25], batch_size=25)
second = model.predict(x[:25], batch_size=25)
assert not np.allclose(first, second, atol=1e-4)
model.reset_states()
assert np.allclose(model.predict(x[:25], batch_size=25), first, atol=1e-6)
model.reset_states()
assert np.allclose(model.predict(np.concatenate([x[:25]] * 2), batch_size=25)[25:], second, atol=1e-5)
assert len(model.get_weights()) == count == 5
