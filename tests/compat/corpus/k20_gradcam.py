# Keras 2.0: Grad-CAM of the book: model.output[:, index], K.gradients, K.function
import numpy as np
from keras import backend as K
from keras.models import Model, Sequential
from keras.layers import Conv2D, GlobalAveragePooling2D, Dense, MaxPooling2D

np.random.seed(0)
# a bright square or a bright cross, anywhere in a noisy picture
def picture(kind, rng):
    img = rng.uniform(0, 0.2, (24, 24, 1))
    r, c = rng.randint(1, 16, 2)
    if kind:
        img[r:r + 7, c:c + 7] += 0.8
        img[r + 2:r + 5, c + 2:c + 5] -= 0.8
    else:
        img[r + 3, c:c + 7] += 0.8
        img[r:r + 7, c + 3] += 0.8
    return img, (r + 3, c + 3)


rng = np.random.RandomState(0)
made = [picture(i % 2, rng) for i in range(400)]
x = np.array([m[0] for m in made])
y = np.eye(2)[np.arange(400) % 2]
model = Sequential()
model.add(Conv2D(8, (3, 3), activation='relu', padding='same', input_shape=(24, 24, 1)))
model.add(Conv2D(12, (3, 3), activation='relu', padding='same', name='last_conv'))
model.add(GlobalAveragePooling2D())
model.add(Dense(2, activation='softmax'))
model.compile('adam', 'categorical_crossentropy', metrics=['acc'])
hist = model.fit(x, y, epochs=30, batch_size=20, verbose=0)
assert hist.history['acc'][-1] > 0.9, hist.history['acc'][-1]
hits = 0
for i in range(10):
    img = x[i:i + 1]
    index = np.argmax(model.predict(img, verbose=0)[0])
    output = model.output[:, index]
    last_conv_layer = model.get_layer('last_conv')
    grads = K.gradients(output, last_conv_layer.output)[0]
    pooled_grads = K.mean(grads, axis=(0, 1, 2))
    iterate = K.function([model.input], [pooled_grads, last_conv_layer.output[0]])
    pooled_grads_value, conv_layer_output_value = iterate([img])
    for k in range(12):
        conv_layer_output_value[:, :, k] *= pooled_grads_value[k]
    heatmap = np.maximum(np.mean(conv_layer_output_value, axis=-1), 0)
    assert heatmap.max() > 0
    heatmap /= np.max(heatmap)
    peak = np.unravel_index(heatmap.argmax(), heatmap.shape)
    hits += np.hypot(peak[0] - made[i][1][0], peak[1] - made[i][1][1]) < 8
assert hits >= 6, hits
