"""The arms that are to make equal steps do."""

from bital.study.deal import dealt
from bital.study.shipped import batch_sizes, gradient_descent_digits
from bital.study.table import table


def train_rows() -> int:
    design = batch_sizes.design("en")
    rows = table("digits")
    split = next(iter(dealt(design.splits, rows.to_deal(design.splits), (0,)).values()))
    return len(split.train)


def test_512_rows_longer_makes_as_many_steps_as_32() -> None:
    design = batch_sizes.design("en")
    rows = train_rows()
    longer = design.arm("rows_512_longer").epochs
    assert longer is not None
    assert abs(longer * -(-rows // 512) - design.epochs * -(-rows // 32)) < 3


def test_batches_for_longer_make_as_many_steps_as_mini_batches() -> None:
    design = gradient_descent_digits.design("en")
    steps = -(-train_rows() // gradient_descent_digits.MINI)
    assert design.arm("batch_longer").epochs == design.epochs * steps
