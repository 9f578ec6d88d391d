# Keras 2.2: a pretrained MobileNet classifies an elephant, decode_predictions
# needs: BITAL_DATA
import os

import numpy as np
from keras.applications.mobilenet import MobileNet, preprocess_input, decode_predictions
from keras.preprocessing import image

model = MobileNet(weights="imagenet", alpha=0.25)
img_path = os.path.join(os.environ["BITAL_DATA"], "photos", "creative_commons_elephant.jpg")
img = image.load_img(img_path, target_size=(224, 224))
x = image.img_to_array(img)
x = np.expand_dims(x, axis=0)
x = preprocess_input(x)
preds = model.predict(x)
names = [name for _, name, _ in decode_predictions(preds, top=3)[0]]
assert "African_elephant" in names, names
