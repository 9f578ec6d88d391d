"""Activations, losses, convolutions and normalization."""

from typing import Any

import keras
from keras import ops

from bital.compat.files.activations import hard_sigmoid

__all__ = [
    "batch_normalization", "bias_add", "binary_crossentropy", "categorical_crossentropy",
    "conv1d", "conv2d", "conv2d_transpose", "conv3d", "conv3d_transpose", "ctc_batch_cost",
    "ctc_decode", "ctc_label_dense_to_sparse", "deconv2d", "depthwise_conv2d", "dropout", "elu",
    "hard_sigmoid", "in_top_k", "local_conv1d", "local_conv2d", "normalize_batch_in_training",
    "pool2d", "pool3d", "relu", "separable_conv1d", "separable_conv2d", "sigmoid", "softmax",
    "softplus", "softsign", "sparse_categorical_crossentropy", "tanh",
]  # fmt: skip

sigmoid, softplus, softsign, tanh = ops.sigmoid, ops.softplus, ops.softsign, ops.tanh


def relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    """Return what is above the threshold."""
    return keras.activations.relu(x, negative_slope=alpha, max_value=max_value, threshold=threshold)


def elu(x: Any, alpha: float = 1.0) -> Any:
    """Return the exponential linear unit."""
    return ops.elu(x, alpha=alpha)


def softmax(x: Any, axis: int = -1) -> Any:
    """Return probabilities."""
    return ops.softmax(x, axis=axis)


def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """Drop entries and scale the others."""
    from bital.compat.backend.chance import source

    return keras.random.dropout(x, level, noise_shape=noise_shape, seed=source(seed))


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    """Return the cross-entropy entry by entry."""
    return ops.binary_crossentropy(ops.cast(target, output.dtype), output, from_logits=from_logits)


def categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return the cross-entropy row by row."""
    return ops.categorical_crossentropy(target, output, from_logits=from_logits, axis=axis)


def sparse_categorical_crossentropy(
    target: Any, output: Any, from_logits: bool = False, axis: int = -1
) -> Any:
    """Return the cross-entropy row by row, from class numbers."""
    if len(target.shape) == len(output.shape) and target.shape[-1] == 1:
        target = ops.squeeze(target, axis=-1)
    return ops.sparse_categorical_crossentropy(
        ops.cast(target, "int32"), output, from_logits=from_logits, axis=axis
    )


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether the class is among the k likeliest."""
    return ops.in_top_k(ops.cast(targets, "int32"), predictions, k)


def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """Add a bias to each channel."""
    if _first(data_format) and len(x.shape) > 2 and len(bias.shape) == 1:
        return ops.add(x, ops.reshape(bias, (1, -1, *[1] * (len(x.shape) - 2))))
    return ops.add(x, bias)


def conv1d(
    x: Any, kernel: Any, strides: int = 1, padding: str = "valid", data_format: Any = None,
    dilation_rate: int = 1,
) -> Any:  # fmt: skip
    """Convolve steps; "causal" looks back only."""
    if padding == "causal":
        left = dilation_rate * (kernel.shape[0] - 1)
        x, padding = ops.pad(x, ((0, 0), (left, 0), (0, 0))), "valid"
    return ops.conv(x, kernel, strides, padding, _layout(data_format), dilation_rate)


def conv2d(
    x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1), **old: Any,
) -> Any:  # fmt: skip
    """Convolve images."""
    padding, strides = old.get("border_mode", padding), old.get("strides", strides)
    layout = _layout(old.get("dim_ordering", data_format))
    return ops.conv(x, kernel, strides, padding, layout, dilation_rate)


def conv3d(
    x: Any, kernel: Any, strides: Any = (1, 1, 1), padding: str = "valid", data_format: Any = None,
    dilation_rate: Any = (1, 1, 1),
) -> Any:  # fmt: skip
    """Convolve volumes."""
    return ops.conv(x, kernel, strides, padding, _layout(data_format), dilation_rate)


