# TensorFlow 2.4: DeepDream of the tutorials: gradient ascent on an image, tf.Module, input_signature
import tensorflow as tf
import numpy as np

tf.random.set_seed(0)
base_model = tf.keras.applications.MobileNet(include_top=False, weights=None, input_shape=(32, 32, 3), alpha=0.25)
names = ['conv_pw_1_relu', 'conv_pw_2_relu']
layers = [base_model.get_layer(name).output for name in names]
dream_model = tf.keras.Model(inputs=base_model.input, outputs=layers)


def calc_loss(img, model):
    img_batch = tf.expand_dims(img, axis=0)
    layer_activations = model(img_batch)
    if len(layer_activations) == 1:
        layer_activations = [layer_activations]
    losses = []
    for act in layer_activations:
        loss = tf.math.reduce_mean(act)
        losses.append(loss)
    return tf.reduce_sum(losses)


class DeepDream(tf.Module):
    def __init__(self, model):
        self.model = model

    @tf.function(input_signature=(tf.TensorSpec(shape=[None, None, 3], dtype=tf.float32),
                                  tf.TensorSpec(shape=[], dtype=tf.int32), tf.TensorSpec(shape=[], dtype=tf.float32),))
    def __call__(self, img, steps, step_size):
        loss = tf.constant(0.0)
        for n in tf.range(steps):
            with tf.GradientTape() as tape:
                tape.watch(img)
                loss = calc_loss(img, self.model)
            gradients = tape.gradient(loss, img)
            gradients /= tf.math.reduce_std(gradients) + 1e-8
            img = img + gradients * step_size
            img = tf.clip_by_value(img, -1, 1)
        return loss, img


deepdream = DeepDream(dream_model)
img = tf.convert_to_tensor(np.random.RandomState(0).uniform(-0.2, 0.2, (32, 32, 3)).astype('float32'))
start = calc_loss(img, dream_model)
loss, dreamed = deepdream(img, tf.constant(15), tf.constant(0.05))
assert loss.numpy() > start.numpy() * 1.2, (start, loss)
assert dreamed.shape == (32, 32, 3)
