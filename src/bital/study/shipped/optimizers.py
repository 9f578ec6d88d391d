"""Optimizers, each at its own best learning rate and two at Keras's default."""

from functools import partial

from keras import optimizers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import classifier
from bital.study.words import Language, Words

# Of 0.001, 0.003, 0.01, 0.03, 0.1, 0.3 and 1 the one of the least mean validation loss, over seeds
# 100 to 104, which the study does not use.
SGD, MOMENTUM, ADAGRAD, RMSPROP, ADAM = 0.3, 0.03, 0.1, 0.001, 0.003
SGD_DEFAULT, ADAGRAD_DEFAULT = 0.01, 0.001

QUESTION = Words(
    "Which optimizer is best, when each has the learning rate that suits it?",
    "각자에게 맞는 학습률을 주면 어느 최적화 알고리즘이 가장 좋은가?",
)
DEFAULT = Words("{} at Keras's default {:g}", "{} (케라스 기본 학습률 {:g})")


def design(language: Language) -> Design:
    """Return the study."""
    ways = {
        "sgd": ("SGD", partial(optimizers.SGD, SGD)),
        "momentum": ("Momentum", partial(optimizers.SGD, MOMENTUM, momentum=0.9)),
        "adagrad": ("AdaGrad", partial(optimizers.Adagrad, ADAGRAD)),
        "rmsprop": ("RMSProp", partial(optimizers.RMSprop, RMSPROP)),
        "adam": ("Adam", partial(optimizers.Adam, ADAM)),
        "sgd_default": (
            DEFAULT(language).format("SGD", SGD_DEFAULT),
            partial(optimizers.SGD, SGD_DEFAULT),
        ),
        "adagrad_default": (
            DEFAULT(language).format("AdaGrad", ADAGRAD_DEFAULT),
            partial(optimizers.Adagrad, ADAGRAD_DEFAULT),
        ),
    }
    return Design(
        name="optimizers",
        question=QUESTION(language),
        language=language,
        arms={
            name: Arm(partial(classifier, (128, 64), optimizer=way), label)
            for name, (label, way) in ways.items()
        },
        data="digits",
        epochs=20,
        metric="test_accuracy",
    )
