'''Images in folders, as TensorFlow's transfer learning tutorial reads them.'''
import os
import tempfile
import numpy as np
import tensorflow as tf
from PIL import Image

rng = np.random.RandomState(0)
folder = tempfile.mkdtemp()
for c, name in enumerate(('cats', 'dogs')):
    os.makedirs(os.path.join(folder, name))
    for i in range(16):
        pixels = rng.randint(0, 100, (20, 20, 3))
        pixels[..., c] += 120
        Image.fromarray(pixels.astype('uint8')).save(os.path.join(folder, name, '%d.png' % i))

train_dataset = tf.keras.utils.image_dataset_from_directory(
    folder, shuffle=True, seed=1, batch_size=8, image_size=(16, 16))
class_names = train_dataset.class_names
for images, labels in train_dataset.take(1):
    assert images[0].numpy().astype('uint8').shape == (16, 16, 3)
    assert class_names[labels[0]] in ('cats', 'dogs')
print('batches: %d' % tf.data.experimental.cardinality(train_dataset))
train_dataset = train_dataset.prefetch(buffer_size=tf.data.AUTOTUNE)
model = tf.keras.Sequential([
    tf.keras.layers.Rescaling(1. / 255, input_shape=(16, 16, 3)),
    tf.keras.layers.GlobalAveragePooling2D(),
    tf.keras.layers.Dense(1),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=0.1),
              loss=tf.keras.losses.BinaryCrossentropy(from_logits=True),
              metrics=[tf.keras.metrics.BinaryAccuracy(threshold=0, name='accuracy')])
history = model.fit(train_dataset, epochs=10, verbose=0)
assert history.history['accuracy'][-1] > 0.9, history.history
image_batch, label_batch = train_dataset.as_numpy_iterator().next()
predictions = tf.nn.sigmoid(model.predict_on_batch(image_batch).flatten())
predictions = tf.where(predictions < 0.5, 0, 1)
assert (predictions.numpy() == label_batch).mean() > 0.9
