# Keras 2.3: TimeseriesGenerator, GRU, forecast of a sine
import numpy as np
from keras.preprocessing.sequence import TimeseriesGenerator
from keras.models import Sequential
from keras.layers import GRU, Dense

np.random.seed(0)
series = np.sin(np.arange(600) / 8.0).reshape(-1, 1)
train = TimeseriesGenerator(series[:500], series[:500], length=12, batch_size=32, shuffle=True)
test = TimeseriesGenerator(series[500:], series[500:], length=12, batch_size=32)
model = Sequential([GRU(8, input_shape=(12, 1)), Dense(1)])
model.compile(optimizer="adam", loss="mse", metrics=["mae"])
model.fit_generator(train, epochs=15, verbose=0)
loss, mae = model.evaluate_generator(test, verbose=0)
assert mae < 0.25, mae
assert model.predict_generator(test, verbose=0).shape == (88, 1)
