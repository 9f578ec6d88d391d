"""Losses and metrics by the labels they read, and the last layer that fits them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fuzz.call import Call, Code, call
from fuzz.chance import Chance

Draw = Callable[[Chance], Call]


def _plain(group: str, name: str, **choices: Any) -> Draw:
    return lambda r: call(f"{group}.{name}", r.some(0.3, **choices))


@dataclass(frozen=True)
class Kind:
    """Labels of one kind."""

    labels: Callable[[tuple[int, ...]], str]
    """from an output's shape without rows to the code that draws n rows with `rng`"""
    heads: tuple[str, ...]
    """activations that an output may have"""
    units: Callable[[Chance], int]
    """size of an output's last axis"""
    losses: dict[str, Draw]
    metrics: dict[str, Draw]


def _shape(shape: tuple[int, ...]) -> str:
    return "(n, " + "".join(f"{size}, " for size in shape).strip() + ")"


def _classes(shape: tuple[int, ...]) -> str:
    return f"rng.integers(0, {shape[-1]}, {_shape(shape[:-1])}).astype('int32')"


def _one_hot(shape: tuple[int, ...]) -> str:
    return f"np.eye({shape[-1]}, dtype='float32')[{_classes(shape)}]"


_OVER_CLASSES = {"label_smoothing": [0.1]}
_REDUCTIONS = {"reduction": ["sum", "sum_over_batch_size", "mean_with_sample_weight"]}

