# TensorFlow 2.4: a student taught by a teacher: train_step and test_step with compiled_metrics, evaluate by test_step
import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(0) if hasattr(keras.utils, 'set_random_seed') else tf.random.set_seed(0)


class Distiller(keras.Model):
    def __init__(self, student, teacher):
        super(Distiller, self).__init__()
        self.teacher = teacher
        self.student = student

    def compile(self, optimizer, metrics, student_loss_fn, distillation_loss_fn, temperature=3):
        super(Distiller, self).compile(optimizer=optimizer, metrics=metrics)
        self.student_loss_fn = student_loss_fn
        self.distillation_loss_fn = distillation_loss_fn
        self.temperature = temperature

    def train_step(self, data):
        x, y = data
        taught = self.teacher(x, training=False)
        with tf.GradientTape() as tape:
            said = self.student(x, training=True)
            soft = self.distillation_loss_fn(tf.nn.softmax(taught / self.temperature, axis=1), tf.nn.softmax(said / self.temperature, axis=1))
            loss = 0.1 * self.student_loss_fn(y, said) + 0.9 * soft * self.temperature ** 2
        gradients = tape.gradient(loss, self.student.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.student.trainable_variables))
        self.compiled_metrics.update_state(y, said)
        results = {m.name: m.result() for m in self.metrics}
        results.update({'distillation_loss': soft})
        return results

    def test_step(self, data):
        x, y = data
        said = self.student(x, training=False)
        self.compiled_metrics.update_state(y, said)
        results = {m.name: m.result() for m in self.metrics}
        results.update({'student_loss': self.student_loss_fn(y, said)})
        return results


digits = load_digits()
x, y = (digits.data / 16).astype('float32'), digits.target
cross = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
teacher = keras.Sequential([keras.Input((64,)), layers.Dense(64, activation='relu'), layers.Dense(10)])
teacher.compile('adam', cross, metrics=['accuracy'])
teacher.fit(x[:1500], y[:1500], epochs=12, verbose=0)
student = keras.Sequential([keras.Input((64,)), layers.Dense(16, activation='relu'), layers.Dense(10)])
distiller = Distiller(student, teacher)
distiller.compile(keras.optimizers.Adam(0.01), [keras.metrics.SparseCategoricalAccuracy()], cross, keras.losses.KLDivergence())
history = distiller.fit(x[:1500], y[:1500], epochs=8, batch_size=100, verbose=0, validation_data=(x[1500:], y[1500:]))
assert 'distillation_loss' in history.history and 'val_student_loss' in history.history, list(history.history)
found = distiller.evaluate(x[1500:], y[1500:], verbose=0, return_dict=True)
assert found['sparse_categorical_accuracy'] > 0.8 and found['student_loss'] < 1, found
assert len(distiller.evaluate(x[1500:], y[1500:], verbose=0)) == len(found)
