"""The logged norms are those of the loss's gradient."""

import keras
import numpy as np
import pytest

import bital
from bital.study.shipped.activations import Watched
from bital.study.shipped.classifier import classifier


def test_the_norms_are_of_the_last_batch_before_its_step() -> None:
    random = np.random.default_rng(0)
    x, y = random.random((8, 8, 8, 1), np.float32), random.integers(0, 10, 8)

    def build() -> keras.Model:
        keras.utils.set_random_seed(3)
        return classifier((5, 4), "tanh", network=Watched)

    model = build()
    expected = gradient_norms(model, x, y)
    logs = bital.fit(build(), x, y, batch_size=8, epochs=1, shuffle=False, verbose=0).history
    assert [key for key in logs if key.startswith("gradient")] == [
        "gradient_1",
        "gradient_2",
        "gradient_3",
    ]
    found = [logs[f"gradient_{n}"][0] for n in (1, 2, 3)]
    assert found == pytest.approx(expected, rel=1e-4)


def gradient_norms(model: keras.Model, x: np.ndarray, y: np.ndarray) -> list[float]:
    """Return the norm of the cross-entropy's gradient by each kernel, forward and back by hand."""
    weights = [np.asarray(v, np.float64) for v in model.trainable_variables]
    kernels, biases = weights[::2], weights[1::2]
    inputs = [x.reshape(len(x), -1).astype(np.float64)]
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        inputs.append(np.tanh(inputs[-1] @ kernel + bias))
    scores = np.exp(inputs[-1] @ kernels[-1] + biases[-1])
    back = (scores / scores.sum(1, keepdims=True) - np.eye(10)[y]) / len(x)
    norms = []
    for n in reversed(range(len(kernels))):
        norms.append(float(np.linalg.norm(inputs[n].T @ back)))
        back = back @ kernels[n].T * (1 - inputs[n] ** 2)
    return norms[::-1]
