# Keras 2.1: ZCA whitening with fit
import numpy as np
from keras.preprocessing.image import ImageDataGenerator

rng = np.random.RandomState(0)
base = rng.normal(size=(300, 1, 1, 1))
X = (base + 0.3 * rng.normal(size=(300, 4, 4, 1))).astype("float32")  # pixels move together
datagen = ImageDataGenerator(featurewise_center=True, zca_whitening=True, zca_epsilon=1e-4)
datagen.fit(X)
white = next(datagen.flow(X, batch_size=300, shuffle=False)).reshape(300, -1)
covariance = np.cov(white, rowvar=False)
assert np.abs(covariance - np.eye(16)).max() < 0.05, covariance
