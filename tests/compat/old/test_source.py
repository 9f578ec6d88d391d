from pathlib import Path

import pytest

from bital.compat.old.source import Era, era, sources_of

KERAS_1 = """
from keras.models import Sequential
from keras.layers import Convolution2D
model = Sequential()
model.add(Convolution2D(8, 3, 3, border_mode='same', input_shape=(8, 8, 1)))
"""
SOURCES = {
    "from keras.models import Graph": Era.KERAS_0,
    "model.fit(X, y, show_accuracy=True)\nfrom keras.layers.core import Dense": Era.KERAS_0,
    KERAS_1: Era.KERAS_1,
    "from keras.layers import Dense\nDense(3, input_shape=(2,))": Era.KERAS_2,
    "from keras import backend as K\nK.square(1)": Era.KERAS_2,
    "import keras\nkeras.utils.np_utils.to_categorical([0])": Era.KERAS_2,
    "from keras.utils import np_utils\nprint(h['val_accuracy'])": Era.KERAS_23,
    "import tensorflow as tf\nm = tf.keras.Sequential()\ntf.Session()": Era.TF_1,
    "from tensorflow.keras.layers import Dense": Era.TF_2,
    "import tensorflow as tf\ntf.keras.layers.Dense(2, input_shape=(3,))": Era.TF_2,
    "import tensorflow as tf\nfrom keras.utils import np_utils\ntf.GradientTape()": Era.TF_2,
    "import keras\nfrom keras import layers\nlayers.Dense(3)": Era.KERAS_3,
    "from keras.utils import to_categorical\nfrom keras.models import Sequential": Era.KERAS_3,
    "import keras\nfrom keras import ops\nkeras.layers.Dense(2, input_shape=(3,))": Era.KERAS_3,
    "import keras\nkeras.layers.Dense(2, input_shape=(3,))\nm.save('m.keras')": Era.KERAS_3,
    "import numpy as np": Era.KERAS_3,
    "print 'Python 2'": Era.KERAS_3,
}


@pytest.mark.parametrize(("source", "expected"), SOURCES.items())
def test_era_is_told_from_what_a_source_says(source: str, expected: Era) -> None:
    assert era([source]) is expected


def test_modules_beside_a_script_count(tmp_path: Path) -> None:
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "__init__.py").write_text("from .cnn import model")
    (tmp_path / "nets" / "cnn.py").write_text(KERAS_1)
    script = tmp_path / "train.py"
    script.write_text("import numpy\nfrom nets import model\nimport train")
    assert era([script.read_text()]) is Era.KERAS_3
    assert era(sources_of(script)) is Era.KERAS_1


def test_an_encoding_is_read_and_what_is_no_source_passed_over(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_bytes(
        f"# -*- coding: cp949 -*-\nimport odd, deep  # 둘\n{KERAS_1}".encode("cp949")
    )
    (tmp_path / "odd.py").write_bytes(bytes(range(256)))
    (tmp_path / "deep.py").write_text("x = 1" + " + 1" * 20_000)
    found = list(sources_of(script))
    assert "# 둘" in found[0]
    assert era(found) is Era.KERAS_1
    script.write_bytes(f"# 둘\n{KERAS_1}".encode("cp949"))  # Python runs it all the same
    assert era(sources_of(script)) is Era.KERAS_1
