"""Batch sizes, at equal epochs and at equal steps."""

from functools import partial

from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.shipped.classifier import classifier
from bital.study.words import Language, Words

EPOCHS = 20
SIZES = (8, 32, 128, 512)
# 1,079 rows being left to train on: 34 steps of 32 rows an epoch, 3 of 512.
LONGER = EPOCHS * 34 // 3

QUESTION = Words(
    "How many rows should a step have, given a number of epochs?",
    "에폭 수가 같다면 한 번에 몇 행씩 학습해야 하는가?",
)
LABEL = Words("{} rows a step", "배치 크기 {}")
LABEL_LONGER = Words("512 rows for as many steps as 32", "배치 크기 512로 32만큼 갱신")


def design(language: Language) -> Design:
    """Return the study."""
    build = partial(classifier, (128, 64))
    arms = {
        f"rows_{size}": Arm(build, LABEL(language).format(size), batch_size=size) for size in SIZES
    }
    arms["rows_512_longer"] = Arm(build, LABEL_LONGER(language), batch_size=512, epochs=LONGER)
    return Design(
        name="batch-sizes",
        question=QUESTION(language),
        language=language,
        arms=arms,
        data="digits",
        epochs=EPOCHS,
        metric="test_accuracy",
    )
