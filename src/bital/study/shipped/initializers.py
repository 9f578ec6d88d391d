"""Initial weights of a deep network."""

from functools import partial

from keras import initializers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import classifier
from bital.study.words import Language, Words

HIDDEN = (64,) * 6

QUESTION = Words(
    "Initial weights of a network with six hidden layers: does it matter which?",
    "은닉층이 여섯인 신경망의 가중치 초기화: 어떤 것이든 상관없는가?",
)
LABELS = {
    "zeros": Words("all zero", "모두 0"),
    "normal_001": Words("normal (deviation 0.01)", "정규분포(표준편차 0.01)"),
    "normal_005": Words("normal (deviation 0.05)", "정규분포(표준편차 0.05)"),
    "normal_1": Words("normal (deviation 1)", "정규분포(표준편차 1)"),
    "glorot": Words("Glorot (Xavier) uniform", "Glorot(Xavier) 균등분포"),
    "he": Words("He normal", "He 정규분포"),
    "lecun": Words("LeCun normal", "LeCun 정규분포"),
    "orthogonal": Words("orthogonal", "직교 행렬"),
}


def design(language: Language) -> Design:
    """Return the study."""
    ways = {
        "zeros": initializers.Zeros,
        "normal_001": partial(initializers.RandomNormal, stddev=0.01),
        "normal_005": partial(initializers.RandomNormal, stddev=0.05),
        "normal_1": partial(initializers.RandomNormal, stddev=1.0),
        "glorot": initializers.GlorotUniform,
        "he": initializers.HeNormal,
        "lecun": initializers.LecunNormal,
        "orthogonal": initializers.Orthogonal,
    }
    return Design(
        name="initializers",
        question=QUESTION(language),
        language=language,
        arms={
            name: Arm(partial(classifier, HIDDEN, initializer=way), LABELS[name](language))
            for name, way in ways.items()
        },
        data="digits",
        epochs=20,
        metric="test_accuracy",
    )
