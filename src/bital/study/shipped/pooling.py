"""What comes between the convolutions and the answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
from keras import layers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import CLASSES, IMAGE, compiled
from bital.study.words import Language, Words

QUESTION = Words(
    "Between convolutions and the answer: does global average pooling lose against Flatten, "
    "which needs more weights?",
    "합성곱 뒤의 전역 평균 풀링은 가중치가 더 많은 Flatten에 뒤지는가?",
)
LABELS = {
    "flatten": Words("Flatten", "Flatten"),
    "flatten_dense": Words("Flatten + Dense 64", "Flatten + Dense 64"),
    "average": Words("global average pooling", "전역 평균 풀링(GAP)"),
    "maximum": Words("global max pooling", "전역 최대 풀링"),
}


def design(language: Language) -> Design:
    """Return the study."""
    return Design(
        name="pooling",
        question=QUESTION(language),
        language=language,
        arms={name: Arm(partial(model, name), LABELS[name](language)) for name in LABELS},
        data="digits",
        epochs=40,
        metric="test_accuracy",
    )


def model(name: str) -> keras.Model:
    """Return the network of one arm."""
    heads: dict[str, Callable[[], list[Any]]] = {
        "flatten": lambda: [layers.Flatten()],
        "flatten_dense": lambda: [layers.Flatten(), layers.Dense(64, "relu")],
        "average": lambda: [layers.GlobalAveragePooling2D()],
        "maximum": lambda: [layers.GlobalMaxPooling2D()],
    }
    stack = [
        layers.Input(IMAGE),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        *heads[name](),
        layers.Dense(CLASSES, "softmax"),
    ]
    return compiled(keras.Sequential(stack), keras.optimizers.Adam)
