"""Functions that Keras has given up."""

from typing import Any

import numpy as np


def probas_to_classes(y_pred: Any) -> Any:
    """Return the class of each row of probabilities (Keras 1)."""
    if len(y_pred.shape) > 1 and y_pred.shape[1] > 1:
        return np.argmax(y_pred, axis=1)
    return np.array([1 if p > 0.5 else 0 for p in y_pred])


def print_summary(model: Any, line_length: Any = None, positions: Any = None, **more: Any) -> None:
    """Print a model's layers."""
    model.summary(line_length=line_length, positions=positions, **more)


def multi_gpu_model(model: Any, gpus: Any = None, **more: Any) -> Any:
    """Return the model: JAX replicates over devices with `keras.distribution`."""
    from bital.compat.notes import note

    note("multi_gpu_model(model)", "keras.distribution.DataParallel(); the model ran on one device")
    return model


def convert_all_kernels_in_model(model: Any) -> None:
    """Turn convolution kernels around, from Theano's convention to the other (Keras 1, 2)."""
    for layer in model.layers:
        if "Conv" in type(layer).__name__ and layer.get_weights():
            kernel, *rest = layer.get_weights()
            layer.set_weights([convert_kernel(kernel), *rest])


def convert_kernel(kernel: Any) -> Any:
    """Return a kernel turned around in its spatial axes."""
    kernel = np.asarray(kernel)
    turned = tuple(slice(None, None, -1) for _ in range(kernel.ndim - 2))
    return np.copy(kernel[(*turned, slice(None), slice(None))])


def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """Return the model that a config describes."""
    import keras

    return keras.saving.deserialize_keras_object(config, custom_objects=custom_objects)


def get_fans(shape: Any, dim_ordering: str = "tf") -> tuple[int, int]:
    """Return how many inputs and outputs a kernel's unit has (Keras 1)."""
    window = int(np.prod(shape[:-2])) if dim_ordering == "tf" else int(np.prod(shape[2:]))
    inputs, outputs = (shape[-2], shape[-1]) if dim_ordering == "tf" else (shape[1], shape[0])
    return int(inputs) * window, int(outputs) * window


def conv_output_length(
    input_length: Any, filter_size: int, padding: str, stride: int, dilation: int = 1
) -> Any:
    """Return the length that a convolution leaves (Keras 2)."""
    if input_length is None:
        return None
    window = filter_size + (filter_size - 1) * (dilation - 1)
    left = input_length if padding in ("same", "causal") else input_length - window + 1
    if padding == "full":
        left = input_length + window - 1
    return (left + stride - 1) // stride


def get_test_data(
    num_train: int = 1000,
    num_test: int = 500,
    input_shape: Any = (10,),
    output_shape: Any = (2,),
    classification: bool = True,
    num_classes: int = 2,
    nb_train: int | None = None,
    nb_test: int | None = None,
    nb_class: int | None = None,
) -> Any:
    """Return random data that can be learned, as ((x, y), (x, y)) (`keras.utils.test_utils`)."""
    train, test = nb_train or num_train, nb_test or num_test
    classes, samples = nb_class or num_classes, train + test
    if classification:
        y: Any = np.random.randint(0, classes, size=(samples,))
        x = np.random.normal(loc=y.reshape(-1, *[1] * len(input_shape)), scale=0.7,
                             size=(samples, *input_shape))  # fmt: skip
    else:
        loc = np.random.random((samples,))
        x = loc.reshape(-1, *[1] * len(input_shape)) + np.random.normal(
            0, 0.7, size=(samples, *input_shape)
        )
        y = loc.reshape(-1, *[1] * len(output_shape)) + np.zeros((samples, *output_shape))
    x = x.astype("float32")
    return (x[:train], y[:train]), (x[train:], y[train:])


class HDF5Matrix:
    """Rows of a dataset in an HDF5 file (Keras 1, 2).

    Args:
        datapath: the file.
        dataset: its name there.
        start: first row.
        end: the row after the last.
        normalizer: applied to what is read.
    """

    def __init__(
        self, datapath: Any, dataset: str, start: int = 0, end: int | None = None,
        normalizer: Any = None,
    ) -> None:  # fmt: skip
        import h5py

        with h5py.File(datapath, "r") as file:
            self._rows = file[dataset][start:end]
        self._normalizer = normalizer
        self.shape, self.dtype = self._rows.shape, self._rows.dtype

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, key: Any) -> Any:
        rows = self._rows[key]
        return self._normalizer(rows) if self._normalizer is not None else rows

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.asarray(self[:], *args, **kwargs)
