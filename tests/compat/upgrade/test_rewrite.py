"""Old sources in today's words."""

import subprocess
import sys
from pathlib import Path

import pytest

from bital.compat.upgrade.rewrite import rewritten

OLD = '''"""A lesson."""
from __future__ import print_function
import numpy as np  # numbers
import tensorflow as tf
from keras.models import Sequential, Model
from keras.layers.core import Dense, Dropout, Flatten   # layers
from keras.layers.convolutional import Convolution2D, MaxPooling2D
from keras.utils import np_utils
from keras.optimizers import SGD
from keras import backend as K
from keras.preprocessing.image import ImageDataGenerator, img_to_array

x = np.random.rand(32, 8, 8, 1); y = np_utils.to_categorical(np.arange(32) % 3, 3)

def loss(t, p):
    return K.mean(K.square(t - p), axis=-1) + K.epsilon()

model = Sequential()
model.add(Convolution2D(4, 3, 3, border_mode='same', dim_ordering='tf',
                        init='uniform', input_shape=(8, 8, 1)))  # first
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dropout(p=0.2))
model.add(Dense(output_dim=3, activation='softmax', W_regularizer='l2'))
model.compile(loss=loss, optimizer=SGD(lr=0.1, momentum=0.9, decay=1e-4), metrics=['acc'])
h = model.fit(x, y, nb_epoch=2, batch_size=8, verbose=0,
              validation_split=0.25, workers=1)
print(len(h.history['val_acc']), model.predict_classes(x).shape)
g = ImageDataGenerator(rescale=0.5)
model.fit_generator(g.flow(x, y, batch_size=8), steps_per_epoch=4, epochs=1, verbose=0)
m = tf.keras.Sequential([tf.keras.layers.Dense(2, 'uniform')])
model.save_weights('w.h5')
model.load_weights('w.h5')
a = tf.keras.Input((3,))
print(Model(input=a, output=tf.keras.layers.Dense(2)(a)).output_shape)
'''


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("from keras.layers.core import Dense", "from keras.layers import Dense"),
        ("from keras.layers.recurrent import LSTM as L", "from keras.layers import LSTM as L"),
        ("from tensorflow.keras.models import load_model", "from keras.models import load_model"),
        ("from tensorflow import keras", "import keras"),
        ("import tensorflow.keras.backend as K", "from keras import backend as K"),
        ("from keras.engine.topology import Layer", "from keras.layers import Layer"),
        ("import numpy as np # x", "import numpy as np # x"),
        (
            "from keras.utils.np_utils import to_categorical",
            "from keras.utils import to_categorical",
        ),
        (
            "from keras.optimizers import Adam\nAdam(lr=1e-3)",
            "from keras.optimizers import Adam\nAdam(learning_rate=1e-3)",
        ),
        (
            "from keras.optimizers import Adam\nAdam(lr=0.1, decay=0.0)",
            "from keras.optimizers import Adam\nAdam(learning_rate=0.1)",
        ),
        (
            "from keras.layers import LSTM\nLSTM(8, inner_activation='tanh', consume_less='gpu')",
            "from keras.layers import LSTM\nLSTM(8, recurrent_activation='tanh')",
        ),
        (
            "from keras.layers import Convolution1D as C\nC(nb_filter=3, filter_length=2)",
            "from keras.layers import Conv1D as C\nC(filters=3, kernel_size=2)",
        ),
        (
            "from keras.callbacks import EarlyStopping\nEarlyStopping(monitor='val_acc')",
            "from keras.callbacks import EarlyStopping\nEarlyStopping(monitor='val_accuracy')",
        ),
        ("m.evaluate_generator(g, steps=3)", "m.evaluate(g, steps=3)"),
        ("m.predict_proba(x)[0]", "m.predict(x)[0]"),
        ("fit(nb_epoch=3)", "fit(nb_epoch=3)"),
        (
            "from keras.models import Sequential\nself.m = Sequential()\nself.m.output[:, 0]",
            "from keras.models import Sequential\nself.m = Sequential()\nself.m.outputs[0][:, 0]",
        ),
        (
            "from keras.layers import SimpleRNN\nm.add(SimpleRNN(8, batch_input_shape=(5, 2, 1)))",
            "from keras.layers import SimpleRNN\nimport keras\n"
            "m.add(keras.Input(batch_shape=(5, 2, 1)))\nm.add(SimpleRNN(8))",
        ),
        (
            "from keras.layers import SimpleRNN\nSimpleRNN(8, input_dim=3, input_length=5)",
            "from keras.layers import SimpleRNN\nSimpleRNN(8, input_shape=(5, 3))",
        ),
        (
            "from keras.layers import Dense\nDense(784, 128, init='uniform')",
            "from keras.layers import Dense\n"
            "Dense(128, input_shape=(784,), kernel_initializer='random_uniform')",
        ),
        (
            "from keras.layers import Dense\nDense(np.prod(shape), activation='tanh')",
            "from keras.layers import Dense\nDense(int(np.prod(shape)), activation='tanh')",
        ),
        ("m.compile('sgd', [own], a, b)", "m.compile('sgd', [own], a, b)"),
        ("m.compile('sgd', 'mse', ['acc'])", "m.compile('sgd', 'mse', metrics=['accuracy'])"),
        (
            "m.save('a.h5')\nf = load_model('a.h5')\nload_model('b.keras')",
            "m.save('a.keras')\nf = load_model('a.keras')\nload_model('b.keras')",
        ),
        (
            "m.compile(metrics=['mae'])\nh.history['val_mean_absolute_error']",
            "m.compile(metrics=['mae'])\nh.history['val_mae']",
        ),
        (
            "from keras import backend as K\nK.argmax(x) + K.flatten(K.clip(x, max_value=3))",
            "from keras import backend as K\nfrom keras import ops\n"
            "ops.argmax(x, axis=-1) + ops.reshape(ops.clip(x, x_max=3), (-1,))",
        ),
        (
            "from keras import backend as K\nK.set_image_dim_ordering('th')",
            "from keras import backend as K\nimport keras\n"
            "keras.config.set_image_data_format('channels_first')",
        ),
        ("m.layers[0].output_shape", "m.layers[0].output.shape"),
    ],
)
def test_words(old: str, today: str) -> None:
    assert rewritten(old + "\n").source == today + "\n"


