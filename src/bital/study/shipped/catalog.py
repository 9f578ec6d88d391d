"""The shipped studies by name. Loads neither Keras nor JAX."""

from importlib import import_module

from bital.errors import UnknownName
from bital.study.design import Design
from bital.study.words import Language, Words

TITLES = {
    "mnist-overfitting": Words(
        "nine remedies for overfitting on MNIST, beside the notes' single runs",
        "MNIST에서 과적합 처방 아홉 가지, 강의 노트의 한 번씩 실행한 값과 나란히",
    ),
    "gradient-descent": Words(
        "batch, mini-batch and stochastic gradient descent on y = 2x + 1",
        "y = 2x + 1에서 배치, 미니배치, 확률적 경사 하강법",
    ),
    "gradient-descent-digits": Words(
        "the same three ways on handwritten digits", "손글씨 숫자에서 같은 세 가지 방법"
    ),
    "optimizers": Words(
        "SGD, Momentum, AdaGrad, RMSProp and Adam, each at its own best learning rate",
        "SGD, Momentum, AdaGrad, RMSProp, Adam을 각자 가장 좋은 학습률로",
    ),
    "initializers": Words("initial weights: does it matter?", "가중치 초기화: 정말 중요한가?"),
    "activations": Words(
        "sigmoid, tanh and ReLU, shallow and deep: the vanishing gradient",
        "sigmoid, tanh, ReLU를 얕게 그리고 깊게: 기울기 소실",
    ),
    "batch-sizes": Words(
        "batch sizes from 8 to 512, at equal epochs and at equal steps",
        "배치 크기 8에서 512까지, 같은 에폭과 같은 갱신 횟수로",
    ),
    "pooling": Words("global average pooling against Flatten", "전역 평균 풀링(GAP)과 Flatten"),
    "augmentation": Words(
        "data augmentation on and off, and one that harms",
        "데이터 증강을 켜고 끄기, 그리고 해로운 증강",
    ),
}


def shipped(name: str, language: Language = "en") -> Design:
    """Return a shipped study's design, at its default size.

    Args:
        name: one of `TITLES`.
        language: of its question and labels.

    Raises:
        UnknownName: no shipped study has that name, or there is no such language.
    """
    if name not in TITLES:
        raise UnknownName("study", name, TITLES)
    module = import_module(f"bital.study.shipped.{name.replace('-', '_')}")
    design: Design = module.design(language)
    return design
