"""Functions and layers of Keras 1 and 2 that Keras 3 lacks or computes otherwise."""

from itertools import product
from typing import Any

import keras
from keras import ops
from keras.saving import register_keras_serializable


@register_keras_serializable("bital")  # type: ignore[untyped-decorator]
def hard_sigmoid(x: Any) -> Any:
    """Return 0.2 x + 0.5 between 0 and 1, the one of Keras 1 and 2 (Keras 3 has x / 6 + 0.5)."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


@register_keras_serializable("bital")
class Highway(keras.layers.Layer):  # type: ignore[misc]
    """A gate between a dense layer and its input (Srivastava et al. 2015), as in Keras 1."""

    def __init__(
        self, init: Any = "glorot_uniform", activation: Any = None, use_bias: bool = True, **kw: Any
    ) -> None:
        super().__init__(**kw)
        self.init, self.use_bias = init, use_bias
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        """Make kernels (d, d) and biases (d,): of the dense layer, then of the gate."""
        d = input_shape[-1]
        self.kernel = self.add_weight(shape=(d, d), initializer=self.init, name="W")
        self.gate = self.add_weight(shape=(d, d), initializer=self.init, name="W_carry")
        if self.use_bias:
            self.bias = self.add_weight(shape=(d,), name="b")
            self.gate_bias = self.add_weight(
                shape=(d,), initializer=keras.initializers.Constant(-2.0), name="b_carry"
            )

    def call(self, x: Any) -> Any:
        """Return the gated mean of the layer's output and its input."""
        new, gate = ops.matmul(x, self.kernel), ops.matmul(x, self.gate)
        if self.use_bias:
            new, gate = new + self.bias, gate + self.gate_bias
        gate = ops.sigmoid(gate)
        return gate * self.activation(new) + (1 - gate) * x

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {
            "init": self.init,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **own}


@register_keras_serializable("bital")
class MaxoutDense(keras.layers.Layer):  # type: ignore[misc]
    """The largest of several dense layers (Goodfellow et al. 2013), as in Keras 1."""

    def __init__(
        self,
        output_dim: int,
        nb_feature: int = 4,
        init: Any = "glorot_uniform",
        use_bias: bool = True,
        **kw: Any,
    ) -> None:
        super().__init__(**kw)
        self.output_dim, self.nb_feature = output_dim, nb_feature
        self.init, self.use_bias = init, use_bias

    def build(self, input_shape: Any) -> None:
        """Make one kernel (features, d, outputs) and one bias (features, outputs)."""
        shape = (self.nb_feature, input_shape[-1], self.output_dim)
        self.kernel = self.add_weight(shape=shape, initializer=self.init, name="W")
        if self.use_bias:
            self.bias = self.add_weight(shape=(shape[0], shape[2]), name="b")

    def call(self, x: Any) -> Any:
        """Return the maximum over the features."""
        out = ops.einsum("nd,fdo->nfo", x, self.kernel)
        return ops.max(out + self.bias if self.use_bias else out, axis=1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        names = ("output_dim", "nb_feature", "init", "use_bias")
        return {**super().get_config(), **{n: getattr(self, n) for n in names}}


class _LocallyConnected(keras.layers.Layer):  # type: ignore[misc]
    """A convolution whose kernel differs from place to place."""

    rank = 0

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kw: Any,
    ) -> None:
        super().__init__(**kw)
        if padding != "valid" or data_format == "channels_first":
            raise ValueError(
                f"{type(self).__name__} is carried on for padding='valid' and channels last; got "
                f"padding={padding!r}, data_format={data_format!r}. Rewrite it as a convolution."
            )
        self.filters, self.use_bias = filters, use_bias
        self.kernel_size, self.strides = self._each(kernel_size), self._each(strides)
        self.activation = keras.activations.get(activation)
        self._given = {
            "kernel_initializer": kernel_initializer,
            "bias_initializer": bias_initializer,
            "kernel_regularizer": kernel_regularizer,
            "bias_regularizer": bias_regularizer,
            "kernel_constraint": kernel_constraint,
            "bias_constraint": bias_constraint,
        }

    def _each(self, value: Any) -> tuple[int, ...]:
        return (value,) * self.rank if isinstance(value, int) else tuple(value)

    def build(self, input_shape: Any) -> None:
        """Make a kernel (places, window * channels, filters) and a bias (*places, filters)."""
        space = input_shape[1:-1]
        self._out = [
            (n - k) // s + 1 for n, k, s in zip(space, self.kernel_size, self.strides, strict=True)
        ]
        places, window = 1, input_shape[-1]
        for n, k in zip(self._out, self.kernel_size, strict=True):
            places, window = places * n, window * k
        given = self._given
        self.kernel = self.add_weight(
            shape=(places, window, self.filters),
            initializer=given["kernel_initializer"],
            regularizer=given["kernel_regularizer"],
            constraint=given["kernel_constraint"],
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(*self._out, self.filters),
                initializer=given["bias_initializer"],
                regularizer=given["bias_regularizer"],
                constraint=given["bias_constraint"],
                name="bias",
            )

    def call(self, x: Any) -> Any:
        """Return each place's window times its own kernel."""
        shifted = []
        for offset in product(*map(range, self.kernel_size)):
            at = [
                slice(o, o + (n - 1) * s + 1, s)
                for o, n, s in zip(offset, self._out, self.strides, strict=True)
            ]
            shifted.append(x[(slice(None), *at)])  # (n, *places, channels)
        windows = ops.stack(shifted, axis=-2)
        windows = ops.reshape(windows, (-1, *self.kernel.shape[:2]))
        y = ops.einsum("npw,pwf->npf", windows, self.kernel)
        y = ops.reshape(y, (-1, *self._out, self.filters))
        return self.activation(y + self.bias if self.use_bias else y)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments."""
        own = {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }
        return {**super().get_config(), **own, **self._given}


@register_keras_serializable("bital")
class LocallyConnected1D(_LocallyConnected):
    """One kernel a place of a series (n, steps, channels), as in Keras 1 and 2."""

    rank = 1


@register_keras_serializable("bital")
class LocallyConnected2D(_LocallyConnected):
    """One kernel a place of an image (n, rows, columns, channels), as in Keras 1 and 2."""

    rank = 2


CLASSES = {c.__name__: c for c in (Highway, MaxoutDense, LocallyConnected1D, LocallyConnected2D)}
"""by the names that files have"""
