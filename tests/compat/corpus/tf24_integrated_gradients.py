# TensorFlow 2.4: integrated gradients and saliency, with completeness
import tensorflow as tf
import numpy as np
from sklearn.datasets import load_digits

tf.random.set_seed(1)
digits = load_digits()
x = (digits.images / 16.).astype('float32')[..., None]
model = tf.keras.Sequential([tf.keras.layers.InputLayer(input_shape=(8, 8, 1)), tf.keras.layers.Conv2D(6, 3, activation='relu'),
                             tf.keras.layers.MaxPool2D(), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10)])
model.compile('adam', tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])
model.fit(x, digits.target, epochs=5, verbose=0)


def interpolate_images(baseline, image, alphas):
    alphas_x = alphas[:, tf.newaxis, tf.newaxis, tf.newaxis]
    baseline_x = tf.expand_dims(baseline, axis=0)
    input_x = tf.expand_dims(image, axis=0)
    return baseline_x + alphas_x * (input_x - baseline_x)


def compute_gradients(images, target_class_idx):
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = model(images)
        probs = tf.nn.softmax(logits, axis=-1)[:, target_class_idx]
    return tape.gradient(probs, images)


image, label = tf.constant(x[5]), int(digits.target[5])
baseline = tf.zeros(shape=(8, 8, 1))
alphas = tf.linspace(start=0.0, stop=1.0, num=201)
gradients = compute_gradients(interpolate_images(baseline, image, alphas), label)
avg = tf.math.reduce_mean((gradients[:-1] + gradients[1:]) / tf.constant(2.0), axis=0)
ig = (image - baseline) * avg
probs = tf.nn.softmax(model(tf.stack([baseline, image])))
gap = probs[1, label] - probs[0, label]
assert abs(float(tf.reduce_sum(ig)) - float(gap)) < 0.02, (tf.reduce_sum(ig), gap)
