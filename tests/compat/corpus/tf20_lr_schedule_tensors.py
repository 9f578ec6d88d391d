# TensorFlow 2.0: tf.math, tf.image, shapes, schedules, regularizers, the ops of the beginner's book
import tensorflow as tf
import numpy as np

a = tf.constant([[1, 2], [3, 4]])
assert a.dtype == tf.int32 and a.shape.as_list() == [2, 2] if hasattr(a.shape, 'as_list') else True
assert tf.constant(1.5).dtype == tf.float32
assert np.array_equal(tf.matmul(tf.cast(a, tf.float32), tf.eye(2)).numpy(), [[1, 2], [3, 4]])
assert tf.reduce_sum(a).numpy() == 10 and tf.reduce_mean(tf.cast(a, 'float32'), axis=1).numpy().tolist() == [1.5, 3.5]
assert tf.argmax([1, 5, 2]).numpy() == 1 and tf.size(a).numpy() == 4
assert tf.reshape(tf.range(6), [2, 3]).shape == (2, 3) and tf.concat([a, a], 0).shape == (4, 2)
assert tf.one_hot([0, 2], 3).numpy().tolist() == [[1, 0, 0], [0, 0, 1]]
assert tf.where(a > 2, a, tf.zeros_like(a)).numpy().tolist() == [[0, 0], [3, 4]]
assert tf.gather([10, 20, 30], [2, 0]).numpy().tolist() == [30, 10]
assert tf.expand_dims(a, 0).shape == (1, 2, 2) and tf.squeeze(tf.ones((1, 3))).shape == (3,)
assert tf.clip_by_value([-1., 2.], 0., 1.).numpy().tolist() == [0, 1]
assert tf.math.top_k([1., 9., 3.], k=2)[1].numpy().tolist() == [1, 2]
assert tf.shape(a)[0] == 2 and tf.rank(a) == 2
assert tf.nn.softmax([[1., 1.]]).numpy().tolist() == [[0.5, 0.5]]
assert abs(tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.], logits=[0.]).numpy()[0] - 0.6931) < 1e-3
v = tf.Variable([1., 2.])
v.assign_add([1., 1.])
assert v.numpy().tolist() == [2, 3] and isinstance(v, tf.Variable) and tf.is_tensor(a)
v.assign(v * 2)
assert v.numpy().tolist() == [4, 6]
img = tf.image.resize(np.random.rand(8, 8, 3), (4, 4))
assert img.shape == (4, 4, 3)
assert tf.image.flip_left_right(img).numpy()[0, 0].tolist() == img.numpy()[0, -1].tolist()
assert tf.image.rgb_to_grayscale(img).shape == (4, 4, 1)
assert tf.linalg.norm([3., 4.]).numpy() == 5.0 and tf.norm([3., 4.]).numpy() == 5.0
tf.random.set_seed(3)
one = tf.random.normal((3,)).numpy()
tf.random.set_seed(3)
assert np.array_equal(one, tf.random.normal((3,)).numpy())
assert len(tf.config.list_physical_devices('CPU')) == 1 and isinstance(tf.config.list_physical_devices('GPU'), list)
with tf.device('/CPU:0'):
    schedule = tf.keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5, staircase=True)
assert abs(float(schedule(10)) - 0.05) < 1e-7
strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_regularizer=tf.keras.regularizers.l2(0.01))])
    model.compile(optimizer=tf.keras.optimizers.SGD(schedule), loss=tf.keras.losses.MeanSquaredError())
x = np.random.RandomState(0).randn(200, 2).astype('float32')
model.fit(x, x @ [[1.], [-1.]], epochs=5, verbose=0)
assert model.evaluate(x, x @ [[1.], [-1.]], verbose=0) < 0.5
assert len(model.losses) == 1