def conv2d_transpose(
    x: Any, kernel: Any, output_shape: Any = None, strides: Any = (1, 1), padding: str = "valid",
    data_format: Any = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """Convolve backwards; the output's shape follows from the input's."""
    return ops.conv_transpose(
        x, kernel, strides, padding, data_format=_layout(data_format), dilation_rate=dilation_rate
    )


deconv2d = conv2d_transpose


def conv3d_transpose(
    x: Any, kernel: Any, output_shape: Any = None, strides: Any = (1, 1, 1),
    padding: str = "valid", data_format: Any = None,
) -> Any:  # fmt: skip
    """Convolve volumes backwards."""
    return ops.conv_transpose(x, kernel, strides, padding, data_format=_layout(data_format))


def depthwise_conv2d(
    x: Any, depthwise_kernel: Any, strides: Any = (1, 1), padding: str = "valid",
    data_format: Any = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """Convolve each channel alone."""
    return ops.depthwise_conv(
        x, depthwise_kernel, strides, padding, _layout(data_format), dilation_rate
    )


def separable_conv2d(
    x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = (1, 1),
    padding: str = "valid", data_format: Any = None, dilation_rate: Any = (1, 1),
) -> Any:  # fmt: skip
    """Convolve each channel alone, then mix them."""
    return ops.separable_conv(
        x, depthwise_kernel, pointwise_kernel, strides, padding, _layout(data_format),
        dilation_rate,
    )  # fmt: skip


def separable_conv1d(
    x: Any, depthwise_kernel: Any, pointwise_kernel: Any, strides: Any = 1,
    padding: str = "valid", data_format: Any = None, dilation_rate: Any = 1,
) -> Any:  # fmt: skip
    """Convolve each channel of steps alone, then mix them."""
    return separable_conv2d(
        x, depthwise_kernel, pointwise_kernel, strides, padding, data_format, dilation_rate
    )


def local_conv1d(
    x: Any, kernel: Any, kernel_size: Any, strides: Any, data_format: Any = None
) -> Any:
    """Convolve steps with a kernel (places, window, filters) of its own at each place."""
    cut = []
    for at in range(kernel.shape[0]):
        start = at * strides[0]
        cut.append(ops.reshape(x[:, start : start + kernel_size[0], :], (-1, kernel.shape[1])))
    return ops.einsum("npw,pwf->npf", ops.stack(cut, axis=1), kernel)


def local_conv2d(
    x: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any, data_format: Any = None
) -> Any:
    """Convolve images with a kernel of its own at each place."""
    cut = []
    for row in range(output_shape[0]):
        for column in range(output_shape[1]):
            top, left = row * strides[0], column * strides[1]
            window = x[:, top : top + kernel_size[0], left : left + kernel_size[1], :]
            cut.append(ops.reshape(window, (-1, kernel.shape[1])))
    out = ops.einsum("npw,pwf->npf", ops.stack(cut, axis=1), kernel)
    return ops.reshape(out, (-1, *output_shape, kernel.shape[-1]))


def pool2d(
    x: Any, pool_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None,
    pool_mode: str = "max",
) -> Any:  # fmt: skip
    """Return the largest or the mean of each window."""
    pool = ops.max_pool if pool_mode == "max" else ops.average_pool
    return pool(x, pool_size, strides, padding, _layout(data_format))


pool3d = pool2d


def normalize_batch_in_training(
    x: Any, gamma: Any, beta: Any, reduction_axes: Any, epsilon: float = 1e-3
) -> Any:
    """Return (normalized, mean, variance)."""
    mean, variance = ops.moments(x, axes=tuple(reduction_axes))
    wide_mean, wide_variance = ops.moments(x, axes=tuple(reduction_axes), keepdims=True)
    out = (x - wide_mean) * ops.rsqrt(wide_variance + epsilon)
    sizes = wide_mean.shape
    if gamma is not None:
        out = out * ops.reshape(gamma, sizes)
    if beta is not None:
        out = out + ops.reshape(beta, sizes)
    return out, mean, variance


def batch_normalization(
    x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3
) -> Any:
    """Normalize by given statistics."""
    out = (x - mean) * ops.rsqrt(var + epsilon)
    out = out * gamma if gamma is not None else out
    return out + beta if beta is not None else out


def ctc_batch_cost(y_true: Any, y_pred: Any, input_length: Any, label_length: Any) -> Any:
    """Return the CTC loss (rows, 1) of probabilities; the last class is the blank."""
    logs = ops.log(y_pred + keras.config.epsilon())
    loss = ops.ctc_loss(
        ops.cast(y_true, "int32"),
        logs,
        ops.cast(ops.reshape(label_length, (-1,)), "int32"),
        ops.cast(ops.reshape(input_length, (-1,)), "int32"),
        mask_index=y_pred.shape[-1] - 1,
    )
    return ops.expand_dims(loss, 1)


def ctc_decode(
    y_pred: Any, input_length: Any, greedy: bool = True, beam_width: int = 100, top_paths: int = 1
) -> Any:
    """Return ([labels, -1 behind their end], scores)."""
    decoded, scores = ops.ctc_decode(
        ops.log(y_pred + keras.config.epsilon()),
        ops.cast(input_length, "int32"),
        strategy="greedy" if greedy else "beam_search",
        beam_width=beam_width,
        top_paths=top_paths,
        mask_index=y_pred.shape[-1] - 1,
    )
    return [decoded[at] for at in range(decoded.shape[0])], scores


def ctc_label_dense_to_sparse(labels: Any, label_lengths: Any) -> Any:
    """Refuse: keras.ops takes dense labels."""
    raise NotImplementedError(
        "ctc_label_dense_to_sparse makes a sparse tensor of TensorFlow, which nothing here reads. "
        "K.ctc_batch_cost and keras.ops.ctc_loss take the dense labels."
    )


def _first(data_format: Any) -> bool:
    return (data_format or keras.config.image_data_format()) in ("channels_first", "th")


def _layout(data_format: Any) -> str:
    return "channels_first" if _first(data_format) else "channels_last"
