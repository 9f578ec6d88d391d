# TensorFlow 2.0: the automatic-differentiation guide
import tensorflow as tf
import numpy as np

x = tf.constant(3.0)
with tf.GradientTape() as g:
    g.watch(x)
    y = x * x
assert g.gradient(y, x).numpy() == 6.0
with tf.GradientTape(persistent=True) as g:
    g.watch(x)
    y = x * x
    z = y * y
assert g.gradient(z, x).numpy() == 108.0 and g.gradient(y, x).numpy() == 6.0 and g.gradient(z, y).numpy() == 18.0
del g
v = tf.Variable(1.0)
with tf.GradientTape() as t2:
    with tf.GradientTape() as t1:
        y = v * v * v
    dy = t1.gradient(y, v)
assert dy.numpy() == 3.0 and t2.gradient(dy, v).numpy() == 6.0


def f(x, y):
    output = 1.0
    for i in range(y):
        if i > 1 and i < 5:
            output = tf.multiply(output, x)
    return output


def grad(x, y):
    with tf.GradientTape() as t:
        t.watch(x)
        out = f(x, y)
    return t.gradient(out, x)


x = tf.convert_to_tensor(2.0)
assert [grad(x, n).numpy() for n in (6, 5, 4)] == [12.0, 12.0, 4.0]
w = tf.Variable(tf.random.normal((3, 2)), name='w')
b = tf.Variable(tf.zeros(2, dtype=tf.float32), name='b')
data = [[1., 2., 3.]]
with tf.GradientTape(persistent=True) as tape:
    y = data @ w + b
    loss = tf.reduce_mean(y ** 2)
grads = tape.gradient(loss, {'w': w, 'b': b})
assert grads['w'].shape == (3, 2) and np.allclose(grads['b'], y.numpy(), atol=1e-5)
with tf.GradientTape(watch_accessed_variables=False) as tape:
    y = w * 2
assert tape.gradient(y, w) is None
steady = tf.Variable(2.0, trainable=False)
with tf.GradientTape() as tape:
    y = steady * 3.0 + tf.constant(1.0)
assert tape.gradient(y, steady) is None
x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
with tf.GradientTape() as tape:
    tape.watch(x)
    y = x ** 2
assert np.allclose(tape.batch_jacobian(y, x)[1], np.diag([6.0, 8.0]))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.reduce_sum(tf.nn.relu(x - 2.5))
    if y > 1:
        y = y * 2
assert np.allclose(tape.gradient(y, x), [[0, 0], [2, 2]])
try:
    tape.gradient(y, x)
except RuntimeError as error:
    assert 'persistent' in str(error)
else:
    raise AssertionError('a tape that is not persistent gives gradients once')
try:
    tf.raw_ops
except AttributeError as error:
    assert 'raw_ops' in str(error)


@tf.custom_gradient
def clip_gradients(y):
    def backward(dy):
        return tf.clip_by_norm(dy, 0.5)
    return y, backward


u = tf.Variable(2.0)
with tf.GradientTape() as t:
    output = clip_gradients(u * u)
assert abs(t.gradient(output, u).numpy() - 2.0) < 1e-6
