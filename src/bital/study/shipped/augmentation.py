"""Augmentation layers in front of the same convolutional network, on a little of MNIST."""

from dataclasses import replace
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers

from bital import data
from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import CLASSES, compiled
from bital.study.words import Language, Words

ROWS, TEST_ROWS = 1250, 2000  # the first of MNIST's training and test rows

QUESTION = Words(
    "With 1,000 images to learn from: do random shifts, turns and mirror images make a better "
    "reader of digits?",
    "학습할 이미지가 1,000장뿐일 때 무작위로 옮기고 돌리고 뒤집으면 숫자를 더 잘 읽는가?",
)
LABELS = {
    "off": Words("no augmentation", "증강 없음"),
    "shift": Words("shifted by up to 10 %", "10 %까지 이동"),
    "turn": Words("turned by up to 11 degrees", "11도까지 회전"),
    "shift_turn": Words("shifted and turned", "이동과 회전"),
    "mirror": Words("mirrored at random", "무작위 좌우 뒤집기"),
}


def design(language: Language) -> Design:
    """Return the study."""
    return Design(
        name="augmentation",
        question=QUESTION(language),
        language=language,
        arms={name: Arm(partial(model, name), LABELS[name](language)) for name in LABELS},
        data=few(),
        seeds=5,
        baseline="off",
        epochs=30,
        metric="test_accuracy",
    )


def few() -> data.Dataset:
    """Return a little of MNIST."""
    mnist = data.load("mnist")
    assert mnist.test_rows is not None
    test = mnist.test_rows[:TEST_ROWS]
    train = np.setdiff1d(np.arange(len(mnist.x)), mnist.test_rows)[:ROWS]
    rows = np.concatenate([train, test])
    return replace(
        mnist,
        name="mnist (part)",
        x=mnist.x[rows],
        y=mnist.y[rows],
        test_rows=np.arange(ROWS, ROWS + TEST_ROWS, dtype=np.int32),
        source=f"{mnist.source}; its first {ROWS:,} training and {TEST_ROWS:,} test rows",
    )


def model(name: str) -> keras.Model:
    """Return the network of one arm."""
    before: list[Any] = []
    if name in ("shift", "shift_turn"):
        before.append(layers.RandomTranslation(0.1, 0.1, fill_mode="constant"))
    if name in ("turn", "shift_turn"):
        before.append(layers.RandomRotation(0.03, fill_mode="constant"))
    if name == "mirror":
        before.append(layers.RandomFlip("horizontal"))
    for layer in before:
        layer.supports_jit = True  # Keras says no, for a TensorFlow compiler's sake; JAX's can
    stack = [
        layers.Input((28, 28, 1)),
        *before,
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(64, "relu"),
        layers.Dense(CLASSES, "softmax"),
    ]
    return compiled(keras.Sequential(stack), keras.optimizers.Adam)
