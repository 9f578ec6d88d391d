"""Gradient descent three ways on y = 2x + 1."""

import keras
import numpy as np
from keras import layers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.words import Language, Words

ROWS, NOISE = 250, 0.1
RATE = 0.03
EPOCHS = 20
MINI = 15  # rows; ten steps an epoch, 150 rows being left to train on

QUESTION = Words(
    "After as many epochs, which gradient descent has found y = 2x + 1: all rows in a step, "
    "some, or one?",
    "같은 에폭 뒤에 y = 2x + 1을 찾은 경사 하강법은? 한 번에 모든 행, 일부, 한 행",
)
BATCH = Words("batch: all rows a step", "배치: 한 번에 모든 행")
BATCH_LONGER = Words("batch for ten times the epochs", "배치로 에폭 열 배")
MINI_BATCH = Words("mini-batch: 15 rows", "미니배치: 15행")
STOCHASTIC = Words("stochastic: one row", "확률적(SGD): 한 행")


def design(language: Language) -> Design:
    """Return the study."""
    return Design(
        name="gradient-descent",
        question=QUESTION(language),
        language=language,
        arms={
            "batch": Arm(line, BATCH(language), batch_size="all"),
            "batch_longer": Arm(line, BATCH_LONGER(language), batch_size="all", epochs=10 * EPOCHS),
            "mini_batch": Arm(line, MINI_BATCH(language), batch_size=MINI),
            "stochastic": Arm(line, STOCHASTIC(language), batch_size=1),
        },
        data=points(),
        epochs=EPOCHS,
        metric="test_loss",
    )


def line() -> keras.Model:
    """Return one unit that starts as y = 0; weight and bias are to be found."""
    model = keras.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(keras.optimizers.SGD(RATE), "mean_squared_error")
    return model


def points() -> tuple[np.ndarray, np.ndarray]:
    """Return x from -1 to 1 and y = 2x + 1 with a little noise."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (ROWS, 1)).astype(np.float32)
    y = 2 * x[:, 0] + 1 + random.normal(0, NOISE, ROWS)
    return x, y.astype(np.float32)
