"""Layers that Keras has given up, made of today's operations."""

from typing import Any

import keras
from keras import initializers, layers, ops, regularizers

from bital.errors import InvalidInput


class MaxoutDense(layers.Layer):
    """The largest of several dense layers, unit by unit (Keras 1).

    Args:
        output_dim: units.
        nb_feature: dense layers to choose from.
        init: of their kernels.
        weights: kernels (features, inputs, units) and biases (features, units).
        bias: whether there are biases.
    """

    def __init__(
        self,
        output_dim: int,
        nb_feature: int = 4,
        init: Any = "glorot_uniform",
        W_regularizer: Any = None,
        b_regularizer: Any = None,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.output_dim, self.nb_feature, self.bias = output_dim, nb_feature, bias
        self.init = initializers.get(init)
        self.W_regularizer = regularizers.get(W_regularizer)
        self.b_regularizer = regularizers.get(b_regularizer)

    def build(self, input_shape: Any) -> None:
        """Make kernels and biases."""
        shape = (self.nb_feature, input_shape[-1], self.output_dim)
        self.W = self.add_weight(
            shape=shape, initializer=self.init, regularizer=self.W_regularizer, name="W"
        )
        if self.bias:
            self.b = self.add_weight(
                shape=(self.nb_feature, self.output_dim),
                initializer="zeros",
                regularizer=self.b_regularizer,
                name="b",
            )

    def call(self, inputs: Any) -> Any:
        """Return (rows, units)."""
        out = ops.einsum("ni,fiu->nfu", inputs, self.W)
        return ops.max(out + self.b if self.bias else out, axis=1)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return (rows, units)."""
        return (input_shape[0], self.output_dim)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        return {
            **super().get_config(),
            "output_dim": self.output_dim,
            "nb_feature": self.nb_feature,
            "init": initializers.serialize(self.init),
            "bias": self.bias,
        }


class Highway(layers.Layer):
    """A dense layer that lets part of its input through (Srivastava et al. 2015; Keras 1).

    Args:
        init: of the kernels.
        activation: of the dense part.
        transform_bias: what the gate's bias starts at.
        bias: whether there are biases.
    """

    def __init__(
        self,
        init: Any = "glorot_uniform",
        activation: Any = None,
        transform_bias: float = -2,
        bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.init, self.bias, self.transform_bias = initializers.get(init), bias, transform_bias
        self.activation = keras.activations.get(activation)

    def build(self, input_shape: Any) -> None:
        """Make the kernels and biases of the dense part and of the gate."""
        size = input_shape[-1]
        self.W = self.add_weight(shape=(size, size), initializer=self.init, name="W")
        self.W_carry = self.add_weight(shape=(size, size), initializer=self.init, name="W_carry")
        if self.bias:
            start = initializers.Constant(self.transform_bias)
            self.b = self.add_weight(shape=(size,), initializer="zeros", name="b")
            self.b_carry = self.add_weight(shape=(size,), initializer=start, name="b_carry")

    def call(self, inputs: Any) -> Any:
        """Return (rows, inputs)."""
        gate, out = ops.matmul(inputs, self.W_carry), ops.matmul(inputs, self.W)
        if self.bias:
            gate, out = gate + self.b_carry, out + self.b
        gate = ops.sigmoid(gate)
        return self.activation(out) * gate + (1 - gate) * inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        return {
            **super().get_config(),
            "init": initializers.serialize(self.init),
            "activation": keras.activations.serialize(self.activation),
            "transform_bias": self.transform_bias,
            "bias": self.bias,
        }


class ThresholdedReLU(layers.Layer):
    """`x` where it is above `theta`, else 0 (Keras 1, 2)."""

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = float(theta)
        self.supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the shape that came in."""
        return inputs * ops.cast(inputs > self.theta, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        return {**super().get_config(), "theta": self.theta}


class ParametricSoftplus(layers.Layer):
    """`alpha * log(1 + exp(beta * x))` with alpha and beta learned (Keras 1)."""

    def __init__(self, alpha_init: float = 0.2, beta_init: float = 5.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha_init, self.beta_init = alpha_init, beta_init

    def build(self, input_shape: Any) -> None:
        """Make alpha and beta, one for each feature."""
        shape = input_shape[1:]
        for name, start in (("alphas", self.alpha_init), ("betas", self.beta_init)):
            made = self.add_weight(shape=shape, initializer=initializers.Constant(start), name=name)
            setattr(self, name, made)

    def call(self, inputs: Any) -> Any:
        """Return the shape that came in."""
        return ops.softplus(self.betas * inputs) * self.alphas

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape that came in."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        config = {"alpha_init": self.alpha_init, "beta_init": self.beta_init}
        return {**super().get_config(), **config}


class LocallyConnected(layers.Layer):
    """A convolution with a kernel of its own at each place (Keras 1, 2).

    Args:
        filters: units at each place.
        kernel_size: of the window.
        strides: of the window.
        activation: of the result.
        use_bias: whether each place has biases.
    """

    rank = 1

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: Any = None,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        kwargs.pop("implementation", None)
        super().__init__(**kwargs)
        if padding != "valid" or data_format == "channels_first":
            raise InvalidInput(
                f"{type(self).__name__} takes padding='valid' and channels last; got "
                f"padding={padding!r}, data_format={data_format!r}."
            )
        self.filters, self.use_bias = filters, use_bias
        self.kernel_size = _spread(kernel_size, self.rank)
        self.strides = _spread(strides, self.rank)
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)

    def build(self, input_shape: Any) -> None:
        """Make a kernel (places, window and channels, filters) and biases."""
        places = self._places(input_shape)
        count, window = 1, input_shape[-1]
        for place, size in zip(places, self.kernel_size, strict=True):
            count, window = count * place, window * size
        self.kernel = self.add_weight(
            shape=(count, window, self.filters),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(*places, self.filters), initializer=self.bias_initializer, name="bias"
            )

    def call(self, inputs: Any) -> Any:
        """Return (rows, places..., filters)."""
        places = self._places(inputs.shape)
        windows = []
        if self.rank == 1:
            for at in range(places[0]):
                start = at * self.strides[0]
                windows.append(inputs[:, start : start + self.kernel_size[0], :])
        else:
            for row in range(places[0]):
                for column in range(places[1]):
                    top, left = row * self.strides[0], column * self.strides[1]
                    height, width = self.kernel_size
                    windows.append(inputs[:, top : top + height, left : left + width, :])
        cut = ops.stack([ops.reshape(w, (-1, self.kernel.shape[1])) for w in windows], axis=1)
        out = ops.einsum("npw,pwf->npf", cut, self.kernel)
        out = ops.reshape(out, (-1, *places, self.filters))
        return self.activation(out + self.bias if self.use_bias else out)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return (rows, places..., filters)."""
        return (input_shape[0], *self._places(input_shape), self.filters)

    def get_config(self) -> dict[str, Any]:
        """Return what makes the layer again."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "use_bias": self.use_bias,
            "activation": keras.activations.serialize(self.activation),
        }

    def _places(self, input_shape: Any) -> tuple[int, ...]:
        return tuple(
            (size - window) // stride + 1
            for size, window, stride in zip(
                input_shape[1:-1], self.kernel_size, self.strides, strict=True
            )
        )


class LocallyConnected1D(LocallyConnected):
    """`LocallyConnected` over steps."""

    rank = 1


class LocallyConnected2D(LocallyConnected):
    """`LocallyConnected` over rows and columns."""

    rank = 2


class Merge(layers.Layer):
    """The outputs of several models as one (Keras 0.3, 1): the first layer of a Sequential.

    Args:
        layers: the models; each takes one of the inputs.
        mode: "sum", "mul", "concat", "ave", "dot", "cos", "max", or a function of the list.
        concat_axis: where "concat" joins.
        dot_axes: for "dot" and "cos".
    """

    def __init__(
        self,
        layers: Any = None,
        mode: Any = "sum",
        concat_axis: int = -1,
        dot_axes: Any = -1,
        **kwargs: Any,
    ) -> None:
        for dropped in ("output_shape", "output_mask", "arguments", "node_indices",
                        "tensor_indices"):  # fmt: skip
            kwargs.pop(dropped, None)
        super().__init__(**kwargs)
        self.branches = list(layers or [])
        self.mode, self.concat_axis, self.dot_axes = mode, concat_axis, dot_axes

    def build(self, input_shape: Any) -> None:
        """Nothing: the models have their weights, or make them when called."""

    def call(self, inputs: Any) -> Any:
        """Return the merged outputs."""
        if self.branches:
            given, at = {}, 0
            for leaf in _leaves(self):
                wants = len(leaf.inputs) if getattr(leaf, "built", False) else 1
                given[id(leaf)] = inputs[at : at + wants]
                at += wants
            outputs = []
            for branch in self.branches:
                parts = [one for leaf in _leaves_of(branch) for one in given[id(leaf)]]
                outputs.append(branch(parts[0] if len(parts) == 1 else parts))
        else:
            outputs = list(inputs)
        return merge(outputs, mode=self.mode, concat_axis=self.concat_axis, dot_axes=self.dot_axes)


def _leaves(merging: Merge) -> list[Any]:
    """Return the models that take inputs, those of nested merges too, each once."""
    found = [leaf for branch in merging.branches for leaf in _leaves_of(branch)]
    return list({id(leaf): leaf for leaf in found}.values())


def _leaves_of(branch: Any) -> list[Any]:
    first = next(
        (one for one in getattr(branch, "_layers", ()) if not isinstance(one, layers.InputLayer)),
        None,
    )
    return _leaves(first) if isinstance(first, Merge) and first.branches else [branch]


def merge(
    inputs: Any,
    mode: Any = "sum",
    concat_axis: int = -1,
    dot_axes: Any = -1,
    output_shape: Any = None,
    name: str | None = None,
    **ignored: Any,
) -> Any:
    """Return several tensors as one, by Keras 1's words for how."""
    if callable(mode):
        return layers.Lambda(mode, output_shape=output_shape, name=name)(inputs)
    axes = tuple(dot_axes) if isinstance(dot_axes, list) else dot_axes
    joins: dict[str, Any] = {
        "sum": lambda: layers.Add(name=name),
        "mul": lambda: layers.Multiply(name=name),
        "ave": lambda: layers.Average(name=name),
        "max": lambda: layers.Maximum(name=name),
        "concat": lambda: layers.Concatenate(axis=concat_axis, name=name),
        "dot": lambda: layers.Dot(axes=axes, name=name),
        "cos": lambda: layers.Dot(axes=axes, normalize=True, name=name),
    }
    if mode not in joins:
        raise InvalidInput(f"merge's mode must be one of {', '.join(joins)}; got {mode!r}.")
    return joins[mode]()(inputs)


def _spread(size: Any, rank: int) -> tuple[int, ...]:
    return (size,) * rank if isinstance(size, int) else tuple(size)
