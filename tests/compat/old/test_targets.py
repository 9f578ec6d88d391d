from typing import Any

import keras
import numpy as np
import pytest

from bital.compat import mode

ROWS = 40
SHAPES: list[Any] = []


class Right(keras.metrics.Metric):
    def __init__(self) -> None:
        super().__init__(name="right")
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(name="count", initializer="zeros")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        SHAPES.append(tuple(y_true.shape))
        same = keras.ops.equal(y_true, keras.ops.cast(y_pred > 0.5, y_true.dtype))
        self.total.assign_add(keras.ops.sum(keras.ops.cast(same, "float32")))
        self.count.assign_add(keras.ops.cast(keras.ops.size(same), "float32"))

    def result(self) -> Any:
        return self.total / self.count


class Squared(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        SHAPES.append(tuple(y_true.shape))
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


@pytest.mark.parametrize(
    ("source", "axes"),
    [("from keras.utils import np_utils", 2), ("import tensorflow.keras", 2), ("import keras", 1)],
)
def test_one_label_a_row_is_a_column_before_keras_3(source: str, axes: int) -> None:
    SHAPES.clear()
    x = np.linspace(0, 1, ROWS, dtype="float32").reshape(-1, 1)
    y = (x[:, 0] > 0.5).astype("float32")
    with mode.compat([source]):
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
        model.set_weights([np.array([[1.0]]), np.array([0.0])])
        model.compile(optimizer="sgd", loss=Squared(), metrics=[Right()])
        loss, right = model.evaluate(x, y, verbose=0, batch_size=ROWS)
    assert {len(shape) for shape in SHAPES} == {axes}
    assert (right == 1) is (axes == 2)
    assert (loss == pytest.approx(float(np.mean((y - x[:, 0]) ** 2)))) is (axes == 2)


def test_sparse_labels_and_several_outputs_are_scored_as_ever() -> None:
    x = np.random.default_rng(0).normal(size=(ROWS, 3)).astype("float32")
    y = np.arange(ROWS) % 3
    with mode.compat(["from keras.utils import np_utils"]):
        inputs = keras.Input((3,))
        outputs = [keras.layers.Softmax(name="a")(inputs), keras.layers.Dense(1, name="b")(inputs)]
        model = keras.Model(inputs, outputs)
        model.compile("sgd", {"a": "sparse_categorical_crossentropy", "b": "mse"},
                      metrics={"a": "accuracy"})  # fmt: skip
        scores = model.evaluate(x, {"a": y, "b": x[:, 0]}, verbose=0, return_dict=True)
    assert scores["a_accuracy"] == pytest.approx(np.mean(x.argmax(-1) == y))
