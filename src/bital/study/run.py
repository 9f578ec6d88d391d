"""A study: every variant with every seed on the same splits."""

import platform
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from importlib.metadata import version

import keras
import numpy as np

from bital import data
from bital.engine.cache import persist_compilation
from bital.engine.fit_replicas import Trainer, prepare_replicas
from bital.engine.pace import cores
from bital.engine.replicas import ReplicaData, Replicas
from bital.errors import UnknownName
from bital.models.backend import require_jax
from bital.models.network import multiply_adds, network
from bital.models.recipe import RECIPES
from bital.study.compare import verdict
from bital.study.defaults import completed
from bital.study.estimate import Estimate, Listener
from bital.study.result import Column, DataCard, StudyResult, VariantResult
from bital.study.spec import StudySpec

VALIDATION_BATCH = 2048  # rows; metrics do not depend on it, one batch is one body to compile

CLASSIFICATION = (
    Column("train_loss", "train loss", "lower"),
    Column("validation_loss", "validation loss", "lower"),
    Column("test_loss", "test loss", "lower"),
    Column("test_accuracy", "test accuracy", "higher"),
)
REGRESSION = (
    Column("train_mse", "train MSE", "lower"),
    Column("validation_mse", "validation MSE", "lower"),
    Column("test_mse", "test MSE", "lower"),
    Column("test_mae", "test MAE", "lower"),
)


def run_study(
    spec: StudySpec, listener: Listener = lambda moment: None, started: float | None = None
) -> StudyResult:
    """Carry out a study.

    Seed s gives every variant the same split, the same batch order and the same stream of initial
    randomness. Selection plays no part: each run trains for all its epochs, and the test rows are
    looked at once, at the end.

    Args:
        spec: what to compare.
        listener: told of progress.
        started: `time.perf_counter()` when the user's command began; now when left out.

    Returns:
        The result; after Ctrl-C, that of the variants finished by then, marked as interrupted.

    Raises:
        InvalidInput: a name, size or combination that cannot be.
        MissingData: the dataset's files are not to be had.
        WrongBackend: Keras does not run on JAX.
        KeyboardInterrupt: before the first variant has finished.
    """
    started = time.perf_counter() if started is None else started
    require_jax()
    persist_compilation()  # before the first weights are drawn, which compiles too
    _optimizer(spec.optimizer)  # before data is read
    dataset = data.load(spec.dataset)
    spec = completed(spec, dataset)
    study = _Study(spec, dataset)
    estimate = study.estimate(listener)
    variants: list[VariantResult] = []
    interrupted = False
    # Compiling one program keeps one core busy, so the variants' compile side by side.
    compiling = ThreadPoolExecutor(cores())
    try:
        trainers = []
        for index, name in enumerate(spec.variants):
            estimate.prepare(index)
            trainers.append(study.prepare(name, compiling))
        for index, (name, train) in enumerate(zip(spec.variants, trainers, strict=True)):
            estimate.begin(index)
            variants.append(study.variant(name, train(spec.epochs or 0, estimate.steps)))
    except KeyboardInterrupt:
        if not variants:
            raise
        interrupted = True
    finally:
        compiling.shutdown(wait=False, cancel_futures=True)
    return StudyResult(
        spec=spec,
        data=study.card(),
        seeds=study.seeds,
        columns=study.columns,
        variants=tuple(variants),
        verdict=verdict(study.columns[-1], variants),
        seconds=time.perf_counter() - started,
        environment=environment(),
        interrupted=interrupted,
    )


