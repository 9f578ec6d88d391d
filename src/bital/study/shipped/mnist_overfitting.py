"""The notes' table: nine networks on MNIST, beside the figures of one run each."""

from functools import partial

import keras

from bital.models.network import network
from bital.models.recipe import RECIPES
from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.recipes import LABELS
from bital.study.shipped.classifier import CLASSES, compiled
from bital.study.splits import Holdout
from bital.study.words import Language, Words

PUBLISHED = {
    "original": 0.98220,
    "fewer_layers": 0.98260,
    "l2": 0.97950,
    "dropout": 0.98200,
    "batch_norm": 0.98140,
    "l2_dropout": 0.98460,
    "l2_batch_norm": 0.98020,
    "dropout_batch_norm": 0.98140,
    "cnn": 0.99150,
}
QUESTION = Words(
    "Which remedy for overfitting helps a network of 512 and 256 units on MNIST, and what could "
    "one run of each have said?",
    "MNIST를 배우는 512-256 신경망에는 어떤 과적합 처방이 도움이 되고, 한 번씩만 실행했다면 "
    "무엇을 알 수 있었는가?",
)


def design(language: Language) -> Design:
    """Return the study."""
    return Design(
        name="mnist-overfitting",
        question=QUESTION(language),
        language=language,
        arms={name: Arm(partial(model, name), LABELS[name](language)) for name in RECIPES},
        data="mnist",
        seeds=5,
        epochs=5,
        batch_size=128,
        metric="test_accuracy",
        splits=Holdout(validation=1 / 12),
        published=PUBLISHED,
    )


def model(name: str) -> keras.Model:
    """Return one row's network: the notes' layers, penalty and dropout rates, with Adam."""
    return compiled(network(RECIPES[name], (28, 28, 1), CLASSES, "softmax"), keras.optimizers.Adam)
