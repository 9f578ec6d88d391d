"""Arrays of a layer as old files hold them, in today's shapes and order."""

import re
from typing import Any, NamedTuple

import keras
import numpy as np

from bital.errors import InvalidInput

Arrays = list[np.ndarray]


class Origin(NamedTuple):
    """What wrote a file."""

    version: str = "1"
    """Keras's version; files of Keras 0.3 and 1.0 name none"""

    backend: str | None = None

    @classmethod
    def of(cls, version: Any, backend: Any = None) -> "Origin":
        """Return what a file says of itself.

        Raises:
            InvalidInput: its version is none.
        """
        if not isinstance(version, str) or not re.match(r"\d{1,3}(\.|$)", version):
            raise InvalidInput(
                "keras_version in a model file must be a version, as in 2.2.4; it is "
                f"{str(version)[:80]!r}. The file is damaged, or not a model's."
            )
        return cls(version, backend or None)

    @property
    def era(self) -> int:
        """Major version."""
        return int(self.version.split(".")[0])


def modern(layer: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """Return a layer's arrays as it takes them today.

    Args:
        layer: the layer, built.
        arrays: as stored, trainable ones first.
        origin: what stored them.
    """
    if isinstance(layer, keras.layers.Bidirectional):
        half = len(arrays) // 2
        parts = (layer.forward_layer, arrays[:half]), (layer.backward_layer, arrays[half:])
        return [a for part, own in parts for a in modern(part, own, origin)]
    if isinstance(layer, keras.layers.TimeDistributed):
        return modern(layer.layer, arrays, origin)
    if isinstance(layer, keras.Model):
        return _nested(layer, arrays, origin)
    name = type(layer).__name__
    if origin.era < 2:
        arrays = _from_keras_1(name, layer, arrays)
    if name in _CONVOLUTIONS and origin.backend == "theano":
        arrays = [_flipped(a) if a.ndim > 2 else a for a in arrays]  # it convolves, not correlates
    if name in ("LSTM", "GRU") and len(arrays) == 3:
        return _from_cudnn(arrays, gates=4 if name == "LSTM" else 3)
    return arrays


_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D")


def _from_keras_1(name: str, layer: Any, arrays: Arrays) -> Arrays:
    if name == "Conv1D" and arrays[0].ndim == 4:
        kernel = arrays[0]
        if kernel.shape[1] != 1 or kernel.shape[0] != layer.kernel_size[0]:
            kernel = kernel.transpose(2, 3, 1, 0)  # (filters, in, length, 1), Keras 1.0 and 1.1
        return [kernel[:, 0], *arrays[1:]]
    first = getattr(layer, "data_format", None) == "channels_first"
    if name in ("Conv2D", "Conv3D") and first:
        order = (*range(2, arrays[0].ndim), 1, 0)  # (filters, in, *space)
        return [arrays[0].transpose(order), *arrays[1:]]
    if name == "Conv2DTranspose":
        order = (2, 3, 0, 1) if first else (0, 1, 3, 2)
        return [arrays[0].transpose(order), *arrays[1:]]
    gates = {"LSTM": (0, 6, 3, 9), "ConvLSTM2D": (0, 6, 3, 9), "GRU": (0, 3, 6)}.get(name)
    if gates and len(arrays) == 3 * len(gates):  # one kernel a gate: i, c, f, o for an LSTM
        joined = [np.concatenate([arrays[g + part] for g in gates], axis=-1) for part in range(3)]
        if name == "ConvLSTM2D" and first:
            joined = [j.transpose(2, 3, 1, 0) if j.ndim == 4 else j for j in joined]
        return joined
    return arrays


def _from_cudnn(arrays: Arrays, gates: int) -> Arrays:
    """Return the arrays of a CuDNN layer as those of a plain one; the latter's as they are."""
    kernel, recurrent, bias = arrays
    if bias.shape != (2 * gates * recurrent.shape[0],):
        return arrays

    def each(stacked: np.ndarray, change: Any) -> np.ndarray:
        return np.hstack([change(k) for k in np.hsplit(stacked, gates)])

    kernel = each(kernel, lambda k: k.T.reshape(k.shape, order="F"))
    recurrent = each(recurrent, lambda k: k.T)
    halves = bias.reshape(2, -1)
    return [kernel, recurrent, halves.sum(axis=0) if gates == 4 else halves]


def _nested(model: Any, arrays: Arrays, origin: Origin) -> Arrays:
    """Convert what lies in a model inside a model: all trainable arrays first, then the others."""
    found: dict[int, np.ndarray] = {}
    rest = list(arrays)
    for kind in ("trainable_weights", "non_trainable_weights"):
        for layer in model.layers:
            own = getattr(layer, kind)
            taken, rest = rest[: len(own)], rest[len(own) :]
            if len(taken) != len(own):
                return arrays  # its counts differ, which is said elsewhere
            for variable, array in zip(own, modern(layer, taken, origin), strict=False):
                found[id(variable)] = array
    every = model.trainable_weights + model.non_trainable_weights
    return [found[id(v)] for v in every] + rest if len(found) == len(every) else arrays


def _flipped(kernel: np.ndarray) -> np.ndarray:
    return kernel[(slice(None, None, -1),) * (kernel.ndim - 2)]
