"""The built-in study: networks by recipe on a dataset by name."""

import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

import keras

from bital import data
from bital.errors import UnknownName
from bital.models.backend import require_jax
from bital.models.network import network
from bital.models.recipe import RECIPES, Recipe
from bital.study.arm import Arm, Builder
from bital.study.columns import label
from bital.study.defaults import completed
from bital.study.design import PARTS, Design
from bital.study.estimate import Listener
from bital.study.result import Column, StudyResult
from bital.study.run import run_design
from bital.study.shelf import Shelf
from bital.study.spec import StudySpec
from bital.study.words import Language, Words
from bital.study.workers import Processes

LABELS = {
    "original": Words(RECIPES["original"].label, "원래 DNN"),
    "fewer_layers": Words(RECIPES["fewer_layers"].label, "은닉층 하나 제거"),
    "l2": Words(RECIPES["l2"].label, "L2 규제"),
    "dropout": Words(RECIPES["dropout"].label, "드롭아웃"),
    "batch_norm": Words(RECIPES["batch_norm"].label, "배치 정규화(BN)"),
    "l2_dropout": Words(RECIPES["l2_dropout"].label, "L2 + 드롭아웃"),
    "l2_batch_norm": Words(RECIPES["l2_batch_norm"].label, "L2 + BN"),
    "dropout_batch_norm": Words(RECIPES["dropout_batch_norm"].label, "드롭아웃 + BN"),
    "cnn": Words(RECIPES["cnn"].label, "CNN + DNN"),
}


def run_study(
    spec: StudySpec,
    listener: Listener = lambda moment: None,
    started: float | None = None,
    shelf: Shelf | None = None,
    workers: Processes = None,
    time_budget: str | float | None = None,
) -> StudyResult:
    """Carry out the study that a command line describes; see `bital.study.run.run_design`.

    Args:
        spec: what to compare.
        listener: told of progress.
        started: `time.perf_counter()` when the user's command began; now when left out.
        shelf: where runs are kept; None keeps none.
        workers: processes to train in; 1 for this one alone, None for what is faster, "ray" for
            a Ray cluster's.
        time_budget: seconds, or a time such as "10m"; None: every seed for every variant.

    Raises:
        InvalidInput: a name, size or combination that cannot be.
        MissingData: the dataset's files are not to be had.
        WrongBackend: Keras does not run on JAX.
        KeyboardInterrupt: before the first variant has finished.
    """
    started = time.perf_counter() if started is None else started
    require_jax()
    _optimizer(spec.optimizer)  # before data is read
    dataset = data.load(spec.dataset)
    spec = completed(spec, dataset)
    asked = design(spec, dataset)
    result = run_design(
        asked,
        shelf=shelf,
        listener=listener,
        workers=workers,
        time_budget=time_budget,
        started=started,
    )
    return replace(result, spec=spec, columns=columns(dataset.task, spec.language))


def columns(task: str, language: Language) -> tuple[Column, ...]:
    """Return what the table shows: losses without penalties, then what is compared."""
    if task == "classification":
        measure, shown = "crossentropy", "loss"
        last = Column("test_accuracy", label("test_accuracy", language), "higher")
    else:
        measure = shown = "mse"
        last = Column("test_mae", label("test_mae", language), "lower")
    errors = (
        Column(f"{part}_{measure}", label(f"{part}_{shown}", language), "lower") for part in PARTS
    )
    return (*errors, last)


def design(spec: StudySpec, dataset: data.Dataset) -> Design:
    """Return the design of a completed spec: each variant is an arm."""
    assert spec.epochs is not None
    assert spec.batch_size is not None
    classifies = dataset.task == "classification"
    return Design(
        arms={
            name: Arm(_builder(spec, name, dataset), label=LABELS[name](spec.language))
            for name in spec.variants
        },
        data=dataset,
        seeds=spec.seeds,
        epochs=spec.epochs,
        batch_size=spec.batch_size,
        metric="test_accuracy" if classifies else "test_mae",
        baseline=spec.baseline,
        margin=spec.margin,
        name=spec.dataset,
        language=spec.language,
        keep=spec.keep,
    )


def _builder(spec: StudySpec, name: str, dataset: data.Dataset) -> Builder:
    classes = len(dataset.classes) if dataset.task == "classification" else None
    shape = dataset.x.shape[1:]
    recipe = asdict(RECIPES[name])
    return partial(compiled, recipe, shape, classes, spec.optimizer, spec.learning_rate)


def compiled(
    recipe: Mapping[str, Any],
    shape: tuple[int, ...],
    classes: int | None,
    optimizer: str,
    learning_rate: float | None = None,
) -> keras.Model:
    """Return a recipe's compiled network.

    Args:
        recipe: the fields of a `Recipe`, as plain values that the store can tell apart.
        shape: of one row.
        classes: how many; None for a regression.
        optimizer: any Keras optimizer by name.
        learning_rate: the optimizer's own when None.
    """
    last = "linear" if classes is None else "softmax"
    model = network(Recipe(**recipe), shape, classes or 1, last)
    settings = {} if learning_rate is None else {"learning_rate": learning_rate}
    steps, metrics = _optimizer(optimizer)(**settings), keras.metrics
    if classes is None:
        own = [metrics.MeanSquaredError(name="mse"), metrics.MeanAbsoluteError(name="mae")]
        model.compile(steps, "mean_squared_error", metrics=own)
    else:
        own = [metrics.SparseCategoricalCrossentropy(name="crossentropy"), "accuracy"]
        model.compile(steps, "sparse_categorical_crossentropy", metrics=own)
    return model


def searched(
    *,
    shape: tuple[int, ...],
    classes: int | None,
    layers: int,
    units: int,
    activation: str,
    dropout: float,
    l2: float,
    batch_norm: bool,
    optimizer: str,
    learning_rate: float,
) -> keras.Model:
    """Return the compiled network of a search's settings: `layers` hidden ones of `units` each."""
    recipe = Recipe(
        "searched",
        units=(units,) * layers,
        activation=activation,
        l2=l2,
        dropout=(dropout,) if dropout else (),
        batch_norm=batch_norm,
    )
    return compiled(asdict(recipe), shape, classes, optimizer, learning_rate)


def _optimizer(name: str) -> type[keras.optimizers.Optimizer]:
    """Return Keras's optimizer of this name, in any case; a learning rate is all it may need."""
    known = {
        key.lower(): value
        for key, value in vars(keras.optimizers).items()
        if isinstance(value, type) and issubclass(value, keras.optimizers.Optimizer)
    }
    for wrapper in ("optimizer", "lossscaleoptimizer", "multioptimizer"):
        known.pop(wrapper, None)
    if name.lower() not in known:
        raise UnknownName("optimizer", name, known)
    return known[name.lower()]