KINDS: dict[str, Kind] = {
    "classes": Kind(
        _classes,
        ("softmax",),
        lambda r: r.randint(2, 4),
        {
            "SparseCategoricalCrossentropy": _plain(
                "losses", "SparseCategoricalCrossentropy", **_REDUCTIONS
            ),
        },
        {
            "SparseCategoricalAccuracy": _plain("metrics", "SparseCategoricalAccuracy"),
            "SparseCategoricalCrossentropy": _plain("metrics", "SparseCategoricalCrossentropy"),
            "SparseTopKCategoricalAccuracy": lambda r: call(
                "metrics.SparseTopKCategoricalAccuracy", k=2
            ),
            "MeanMetricWrapper": lambda r: call(
                "metrics.MeanMetricWrapper",
                fn=Code("keras.metrics.sparse_categorical_accuracy"),
                name="wrapped",
            ),
        },
    ),
    "logits": Kind(
        _classes,
        ("linear",),
        lambda r: r.randint(2, 4),
        {
            "SparseCategoricalCrossentropy": lambda r: call(
                "losses.SparseCategoricalCrossentropy", from_logits=True
            ),
        },
        {"SparseCategoricalAccuracy": _plain("metrics", "SparseCategoricalAccuracy")},
    ),
    "embedded": Kind(
        lambda shape: "rng.integers(0, 3, (n,)).astype('int32')",
        ("normalized",),
        lambda r: r.randint(2, 4),
        {"Circle": lambda r: call("losses.Circle", r.some(0.4, gamma=[8.0], margin=[0.3]))},
        {},
    ),
    "one_hot": Kind(
        _one_hot,
        ("softmax",),
        lambda r: r.randint(2, 4),
        {
            "CategoricalCrossentropy": _plain(
                "losses", "CategoricalCrossentropy", **_OVER_CLASSES, **_REDUCTIONS
            ),
            "CategoricalFocalCrossentropy": _plain(
                "losses", "CategoricalFocalCrossentropy", gamma=[1.0], alpha=[0.5], **_OVER_CLASSES
            ),
            "CategoricalGeneralizedCrossEntropy": _plain(
                "losses", "CategoricalGeneralizedCrossEntropy", q=[0.3]
            ),
            "CategoricalHinge": _plain("losses", "CategoricalHinge", **_REDUCTIONS),
            "KLDivergence": _plain("losses", "KLDivergence", **_REDUCTIONS),
            "CosineSimilarity": _plain("losses", "CosineSimilarity", **_REDUCTIONS),
        },
        {
            "CategoricalAccuracy": _plain("metrics", "CategoricalAccuracy"),
            "CategoricalCrossentropy": _plain(
                "metrics", "CategoricalCrossentropy", **_OVER_CLASSES
            ),
            "CategoricalHinge": _plain("metrics", "CategoricalHinge"),
            "KLDivergence": _plain("metrics", "KLDivergence"),
            "TopKCategoricalAccuracy": lambda r: call("metrics.TopKCategoricalAccuracy", k=2),
            "F1Score": lambda r: call(
                "metrics.F1Score", average=r.choice(["macro", "micro", "weighted"])
            ),
            "FBetaScore": lambda r: call(
                "metrics.FBetaScore", r.some(0.5, threshold=[0.4]), average="macro", beta=2.0
            ),
            "Precision": _plain("metrics", "Precision", top_k=[1], class_id=[1], thresholds=[0.3]),
            "Recall": _plain("metrics", "Recall", top_k=[1], class_id=[0], thresholds=[0.3]),
            "OneHotIoU": lambda r: call(
                "metrics.OneHotIoU", num_classes=4, target_class_ids=[0, 1]
            ),
            "OneHotMeanIoU": lambda r: call("metrics.OneHotMeanIoU", num_classes=4),
        },
    ),
    "binary": Kind(
        lambda shape: f"rng.integers(0, 2, {_shape(shape)}).astype('float32')",
        ("sigmoid",),
        lambda r: r.randint(1, 3),
        {
            "BinaryCrossentropy": _plain(
                "losses", "BinaryCrossentropy", **_OVER_CLASSES, **_REDUCTIONS
            ),
            "BinaryFocalCrossentropy": _plain(
                "losses",
                "BinaryFocalCrossentropy",
                apply_class_balancing=[True],
                gamma=[1.0],
                **_OVER_CLASSES,
            ),
            "Dice": _plain("losses", "Dice"),
            "Tversky": _plain("losses", "Tversky", alpha=[0.3], beta=[0.7]),
        },
        {
            "BinaryAccuracy": _plain("metrics", "BinaryAccuracy", threshold=[0.3]),
            "BinaryCrossentropy": _plain("metrics", "BinaryCrossentropy"),
            "AUC": _plain(
                "metrics", "AUC", curve=["PR"], num_thresholds=[7], summation_method=["majoring"]
            ),
            "Precision": _plain("metrics", "Precision", thresholds=[0.3, [0.2, 0.7]]),
            "Recall": _plain("metrics", "Recall", thresholds=[0.3, [0.2, 0.7]]),
            "TruePositives": _plain("metrics", "TruePositives"),
            "TrueNegatives": _plain("metrics", "TrueNegatives"),
            "FalsePositives": _plain("metrics", "FalsePositives", thresholds=[0.3]),
            "FalseNegatives": _plain("metrics", "FalseNegatives"),
            "PrecisionAtRecall": lambda r: call(
                "metrics.PrecisionAtRecall", recall=0.5, num_thresholds=20
            ),
            "RecallAtPrecision": lambda r: call(
                "metrics.RecallAtPrecision", precision=0.5, num_thresholds=20
            ),
            "SensitivityAtSpecificity": lambda r: call(
                "metrics.SensitivityAtSpecificity", specificity=0.5, num_thresholds=20
            ),
            "SpecificityAtSensitivity": lambda r: call(
                "metrics.SpecificityAtSensitivity", sensitivity=0.5, num_thresholds=20
            ),
            "BinaryIoU": _plain("metrics", "BinaryIoU", threshold=[0.3]),
            "IoU": lambda r: call(
                "metrics.IoU", num_classes=2, target_class_ids=[0], sparse_y_pred=True
            ),
            "MeanIoU": lambda r: call("metrics.MeanIoU", num_classes=2),
        },
    ),
    "signs": Kind(
        lambda shape: f"rng.choice([-1.0, 1.0], {_shape(shape)}).astype('float32')",
        ("tanh", "linear"),
        lambda r: r.randint(1, 3),
        {
            "Hinge": _plain("losses", "Hinge", **_REDUCTIONS),
            "SquaredHinge": _plain("losses", "SquaredHinge", **_REDUCTIONS),
        },
        {
            "Hinge": _plain("metrics", "Hinge"),
            "SquaredHinge": _plain("metrics", "SquaredHinge"),
            "Accuracy": _plain("metrics", "Accuracy"),
        },
    ),
    "positive": Kind(
        lambda shape: f"rng.uniform(0.2, 2, {_shape(shape)}).astype('float32')",
        ("softplus", "sigmoid"),
        lambda r: r.randint(1, 3),
        {
            "Poisson": _plain("losses", "Poisson", **_REDUCTIONS),
            "MeanSquaredLogarithmicError": _plain("losses", "MeanSquaredLogarithmicError"),
            "MeanAbsolutePercentageError": _plain("losses", "MeanAbsolutePercentageError"),
        },
        {
            "Poisson": _plain("metrics", "Poisson"),
            "MeanSquaredLogarithmicError": _plain("metrics", "MeanSquaredLogarithmicError"),
            "MeanAbsolutePercentageError": _plain("metrics", "MeanAbsolutePercentageError"),
        },
    ),
    "numbers": Kind(
        lambda shape: f"rng.normal(size={_shape(shape)}).astype('float32')",
        ("linear", "tanh"),
        lambda r: r.randint(1, 3),
        {
            "MeanSquaredError": _plain("losses", "MeanSquaredError", **_REDUCTIONS),
            "MeanAbsoluteError": _plain("losses", "MeanAbsoluteError", **_REDUCTIONS),
            "Huber": _plain("losses", "Huber", delta=[0.5], **_REDUCTIONS),
            "LogCosh": _plain("losses", "LogCosh", **_REDUCTIONS),
        },
        {
            "MeanSquaredError": _plain("metrics", "MeanSquaredError"),
            "MeanAbsoluteError": _plain("metrics", "MeanAbsoluteError"),
            "RootMeanSquaredError": _plain("metrics", "RootMeanSquaredError"),
            "LogCoshError": _plain("metrics", "LogCoshError"),
            "CosineSimilarity": _plain("metrics", "CosineSimilarity"),
            "R2Score": _plain(
                "metrics", "R2Score", class_aggregation=["variance_weighted_average"]
            ),
            "PearsonCorrelation": _plain("metrics", "PearsonCorrelation"),
            "ConcordanceCorrelation": _plain("metrics", "ConcordanceCorrelation"),
        },
    ),
    "labelling": Kind(
        lambda shape: f"rng.integers(1, {shape[-1]}, (n, {max(1, shape[0] // 2)})).astype('int32')",
        ("linear",),
        lambda r: r.randint(3, 4),
        {"CTC": lambda r: call("losses.CTC")},
        {},
    ),
}
