"""`tf.nn`."""

from typing import Any

import keras
from keras import ops

from bital.compat.facade import mathematics
from bital.compat.facade.absent import absent

__getattr__ = absent("tf.nn")

relu, relu6, selu, sigmoid, softplus, softsign, tanh, silu, swish = (
    ops.relu, ops.relu6, ops.selu, ops.sigmoid, ops.softplus, ops.softsign, ops.tanh, ops.silu,
    ops.silu,
)  # fmt: skip
l2_normalize, top_k, in_top_k = (
    mathematics.l2_normalize,
    mathematics.top_k,
    mathematics.in_top_k,
)


def elu(features: Any, alpha: float = 1.0, name: Any = None) -> Any:
    """Return the exponential linear unit."""
    return ops.elu(features, alpha)


def gelu(features: Any, approximate: bool = False, name: Any = None) -> Any:
    """Return the Gaussian linear unit."""
    return ops.gelu(features, approximate)


def leaky_relu(features: Any, alpha: float = 0.2, name: Any = None) -> Any:
    """Return `x`, or `alpha * x` below 0."""
    return ops.leaky_relu(features, alpha)


def crelu(features: Any, axis: int = -1, name: Any = None) -> Any:
    """Return what is above 0 and, next to it, what is below."""
    return ops.concatenate([ops.relu(features), ops.relu(ops.negative(features))], axis=axis)


def softmax(logits: Any, axis: Any = -1, name: Any = None, dim: Any = None) -> Any:
    """Return probabilities."""
    return ops.softmax(logits, axis=axis if dim is None else dim)


def log_softmax(logits: Any, axis: Any = -1, name: Any = None) -> Any:
    """Return logarithms of probabilities."""
    return ops.log_softmax(logits, axis=axis)


def softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, axis: int = -1, name: Any = None, **_: Any
) -> Any:
    """Return the cross-entropy row by row."""
    return ops.categorical_crossentropy(
        ops.cast(labels, logits.dtype), logits, from_logits=True, axis=axis
    )


softmax_cross_entropy_with_logits_v2 = softmax_cross_entropy_with_logits


def sparse_softmax_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, name: Any = None
) -> Any:
    """Return the cross-entropy row by row, from class numbers."""
    return ops.sparse_categorical_crossentropy(ops.cast(labels, "int32"), logits, from_logits=True)


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, **_: Any) -> Any:
    """Return the cross-entropy entry by entry."""
    labels = ops.cast(labels, logits.dtype)
    # max(x, 0) - x z + log(1 + exp(-|x|)) does not overflow
    return ops.relu(logits) - logits * labels + ops.log1p(ops.exp(-ops.abs(logits)))


def conv2d(input: Any, filters: Any = None, strides: Any = 1, padding: str = "VALID",
           data_format: str = "NHWC", dilations: Any = None, **old: Any) -> Any:  # fmt: skip
    """Convolve images."""
    kernel = old.get("filter", filters)
    return ops.conv(
        input, kernel, _inner(strides, data_format), padding.lower(), _layout(data_format),
        _inner(dilations or 1, data_format),
    )  # fmt: skip


def conv1d(input: Any, filters: Any, stride: Any = 1, padding: str = "VALID", **_: Any) -> Any:
    """Convolve steps."""
    return ops.conv(input, filters, stride, padding.lower())


def conv2d_transpose(input: Any, filters: Any, output_shape: Any = None, strides: Any = 1,
                     padding: str = "SAME", **_: Any) -> Any:  # fmt: skip
    """Convolve backwards."""
    return ops.conv_transpose(input, filters, _inner(strides, "NHWC"), padding.lower())


def depthwise_conv2d(input: Any, filter: Any, strides: Any = 1, padding: str = "VALID",
                     **_: Any) -> Any:  # fmt: skip
    """Convolve each channel alone."""
    return ops.depthwise_conv(input, filter, _inner(strides, "NHWC"), padding.lower())


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: str, **_: Any) -> Any:
    """Return the largest of each window."""
    return ops.max_pool(input, _inner(ksize, "NHWC"), _inner(strides, "NHWC"), padding.lower())


def avg_pool2d(input: Any, ksize: Any, strides: Any, padding: str, **_: Any) -> Any:
    """Return the mean of each window."""
    return ops.average_pool(input, _inner(ksize, "NHWC"), _inner(strides, "NHWC"), padding.lower())


max_pool, avg_pool = max_pool2d, avg_pool2d


def bias_add(value: Any, bias: Any, **_: Any) -> Any:
    """Add a bias to each channel."""
    return ops.add(value, bias)


def dropout(x: Any, rate: Any = None, noise_shape: Any = None, seed: Any = None, **old: Any) -> Any:
    """Drop entries and scale the others."""
    from bital.compat.backend.chance import source

    rate = 1 - old["keep_prob"] if "keep_prob" in old else rate
    return keras.random.dropout(x, rate, noise_shape=noise_shape, seed=source(seed))


def moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False, name: Any = None) -> Any:
    """Return the mean and the variance."""
    return ops.moments(x, axes=tuple(axes), keepdims=keepdims)


def batch_normalization(x: Any, mean: Any, variance: Any, offset: Any, scale: Any,
                        variance_epsilon: float, name: Any = None) -> Any:  # fmt: skip
    """Normalize by given statistics."""
    out = (x - mean) * ops.rsqrt(variance + variance_epsilon)
    out = out * scale if scale is not None else out
    return out + offset if offset is not None else out


def l2_loss(t: Any, name: Any = None) -> Any:
    """Return half the sum of squares."""
    return ops.sum(ops.square(t)) / 2


def embedding_lookup(params: Any, ids: Any, **_: Any) -> Any:
    """Return rows by number."""
    return ops.take(params, ids, axis=0)


def _inner(sizes: Any, data_format: str) -> Any:
    if isinstance(sizes, int) or len(sizes) < 3:
        return sizes
    return tuple(sizes[2:]) if data_format.startswith("NC") else tuple(sizes[1:-1])


def _layout(data_format: str) -> str:
    return "channels_first" if data_format.startswith("NC") else "channels_last"
