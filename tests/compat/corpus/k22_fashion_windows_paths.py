# Keras 2.2: paths with backslashes, np.save, load_img, plt.show() with no display
import os
import tempfile

import matplotlib.pyplot as plt
import numpy as np
from keras.preprocessing.image import load_img, img_to_array, save_img

os.chdir(tempfile.mkdtemp())
os.makedirs("example\\images")
pixels = np.zeros((12, 10, 3))
pixels[3:6] = 255
save_img("example/images/human.png", pixels, scale=False)
img = load_img("example\\images\\human.png")
assert img_to_array(img).max() == 255
assert os.listdir("example\\images") == ["human.png"]
with open("example\\notes.txt", "w") as f:
    f.write("seen")
assert os.path.isfile(os.path.join("example", "notes.txt"))
plt.figure()
plt.imshow(img)
plt.show()
plt.close("all")
