"""The rows of a study, dealt once for all arms."""

from bital.data.folding import folds
from bital.data.splitting import Rows, Split, deal
from bital.study.result import Unit
from bital.study.splits import Holdout, KFold


def dealt(splits: Holdout | KFold, rows: Rows, seeds: tuple[int, ...]) -> dict[Unit, Split]:
    """Return the split of every run, the same for all arms.

    Args:
        splits: the choices.
        rows: what is dealt.
        seeds: of the study.

    Raises:
        InvalidInput: rows that cannot be dealt so.
    """
    if isinstance(splits, Holdout):
        shares = splits.validation, splits.test
        if splits.fixed:
            one = deal(rows, 0, *shares)
            return {Unit(seed): one for seed in seeds}
        return {Unit(seed): deal(rows, seed, *shares) for seed in seeds}
    repeats = [folds(rows, splits.k, r, splits.validation) for r in range(splits.repeats)]
    return {
        Unit(seed, fold, repeat): split
        for seed in seeds
        for repeat, parts in enumerate(repeats)
        for fold, split in enumerate(parts)
    }
