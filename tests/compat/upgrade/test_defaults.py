"""An era's defaults, written out."""

import subprocess
import sys
from pathlib import Path

import pytest

from bital.compat.upgrade.rewrite import rewritten

OLD = """from keras.models import Sequential
from keras.layers import Dense, LSTM, GRU
from keras.optimizers import Adadelta
import numpy as np
model = Sequential()
model.add(LSTM(8, return_sequences=True, input_shape=(5, 3)))
model.add(GRU(4, activation='hard_sigmoid'))
model.add(Dense(1))
model.compile(Adadelta(), 'mse', metrics=['acc'])
print(float(model.optimizer.learning_rate.numpy()))
model.compile(optimizer='adagrad', loss='mse')
print(round(float(model.optimizer.learning_rate.numpy()), 4))
model.fit(np.zeros((4, 5, 3)), np.zeros(4), epochs=1, verbose=0)
"""


def test_the_program_has_its_defaults_on_keras_alone(tmp_path: Path) -> None:
    found = rewritten(OLD).source
    assert "LSTM(8, return_sequences=True, input_shape=(5, 3), recurrent_activation=hard" in found
    assert "reset_after=False" in found
    assert rewritten(found).source == found
    script = tmp_path / "new.py"
    script.write_text(found)
    said = subprocess.run(
        [sys.executable, "-W", "ignore", str(script)],
        capture_output=True, text=True, timeout=300, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert said.stdout.split() == ["1.0", "0.01"], said.stderr


@pytest.mark.parametrize(
    "line",
    ["LSTM(8, 'tanh', 'sigmoid')", "Adadelta(0.5)", "Adadelta(**settings)"],
)
def test_what_was_said_stays(line: str) -> None:
    head = "from keras.layers.core import LSTM\nfrom keras.optimizers import Adadelta\n"
    old = f"{head}{line}\n"
    assert line in rewritten(old).source


def test_keras_3_keeps_its_own() -> None:
    today = "import keras\nkeras.optimizers.Adadelta()\nkeras.ops.abs(1)\n"
    assert rewritten(today).source == today


def test_a_function_of_tensors_is_kerass() -> None:
    found = rewritten("from keras import backend as K\nf = K.function([a], [b])\n")
    assert "keras.Function([a], [b])" in found.source
    told = rewritten(
        "from keras import backend as K\nf = K.function([a, K.learning_phase()], [b])\n"
    )
    assert "K.function(" in told.source
    assert any("training=" in remark.text for remark in told.remarks)
