# Keras 2.2: features of a frozen MobileNet for a small classifier, cats and dogs
# needs: BITAL_DATA
import os

import numpy as np
from keras import layers, models
from keras.applications import MobileNet
from keras.applications.mobilenet import preprocess_input
from keras.preprocessing.image import ImageDataGenerator

base_dir = os.path.join(os.environ["BITAL_DATA"], "images", "cats_and_dogs_small")
conv_base = MobileNet(weights="imagenet", alpha=0.75, include_top=False, input_shape=(224, 224, 3))
datagen = ImageDataGenerator(preprocessing_function=preprocess_input)


def extract_features(directory, sample_count, batch_size=20):
    features, labels = [], []
    generator = datagen.flow_from_directory(
        directory, target_size=(224, 224), batch_size=batch_size, class_mode="binary", seed=0
    )
    i = 0
    for inputs_batch, labels_batch in generator:
        features.append(conv_base.predict(inputs_batch, verbose=0).mean(axis=(1, 2)))
        labels.append(labels_batch)
        i += 1
        if i * batch_size >= sample_count:
            break
    return np.concatenate(features), np.concatenate(labels)


x, y = extract_features(os.path.join(base_dir, "train"), 120)
x_test, y_test = extract_features(os.path.join(base_dir, "test"), 60)
model = models.Sequential()
model.add(layers.Dense(16, activation="relu", input_dim=x.shape[1]))
model.add(layers.Dropout(0.5))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["acc"])
model.fit(x, y, epochs=30, batch_size=20, verbose=0)
assert model.evaluate(x_test, y_test, verbose=0)[1] > 0.85
