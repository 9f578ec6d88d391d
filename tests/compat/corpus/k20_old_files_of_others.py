# Keras 2.0: models other people saved: Keras 2.0.5 .hdf5, 2.2.2 .h5, JSON with weights
# needs: BITAL_DATA
import os

import numpy as np
from keras.models import load_model, model_from_json

folder = os.path.join(os.environ["BITAL_DATA"], "keras_models")
emotion = load_model(os.path.join(folder, "oarriaga_tiny_XCEPTION_KDEF.hdf5"), compile=False)
assert emotion.input_shape[1:3] == (64, 64)
said = emotion.predict(np.zeros((2, 64, 64, 1)))
assert said.shape == (2, 7) and np.allclose(said.sum(1), 1, atol=1e-5)
reviews = load_model(os.path.join(folder, "luyimin_p20181016.h5"))
one_hot = np.zeros((1, 10000))
one_hot[0, [5, 8, 20]] = 1
assert 0 < reviews.predict(one_hot)[0, 0] < 1
jets = model_from_json(open(os.path.join(folder, "fastml_KERAS_3layer.json")).read())
jets.load_weights(os.path.join(folder, "fastml_KERAS_3layer_weights.h5"))
assert jets.predict(np.random.rand(3, 16)).shape == (3, 5)
