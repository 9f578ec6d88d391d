"""A design as plain values: what reports show, and what the store finds runs by."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import keras
import numpy as np

from bital.data.splitting import Split
from bital.study.design import Design
from bital.study.result import Unit
from bital.study.sketch import Sketch
from bital.study.splits import Holdout, KFold
from bital.study.table import Table


def plain(design: Design, data: Table, sketches: Mapping[str, Sketch]) -> dict[str, Any]:
    """Return everything that was chosen; what builders do is in their code."""
    return {
        "name": design.name,
        "question": design.question,
        "arms": {
            name: {
                "label": design.label(name),
                **fit_settings(design, name),
                "optimizer": seen.optimizer.en,
                "layers": seen.summary,
            }
            for name, seen in sketches.items()
        },
        "data": data.name,
        "seeds": list(design.seed_numbers),
        "metric": design.metric,
        "splits": split_settings(design.splits),
        "baseline": design.baseline,
        "margin": design.margin,
        "level": design.level,
        "published": dict(design.published),
        "keep": list(design.keep),
    }


def fit_settings(design: Design, name: str) -> dict[str, Any]:
    """Return how one arm is fitted."""
    arm = design.arm(name)
    weights = arm.class_weight
    callbacks = [] if arm.callbacks is None else arm.callbacks()
    return {
        "epochs": arm.epochs or design.epochs,
        "batch_size": arm.batch_size or design.batch_size,
        "shuffle": arm.shuffle,
        "class_weight": None if weights is None else {str(k): weights[k] for k in sorted(weights)},
        "callbacks": [_callback(each) for each in callbacks],
    }


def split_settings(splits: Holdout | KFold) -> dict[str, Any]:
    """Return how rows are dealt."""
    common = {"validation": splits.validation, "stratify": splits.stratify}
    common["groups"] = splits.groups is not None
    if isinstance(splits, Holdout):
        return {"kind": "holdout", **common, "test": splits.test, "fixed": splits.fixed}
    return {"kind": "k-fold", **common, "k": splits.k, "repeats": splits.repeats}


def dealt_plain(unit: Unit, split: Split) -> dict[str, Any]:
    """Return which rows a run trains on, validates on and is tested on."""
    digest = sha256()
    for rows in (split.train, split.validation, split.test):
        digest.update(f"{len(rows)} ".encode())
        digest.update(np.ascontiguousarray(rows, np.int32).data)
    return {"fold": unit.fold, "repeat": unit.repeat, "rows": digest.hexdigest()}


def _callback(callback: keras.callbacks.Callback) -> str:
    """Say a callback by its class and plain settings, as in "EarlyStopping(patience=3)"."""
    settings = {
        key: value
        for key, value in sorted(vars(callback).items())
        if not key.startswith("_") and isinstance(value, (bool, int, float, str))
    }
    said = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    return f"{type(callback).__name__}({said})"