class _Study:
    """The data of a study, split once per seed, and how to train one variant on it."""

    def __init__(self, spec: StudySpec, dataset: data.Dataset) -> None:
        self._spec, self._dataset = spec, dataset
        self.seeds = tuple(range(spec.seeds))
        self._splits = [data.split(dataset, seed) for seed in self.seeds]
        self._classifies = dataset.task == "classification"
        self.columns = CLASSIFICATION if self._classifies else REGRESSION
        own = dataset.scaling == "standard"  # by each seed's training rows
        splits = self._splits if own else self._splits[:1]
        x = np.stack([data.scaled(dataset, split.train) for split in splits])
        y = np.stack([dataset.y for _ in splits])
        if not self._classifies:
            # Raw targets far from 0 would take every network most of its training to reach, and
            # those that keep their activations small, by batch normalization, the longest.
            self._center = np.array([dataset.y[s.train].mean() for s in splits], np.float32)
            self._spread = np.array([dataset.y[s.train].std() for s in splits], np.float32)
            y = (y - self._center[:, None]) / self._spread[:, None]
        rows = (x, y) if own else (x[0], y[0])
        self._data = ReplicaData(
            rows=rows,
            held_out=rows,
            train=np.stack([s.train for s in self._splits]),
            validation=np.stack([s.validation for s in self._splits]),
            own=own,
        )

    def estimate(self, listener: Listener) -> Estimate:
        """Return what to expect of the variants, from models built and thrown away."""
        assert self._spec.epochs is not None
        assert self._spec.batch_size is not None
        rows = self._data.train_rows * self._spec.epochs
        steps = -(-self._data.train_rows // self._spec.batch_size) * self._spec.epochs
        names = self._spec.variants
        work = [multiply_adds(self._network(name)) * rows // steps for name in names]
        labels = [RECIPES[name].label for name in names]
        return Estimate(labels, steps * len(self.seeds), work, listener)

    def prepare(self, name: str, compiling: Executor) -> Trainer:
        """Build one variant for every seed and start to compile it."""
        assert self._spec.batch_size is not None
        return prepare_replicas(
            lambda: self._compiled(name),
            self.seeds,
            self._data,
            batch_size=self._spec.batch_size,
            validation_batch_size=VALIDATION_BATCH,
            compiling=compiling,
        )

    def variant(self, name: str, replicas: Replicas) -> VariantResult:
        """Measure one trained variant."""
        assert replicas.outputs is not None
        logs = [history.history for history in replicas.history]
        curves = {key: np.array([each[key] for each in logs]) for key in logs[0]}
        return VariantResult(
            name=name,
            label=RECIPES[name].label,
            parameters=replicas.structure.count_params(),
            scores=self._scores(replicas.outputs),
            curves=self._curves(curves),
            train_seconds=replicas.train_seconds,
            compile_seconds=replicas.compile_seconds,
            packed=replicas.packed,
        )

    def card(self) -> DataCard:
        """Return what the study was run on."""
        first = self._splits[0]
        return DataCard(
            name=self._dataset.name,
            task=self._dataset.task,
            source=self._dataset.source,
            fingerprint=self._dataset.fingerprint,
            shape=self._dataset.x.shape[1:],
            classes=self._dataset.classes,
            rows={
                "train": len(first.train),
                "validation": len(first.validation),
                "test": len(first.test),
            },
        )

    def _network(self, name: str) -> keras.Model:
        outputs = len(self._dataset.classes) if self._classifies else 1
        activation = "softmax" if self._classifies else "linear"
        return network(RECIPES[name], self._dataset.x.shape[1:], outputs, activation)

    def _compiled(self, name: str) -> keras.Model:
        model = self._network(name)
        rate = self._spec.learning_rate
        settings = {} if rate is None else {"learning_rate": rate}
        optimizer = _optimizer(self._spec.optimizer)(**settings)
        metrics = keras.metrics
        if self._classifies:
            own = [metrics.SparseCategoricalCrossentropy(name="crossentropy"), "accuracy"]
            model.compile(optimizer, "sparse_categorical_crossentropy", metrics=own)
        else:
            own = [metrics.MeanSquaredError(name="mse"), metrics.MeanAbsoluteError(name="mae")]
            model.compile(optimizer, "mean_squared_error", metrics=own)
        return model

    def _curves(self, history: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Return the history, a regression's errors in the target's units."""
        if self._classifies:
            return history
        power = {"loss": 2, "mse": 2, "mae": 1}
        return {
            key: values * self._spread[:, None] ** power[key.removeprefix("val_")]
            for key, values in history.items()
        }

    def _scores(self, outputs: np.ndarray) -> dict[str, np.ndarray]:
        """Measure the trained copies as they predict: dropout off, no penalty in the loss."""
        y = self._dataset.y
        if self._classifies:
            labels = np.broadcast_to(y, outputs.shape[:2])
            loss = keras.losses.sparse_categorical_crossentropy(labels, outputs)
            first, last = np.asarray(loss), (outputs.argmax(-1) == y).astype(np.float32)
            last = np.where(np.isfinite(first), last, np.nan)  # argmax of NaN is no answer
        else:
            predicted = outputs[..., 0] * self._spread[:, None] + self._center[:, None]
            error = predicted - y
            first, last = error**2, np.abs(error)
        scores = {}
        for column in self.columns:
            part, _, _ = column.key.partition("_")
            values = last if column is self.columns[-1] else first
            scores[column.key] = np.array(
                [
                    values[seed, getattr(split, part)].mean(dtype=np.float64)
                    for seed, split in enumerate(self._splits)
                ]
            )
        return scores


def environment() -> dict[str, str]:
    """Return what a result depends on besides its spec: versions, processor, cores."""
    return {
        "bital": version("bital"),
        "keras": version("keras"),
        "jax": version("jax"),
        "numpy": version("numpy"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(cores()),
    }


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
