"""A study's file made into the design it describes."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

from bital import data
from bital.data.sources import own
from bital.errors import InvalidInput, UnknownName
from bital.models.recipe import RECIPES, Recipe
from bital.study.arm import Arm
from bital.study.defaults import completed
from bital.study.design import Design
from bital.study.recipes import compiled
from bital.study.recipes import design as variants
from bital.study.spec import StudySpec
from bital.study.splits import Holdout, KFold
from bital.workbench.callbacks import callbacks
from bital.workbench.given import Functions
from bital.workbench.studyfile import ArmTable, StudyFile
from bital.workbench.tables import read_toml
from bital.workbench.tuning import TuneFile

CHANGES = tuple(field.name for field in fields(Recipe) if field.name != "label")
"""what an arm may change of a recipe's network"""


def design_of(path: Path, allow_import: Sequence[str] = ()) -> Design:
    """Read a study.toml and what it names: data, functions, recipes.

    A study with functions is a program: the modules that it names run.

    Args:
        path: of the file.
        allow_import: installed packages whose functions the file may name; without them, only
            those of .py files in its folder.

    Raises:
        InvalidInput: it says what cannot be.
        MissingData: a dataset's files are not to be had.
    """
    file = read_toml(StudyFile, path, "study")
    functions = Functions(path.parent, tuple(allow_import))
    rows, groups = rows_of(file, functions)
    return Design(
        arms={name: _arm(f"{path.name}, arms.{name}", arm, rows, functions)
              for name, arm in file.arms.items()},
        data=rows,
        seeds=file.seeds,
        epochs=file.epochs,
        batch_size=file.batch_size,
        metric=file.metric,
        better=file.better,
        splits=read_splits(
            file.splits,
            validation=file.validation,
            test=file.test,
            stratify=file.stratify,
            groups=groups,
            fixed=file.fixed,
        ),
        baseline=file.baseline,
        margin=file.margin,
        level=file.level,
        name=file.name or path.stem,
        question=file.question,
        published=file.published,
        language=file.language,
        keep=file.keep,
    )  # fmt: skip


def design_of_variants(spec: StudySpec) -> Design:
    """Return the design of the built-in variants on a dataset.

    Raises:
        InvalidInput: a name, size or combination that cannot be.
        MissingData: the dataset's files are not to be had.
    """
    dataset = data.load(spec.dataset)
    return variants(completed(spec, dataset), dataset)


def changed(design: Design, *, splits: str | None = None, **changes: Any) -> Design:
    """Return a design with those of these changes that are not None.

    Raises:
        InvalidInput: a change that cannot be.
    """
    made = {name: value for name, value in changes.items() if value is not None}
    if splits is not None:
        old = design.splits
        made["splits"] = read_splits(splits, old.validation, None, old.stratify, old.groups)
    return replace(design, **made) if made else design


def read_splits(
    text: str,
    validation: float = 0.2,
    test: float | None = None,
    stratify: bool = True,
    groups: Any = None,
    fixed: bool | None = None,
) -> Holdout | KFold:
    """Make splits of how they are written: "holdout", "5-fold" or "3x5-fold".

    Raises:
        InvalidInput: another text, or `test` or `fixed` with folds.
    """
    if text == "holdout":
        share = 0.2 if test is None else test
        return Holdout(validation, share, stratify, groups, bool(fixed))
    found = re.fullmatch(r"(?:(\d+)x)?(\d+)-fold", text)
    if found is None:
        raise InvalidInput(f'splits must be "holdout", "5-fold" or "3x5-fold"; got {text!r}.')
    for name, value in (("test", test), ("fixed", fixed)):
        if value is not None:
            raise InvalidInput(
                f"{name} belongs to a holdout; {text} tests on each fold once. Leave it out."
            )
    repeats, k = found.groups()
    return KFold(int(k), int(repeats or 1), validation, stratify, groups)


