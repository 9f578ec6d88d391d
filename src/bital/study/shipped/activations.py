"""Activations, shallow and deep, with the norm of the gradient in each layer."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import keras
from keras import optimizers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import classifier
from bital.study.words import Language, Words

UNITS = 32
DEPTHS = (2, 8)
RATE = 0.1

QUESTION = Words(
    "Which activations can a network of eight hidden layers learn with, and how much gradient "
    "reaches its first layer?",
    "은닉층이 여덟이면 어떤 활성화 함수로 학습할 수 있고, 기울기는 첫 층까지 얼마나 전해지는가?",
)
LABEL = Words("{} in {} hidden layers", "{} (은닉층 {}개)")


def design(language: Language) -> Design:
    """Return the study."""
    return Design(
        name="activations",
        question=QUESTION(language),
        language=language,
        arms={
            f"{activation}_{depth}": Arm(
                partial(
                    classifier,
                    (UNITS,) * depth,
                    activation,
                    optimizer=partial(optimizers.SGD, RATE),
                    network=Watched,
                ),
                LABEL(language).format(name, depth),
            )
            for depth in DEPTHS
            for activation, name in {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "ReLU"}.items()
        },
        data="digits",
        epochs=30,
        metric="test_accuracy",
    )


class Watched(keras.Sequential):  # type: ignore[misc]
    """A classifier that logs the norm of the loss's gradient by each kernel.

    "gradient_1" is the first layer's, of the epoch's last batch, before its step.
    """

    def train_step(self, state: Any, data: Any) -> tuple[dict[str, Any], Any]:
        """Train as always, and add the norms to the logs."""
        trainable, other, *_ = state
        x, y, *_ = data

        def loss(values: Any) -> Any:
            outputs, _ = self.stateless_call(values, other, x, training=True)
            return jnp.mean(keras.losses.sparse_categorical_crossentropy(y, outputs))

        kernels = [g for g in jax.grad(loss)(trainable) if g.ndim == 2]
        norms = {f"gradient_{n}": jnp.linalg.norm(g) for n, g in enumerate(kernels, start=1)}
        logs, state = super().train_step(state, data)
        return logs | norms, state
