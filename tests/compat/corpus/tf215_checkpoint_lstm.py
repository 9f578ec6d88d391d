# TensorFlow 2.15: LSTM forecaster in a custom loop, tf.train.Checkpoint, CheckpointManager, save and load
import tensorflow as tf
import numpy as np

tf.keras.utils.set_random_seed(0)
series = np.sin(np.arange(600) * 0.1).astype('float32')
window = 12
x = np.stack([series[i:i + window] for i in range(580)])[..., None]
y = series[window:window + 580, None]
model = tf.keras.Sequential([tf.keras.layers.LSTM(12, input_shape=(window, 1)), tf.keras.layers.Dense(1)])
optimizer = tf.keras.optimizers.legacy.Adam(learning_rate=0.01)
loss_fn = tf.keras.losses.Huber()
ckpt = tf.train.Checkpoint(step=tf.Variable(1), optimizer=optimizer, net=model)
manager = tf.train.CheckpointManager(ckpt, './tf_ckpts', max_to_keep=2)
ckpt.restore(manager.latest_checkpoint)
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(600).batch(58, drop_remainder=True)
for epoch in range(6):
    for bx, by in dataset:
        with tf.GradientTape() as tape:
            loss = loss_fn(by, model(bx, training=True))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        ckpt.step.assign_add(1)
    if (epoch + 1) % 2 == 0:
        path = manager.save()
assert loss.numpy() < 0.05, loss
assert len(manager.checkpoints) == 2 and int(ckpt.step.numpy()) == 61
reference = model.predict(x[:5], verbose=0)
model.set_weights([w * 0 for w in model.get_weights()])
ckpt.restore(tf.train.latest_checkpoint('./tf_ckpts')).expect_partial()
assert np.allclose(model.predict(x[:5], verbose=0), reference)
model.save_weights('./ckpt/my_checkpoint')
model.set_weights([w * 0 for w in model.get_weights()])
model.load_weights('./ckpt/my_checkpoint')
assert np.allclose(model.predict(x[:5], verbose=0), reference)