def rows_of(file: StudyFile | TuneFile, functions: Functions) -> tuple[Any, Any]:
    """Return the rows that a file names, and each row's group.

    Raises:
        InvalidInput: a field that goes with other data.
        MissingData: a dataset's files are not to be had.
    """
    path = functions.folder / file.data
    if file.data.endswith(".csv"):
        return own.table(path, file.target, file.task, file.ignore, file.groups)
    for name in ("target", "ignore"):
        if getattr(file, name):
            raise InvalidInput(f"{name} belongs to data in a .csv file; data is {file.data!r}.")
    if file.image_size and not path.is_dir():
        raise InvalidInput(f"image_size belongs to a folder of images; data is {file.data!r}.")
    if file.data.endswith(".npz"):
        return own.arrays(path, file.task, file.groups)
    for name in ("task", "groups"):
        if getattr(file, name):
            raise InvalidInput(
                f"{name} belongs to data in a .csv or .npz file; data is {file.data!r}."
            )
    if file.data not in data.names() and (path.is_dir() or file.data.endswith("/")):
        return data.images(path, size_of(file.image_size)), None
    if ":" in file.data:
        return functions.named(file.data)(), None
    return data.load(file.data), None


def size_of(given: tuple[int, ...]) -> tuple[int, int] | None:
    """Return a height and a width; None where none are given.

    Raises:
        InvalidInput: other numbers.
    """
    if not given:
        return None
    if len(given) != 2 or min(given) < 1:
        raise InvalidInput(
            f"image_size must be a height and a width, as in [64, 64]; got {list(given)}."
        )
    return given[0], given[1]


def _arm(where: str, arm: ArmTable, rows: Any, functions: Functions) -> Arm:
    return Arm(
        build=_own(where, arm, functions) if arm.build else _recipe(where, arm, rows),
        label=arm.label,
        epochs=arm.epochs,
        batch_size=arm.batch_size,
        callbacks=callbacks(where, arm.callbacks, functions) if arm.callbacks else None,
        class_weight=_weights(where, arm.class_weight, rows),
        shuffle=arm.shuffle,
    )


def _own(where: str, arm: ArmTable, functions: Functions) -> Callable[[], Any]:
    plain = ArmTable()
    for name in ("recipe", *CHANGES, "optimizer", "learning_rate"):
        if getattr(arm, name) != getattr(plain, name):
            raise InvalidInput(
                f"{where}: {name} belongs to a recipe, and the arm has build. Pass it in "
                f"arguments, as in arguments = {{{name} = ...}}."
            )
    made = functions.named(arm.build)
    return partial(made, **arm.arguments) if arm.arguments else made


def _recipe(where: str, arm: ArmTable, rows: Any) -> Callable[[], Any]:
    if arm.arguments:
        raise InvalidInput(f"{where}: arguments belong to build, which is not given.")
    if arm.recipe not in RECIPES:
        raise UnknownName(f"recipe of {where}", arm.recipe, RECIPES)
    if not isinstance(rows, data.Dataset):
        raise InvalidInput(
            f"{where}: a recipe is sized to a dataset, and data is arrays. Return a "
            "bital.data.Dataset, or give the arm a function to build."
        )
    changes = {name: getattr(arm, name) for name in CHANGES if getattr(arm, name) is not None}
    recipe = replace(RECIPES[arm.recipe], **changes)
    if recipe.convolution and not rows.image:
        raise InvalidInput(f"{where}: a convolution needs images, and {rows.name} is a table.")
    classes = len(rows.classes) if rows.task == "classification" else None
    shape, optimizer = rows.x.shape[1:], arm.optimizer or "adam"
    return partial(compiled, asdict(recipe), shape, classes, optimizer, arm.learning_rate)


def _weights(where: str, given: Mapping[str, float] | None, rows: Any) -> dict[int, float] | None:
    if given is None:
        return None
    classes = len(rows.classes) if isinstance(rows, data.Dataset) else None
    known = all(
        name.isascii() and name.isdecimal() and (classes is None or int(name) < classes)
        for name in given
    )
    if not known or not all(weight >= 0 for weight in given.values()):
        most = "" if classes is None else f" from 0 to {classes - 1}"
        said = ", ".join(f'"{name}" = {weight}' for name, weight in given.items())
        raise InvalidInput(
            f"{where}: class_weight must have class indices{most} as keys and weights of at least "
            f'0, as in {{"0" = 1.0}}; got {said}.'
        )
    return {int(name): weight for name, weight in given.items()}
