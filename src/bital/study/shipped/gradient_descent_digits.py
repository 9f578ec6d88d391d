"""Gradient descent three ways on the handwritten digits."""

from functools import partial

from keras import optimizers

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import classifier
from bital.study.words import Language, Words

RATE = 0.03
EPOCHS = 20
MINI = 32
STEPS = 34  # of MINI rows an epoch, 1,079 rows being left to train on

QUESTION = Words(
    "After as many epochs, which gradient descent reads digits best: all rows in a step, some, "
    "or one?",
    "같은 에폭 뒤에 숫자를 가장 잘 읽는 경사 하강법은? 한 번에 모든 행, 일부, 한 행",
)
BATCH = Words("batch: all rows a step", "배치: 한 번에 모든 행")
BATCH_LONGER = Words(f"batch for {STEPS} times the epochs", f"배치로 에폭 {STEPS}배")
MINI_BATCH = Words(f"mini-batch: {MINI} rows", f"미니배치: {MINI}행")
STOCHASTIC = Words("stochastic: one row", "확률적(SGD): 한 행")


def design(language: Language) -> Design:
    """Return the study."""
    build = partial(classifier, (64,), optimizer=partial(optimizers.SGD, RATE))
    longer = STEPS * EPOCHS
    return Design(
        name="gradient-descent-digits",
        question=QUESTION(language),
        language=language,
        arms={
            "batch": Arm(build, BATCH(language), batch_size="all"),
            "batch_longer": Arm(build, BATCH_LONGER(language), batch_size="all", epochs=longer),
            "mini_batch": Arm(build, MINI_BATCH(language), batch_size=MINI),
            "stochastic": Arm(build, STOCHASTIC(language), batch_size=1),
        },
        data="digits",
        epochs=EPOCHS,
        metric="test_accuracy",
    )
