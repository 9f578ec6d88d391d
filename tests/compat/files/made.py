"""Files as Keras 0.3, 1 and 2 wrote them, from configurations and arrays."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Arrays = Mapping[str, Sequence[np.ndarray]]


def write(
    path: Path,
    arrays: Arrays,
    model: dict[str, Any] | None = None,
    training: dict[str, Any] | None = None,
    optimizer: Sequence[np.ndarray] = (),
    version: str | None = "2.2.4",
    backend: str | None = "tensorflow",
) -> Path:
    """Write a whole model, or weights alone where `model` is None."""
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights") if model else file
        if version:
            group.attrs["keras_version"] = version.encode()
        if backend:
            group.attrs["backend"] = backend.encode()
        group.attrs["layer_names"] = [name.encode() for name in arrays]
        for name, values in arrays.items():
            _put(group.create_group(name), values)
        if model:
            file.attrs["model_config"] = json.dumps(model).encode()
            for key in ("keras_version", "backend"):
                if key in group.attrs:
                    file.attrs[key] = group.attrs[key]
        if training:
            file.attrs["training_config"] = json.dumps(training).encode()
        if optimizer:
            _put(file.create_group("optimizer_weights"), optimizer)
    return path


def _put(group: Any, values: Sequence[np.ndarray]) -> None:
    names = [f"w{i}:0" for i in range(len(values))]
    group.attrs["weight_names"] = [n.encode() for n in names] if names else np.zeros(0)
    for name, value in zip(names, values, strict=True):
        group[name] = value


def sequential(*layers: tuple[str, dict[str, Any]], listed: bool = True) -> dict[str, Any]:
    """Return a configuration: a list of layers until Keras 2.2, a dictionary since."""
    found = [{"class_name": name, "config": config} for name, config in layers]
    return {"class_name": "Sequential", "config": found if listed else {"layers": found}}


def drawn(seed: int, *shapes: tuple[int, ...]) -> list[np.ndarray]:
    """Return arrays of these shapes."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]