def test_a_program_runs_on_keras_alone(tmp_path: Path) -> None:
    found = rewritten(OLD)
    assert [r.line for r in found.remarks] == [28]
    assert "argmax" in found.remarks[0].text
    for kept in ("# numbers", "   # layers", "  # first", "           valid", "A lesson."):
        assert kept in found.source
    assert "tensorflow" not in found.source
    assert rewritten(found.source).source == found.source
    script = tmp_path / "new.py"
    script.write_text(found.source)
    said = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert said.stderr == ""
    assert {"2 (32,)", "(None, 2)"} <= set(said.stdout.splitlines())


@pytest.mark.parametrize(
    ("old", "says"),
    [
        ("from keras.models import Graph\n", "Graph went with Keras 1"),
        ("from keras import backend as K\nK.gradients(a, b)\n", "bital run keeps it"),
        ("import tensorflow as tf\ntf.GradientTape()\n", "KERAS_BACKEND=tensorflow"),
        ("m.add_loss(x)\n", "self.add_loss"),
        ("m.load_weights(path, by_name=True)\n", "by_name"),
        ("keras.models.load_model('old.h5')\n", "under bital run"),
        (
            "from keras import backend as K\nz = Dense(2)(h)\nm.compile(loss=vae)\n"
            "def vae(x, y):\n    return K.mean(z)\nm.compile(loss=vae)\n",
            "z belongs to the model",
        ),
        (
            "from keras.layers.core import Dense\nd = Dense(2)\n"
            "d.trainable = False\nm.train_on_batch(x, y)\n",
            "before each train_on_batch",
        ),
        (
            "model.fit_generator(g, samples_per_epoch=2000, nb_epoch=1)\n",
            "divide by the batch size",
        ),
    ],
)
def test_what_is_left_to_do_is_told(old: str, says: str) -> None:
    remarks = rewritten(old).remarks
    assert len(remarks) == 1
    assert says in remarks[0].text
