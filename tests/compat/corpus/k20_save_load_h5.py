# Keras 2.0: model.save, load_model, to_json, save_weights, load_weights(by_name)
import os
import tempfile

import numpy as np
from keras.models import Sequential, load_model, model_from_json
from keras.layers import Dense

np.random.seed(0)
os.chdir(tempfile.mkdtemp())
x = np.random.rand(64, 5)
y = x.dot(np.arange(5.0))
model = Sequential()
model.add(Dense(8, input_dim=5, kernel_initializer="uniform", activation="relu", name="first"))
model.add(Dense(1, name="second"))
model.compile(loss="mse", optimizer="adam", metrics=["mae"])
model.fit(x, y, epochs=3, verbose=0)
expected = model.predict(x)
model.save("my_model.h5")
del model
model = load_model("my_model.h5")
assert np.allclose(model.predict(x), expected)
before = model.evaluate(x, y, verbose=0)[0]
model.fit(x, y, epochs=40, verbose=0)
assert model.evaluate(x, y, verbose=0)[0] < before
with open("model.json", "w") as json_file:
    json_file.write(model.to_json())
model.save_weights("weights.h5")
loaded_model = model_from_json(open("model.json").read())
loaded_model.load_weights("weights.h5")
loaded_model.compile(loss="mse", optimizer="rmsprop")
assert np.allclose(loaded_model.predict(x), model.predict(x))
other = Sequential([Dense(8, input_dim=5, activation="relu", name="first"), Dense(2, name="own")])
other.load_weights("weights.h5", by_name=True)
assert np.allclose(other.layers[0].get_weights()[0], model.layers[0].get_weights()[0])
