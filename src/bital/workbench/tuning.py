"""A search's file, and the search on a dataset by name, made into searches. Loads no Keras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal

from bital.errors import InvalidInput
from bital.study.search.space import Choice, Real, Setting, Whole
from bital.study.search.spec import Effort, Search
from bital.workbench.tables import read_toml


@dataclass(frozen=True)
class SpaceTable:
    """What one setting may be: `values`, or `low` and `high`.

    The docstrings below the attributes are also the command line's help.
    """

    values: tuple[Any, ...] = ()
    """one of these"""

    low: int | float | None = None
    """the least; whole numbers where both ends are"""

    high: int | float | None = None
    """the most"""

    step: int | None = None
    """of whole numbers: distance between candidates"""

    log: bool = False
    """whether each factor is as likely, as for a learning rate"""


@dataclass(frozen=True)
class TuneFile(Effort):
    """One search; also every field of `Effort`.

    The docstrings below the attributes are also the command line's help.
    """

    data: str
    """as in a study's file: a dataset's name, "points.csv", "arrays.npz", "photos/" or
    "data.py:load" """

    build: str
    """a function from settings, by keyword, to a new compiled model: "models.py:cnn" """

    space: Mapping[str, SpaceTable]
    """what to choose: a table [space.NAME] each; batch_size is not given to `build`"""

    start: Mapping[str, Any] = field(default_factory=dict)
    """settings to try first, and to compare the winner with in the end; none or all of them"""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    """what else `build` is called with, by name"""

    name: str = ""
    """what reports and the store call it; the file's name when left out"""

    question: str = ""
    """what it is to answer, for reports"""

    target: str = ""
    """of a .csv: the column to predict"""

    task: Literal["", "classification", "regression"] = ""
    """of a .csv or .npz: what is predicted"""

    ignore: tuple[str, ...] = ()
    """of a .csv: columns to leave out"""

    image_size: tuple[int, ...] = ()
    """of a folder of images: [height, width] to bring them to; their own, if it is one, when left
    out"""

    groups: str = ""
    """of a .csv or .npz: the column or array whose equal values stay together in one part"""


def search_of(path: Path, changes: Mapping[str, Any], allow_import: Sequence[str] = ()) -> Search:
    """Read a search's file and what it names.

    Args:
        path: of the file.
        changes: settings that count before the file's.
        allow_import: as of `design_of`.

    Raises:
        InvalidInput: it says what cannot be.
        MissingData: a dataset's files are not to be had.
    """
    file = read_toml(TuneFile, path, "search")
    from bital.workbench.designed import rows_of
    from bital.workbench.given import Functions

    functions = Functions(path.parent, tuple(allow_import))
    rows, groups = rows_of(file, functions)
    build = functions.named(file.build)
    given = {each.name: getattr(file, each.name) for each in fields(Effort)}
    return Search(
        build=partial(build, **file.arguments) if file.arguments else build,
        space={name: _setting(name, each) for name, each in file.space.items()},
        data=rows,
        start=file.start,
        groups=groups,
        name=file.name or path.stem,
        question=file.question,
        **given | dict(changes),
    )


def search_on(dataset: str, changes: Mapping[str, Any]) -> Search:
    """Return the built-in search: the size, remedies and optimizer of a network on a dataset.

    Raises:
        MissingData: the dataset's files are not to be had.
    """
    from bital import data
    from bital.study.defaults import FOLDER, TRAINING
    from bital.study.recipes import searched

    rows = data.load(dataset)
    classes = len(rows.classes) if rows.task == "classification" else None
    usual: dict[str, Any] = {
        "epochs": TRAINING.get(dataset, FOLDER).epochs,
        "metric": "val_accuracy" if classes else "val_mae",
    }
    return Search(
        build=partial(searched, shape=rows.x.shape[1:], classes=classes),
        space={
            "layers": Whole(1, 3),
            "units": Choice((16, 32, 64, 128, 256)),
            "activation": Choice(("relu", "elu", "tanh")),
            "dropout": Choice((0.0, 0.1, 0.2, 0.3, 0.4, 0.5)),
            "l2": Choice((0.0, 1e-5, 1e-4, 1e-3)),
            "batch_norm": Choice((False, True)),
            "optimizer": Choice(("adam", "sgd", "rmsprop")),
            "learning_rate": Real(1e-4, 1e-1, log=True),
            "batch_size": Choice((16, 32, 64, 128)),
        },
        data=rows,
        start={
            "layers": 2,
            "units": 128,
            "activation": "relu",
            "dropout": 0.0,
            "l2": 0.0,
            "batch_norm": False,
            "optimizer": "adam",
            "learning_rate": 1e-3,
            "batch_size": 32,
        },
        name=f"{dataset}-tune",
        **usual | dict(changes),
    )


def _setting(name: str, table: SpaceTable) -> Setting:
    if table.values:
        if table != SpaceTable(values=table.values):
            raise InvalidInput(f"space.{name}: values go alone, without a range.")
        return Choice(table.values)
    low, high = table.low, table.high
    if low is None or high is None:
        raise InvalidInput(f"space.{name} must have values, or low and high.")
    if isinstance(low, int) and isinstance(high, int):
        return Whole(low, high, 1 if table.step is None else table.step, table.log)
    if table.step is not None:
        raise InvalidInput(f"space.{name}: a step belongs to whole numbers; low is {low}.")
    return Real(low, high, table.log)
