# Keras 3: a custom JAX training step with stateless_call, as keras.io has it
import jax
import keras
import numpy as np
from sklearn.datasets import load_iris

keras.utils.set_random_seed(0)
iris = load_iris()
x, y = iris.data.astype("float32"), iris.target.astype("int32")
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
optimizer = keras.optimizers.Adam(0.02)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer.build(model.trainable_variables)


def compute(trainable, non_trainable, x, y):
    y_pred, non_trainable = model.stateless_call(trainable, non_trainable, x, training=True)
    return loss_fn(y, y_pred), non_trainable


grad_fn = jax.value_and_grad(compute, has_aux=True)


@jax.jit
def train_step(state, data):
    trainable, non_trainable, opt = state
    (loss, non_trainable), grads = grad_fn(trainable, non_trainable, *data)
    trainable, opt = optimizer.stateless_apply(opt, grads, trainable)
    return loss, (trainable, non_trainable, opt)


state = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables],
         [v.value for v in optimizer.variables])
for _ in range(200):
    loss, state = train_step(state, (x, y))
for variable, value in zip(model.trainable_variables, state[0]):
    variable.assign(value)
assert (model.predict(x, verbose=0).argmax(1) == y).mean() > 0.95, loss
