# TensorFlow 2.4: Grad-CAM with GradientTape, as keras.io has it
import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.random.set_seed(0)
rng = np.random.RandomState(0)
x = rng.uniform(0, 0.2, (300, 20, 20, 1)).astype('float32')
y = np.arange(300) % 2
place = rng.randint(1, 13, (300, 2))
for n, (r, c) in enumerate(place):
    if y[n]:
        x[n, r:r + 6, c:c + 6] += 0.8
    else:
        x[n, r + 2:r + 4, c:c + 6] += 0.8
model = keras.models.Sequential([
    keras.layers.Conv2D(8, 3, padding='same', activation='relu', input_shape=(20, 20, 1)),
    keras.layers.Conv2D(8, 3, padding='same', activation='relu', name='last_conv'),
    keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(2)])
model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
hist = model.fit(x, y, epochs=20, batch_size=30, verbose=0)
assert hist.history['accuracy'][-1] > 0.9, hist.history['accuracy']


def make_gradcam_heatmap(img_array, model, last_conv_layer_name, pred_index=None):
    grad_model = tf.keras.models.Model([model.inputs], [model.get_layer(last_conv_layer_name).output, model.output])
    with tf.GradientTape() as tape:
        last_conv_layer_output, preds = grad_model(img_array)
        if pred_index is None:
            pred_index = tf.argmax(preds[0])
        class_channel = preds[:, pred_index]
    grads = tape.gradient(class_channel, last_conv_layer_output)
    pooled_grads = tf.reduce_mean(grads, axis=(0, 1, 2))
    last_conv_layer_output = last_conv_layer_output[0]
    heatmap = last_conv_layer_output @ pooled_grads[..., tf.newaxis]
    heatmap = tf.squeeze(heatmap)
    heatmap = tf.maximum(heatmap, 0) / tf.math.reduce_max(heatmap)
    return heatmap.numpy()


hits = 0
for n in range(1, 21, 2):
    heatmap = make_gradcam_heatmap(x[n:n + 1], model, 'last_conv')
    assert heatmap.shape == (20, 20)
    peak = np.unravel_index(heatmap.argmax(), heatmap.shape)
    hits += np.hypot(peak[0] - place[n][0] - 2.5, peak[1] - place[n][1] - 2.5) < 6
assert hits >= 8, hits
