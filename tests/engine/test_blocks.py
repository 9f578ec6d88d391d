"""Which layers of a model run as blocks, and that the model does what it did."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import keras
import numpy as np
import pytest
from jax.extend.core import ClosedJaxpr
from keras import layers

import bital
from bital.engine.blocks import blocks, kernels_used, routed
from bital.kernels import library
from engine import made
from engine.parity import check_same

X, Y = made.digits(96)

pytestmark = pytest.mark.skipif(bool(library.why_not()), reason=library.why_not() or "compiled")


def functional(body: Callable[[Any], Any], shape: Any = (8, 8, 1), **how: Any) -> keras.Model:
    inputs = keras.Input(shape, **how)
    return keras.Model(inputs, body(inputs))


def stack(*parts: Any) -> Callable[[], keras.Model]:
    def body(x: Any) -> Any:
        for part in parts:
            x = part()(x)
        return x

    return lambda: functional(body)


def conv(name: str = "c", filters: int = 4, size: Any = 3, **how: Any) -> Callable[[], Any]:
    return lambda: layers.Conv2D(filters, size, name=name, **how)


def norm(**how: Any) -> Callable[[], Any]:
    return lambda: layers.BatchNormalization(name="n", **how)


def relu() -> Any:
    return layers.ReLU(name="r")


def pool(size: Any = 2, name: str = "p", **how: Any) -> Callable[[], Any]:
    return lambda: layers.MaxPooling2D(size, name=name, **how)


def normalized(training: bool) -> Callable[[Any], Any]:
    return lambda x: relu()(norm()()(conv()()(x), training=training))


def read_twice(x: Any) -> Any:
    x = conv()()(x)
    return layers.Add()([relu()(x), x])


def seen_outside(x: Any) -> Any:
    x = conv(activation="relu")()(x)
    return [x, pool()()(x)]


def one_layer_twice(x: Any) -> Any:
    shared, pooling = conv(filters=1, padding="same")(), pool()()
    return pooling(conv("d", padding="same")()(pooling(shared(shared(x)))))


def nested(x: Any) -> Any:
    inner = stack(conv("i", activation="relu"), pool())()
    outer = keras.Sequential([keras.Input((8, 8, 1)), inner, conv("o", size=2)()])
    return outer(x)


def regularized(x: Any) -> Any:
    return conv(activity_regularizer="l2")()(x)


class OwnConv(layers.Conv2D):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return 2 * super().call(x)


def own(x: Any) -> Any:
    return OwnConv(4, 3)(x)


def hidden(x: Any) -> Any:
    """A convolution that a graph knows nothing of."""

    class Hidden(layers.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv = layers.Conv2D(4, 3)

        def call(self, x: Any) -> Any:
            return self.conv(x)

    return Hidden()(x)


CHAINS: dict[str, tuple[Callable[[], keras.Model], list[list[str]]]] = {
    "alone": (stack(conv()), [["c"]]),
    "relu": (stack(conv(activation="relu")), [["c"]]),
    "relu_pool": (stack(conv(activation="relu"), pool()), [["c", "p"]]),
    "layers": (stack(conv(), relu, pool()), [["c", "r", "p"]]),
    "activation": (
        stack(conv(), lambda: layers.Activation("relu", name="a"), pool()),
        [["c", "a", "p"]],
    ),
    "norm": (stack(conv(), norm(), relu, pool()), [["c", "n", "r", "p"]]),
    "norm_after_relu": (stack(conv(activation="relu"), norm(), pool()), [["c"]]),
    "norm_of_rows": (stack(conv(), norm(axis=1), relu), [["c"]]),
    "pool_then_relu": (stack(conv(), pool(), relu), [["c", "p"]]),
    "other_relu": (stack(conv(), lambda: layers.ReLU(6.0), pool()), [["c"]]),
    "elu": (stack(conv(activation="elu"), pool()), []),
    "same": (stack(conv(padding="same")), [["c"]]),
    "strided": (stack(conv(strides=2)), []),
    "dilated": (stack(conv(dilation_rate=2)), []),
    "channels_first": (stack(conv(data_format="channels_first", padding="same")), []),
    "half": (stack(conv(dtype="mixed_bfloat16")), []),
    "pool_of_3": (stack(conv(), pool(3)), [["c"]]),
    "pool_overlapping": (stack(conv(), pool(2, strides=1)), [["c"]]),
    "pool_padded": (stack(conv(), pool(padding="same")), [["c"]]),
    "then_conv_with_relu": (
        stack(conv(padding="same"), conv("d", activation="relu"), pool()),
        [["c"], ["d", "p"]],
    ),
    "norm_then_conv_with_relu": (
        stack(conv(padding="same"), norm(), conv("d", activation="relu"), pool()),
        [["c", "n"], ["d", "p"]],
    ),
    "then_dense_with_relu": (stack(conv(), lambda: layers.Dense(3, "relu"), pool()), [["c"]]),
    "then_depthwise_with_relu": (
        stack(conv(), lambda: layers.DepthwiseConv2D(2, activation="relu"), pool()),
        [["c"]],
    ),
    "then_transposed_with_relu": (
        stack(conv(), lambda: layers.Conv2DTranspose(2, 2, activation="relu"), pool()),
        [["c"]],
    ),
    "then_leaky": (stack(conv(), layers.LeakyReLU, pool()), [["c"]]),
    "then_threshold": (stack(conv(), lambda: layers.ReLU(threshold=0.2), pool()), [["c"]]),
    "then_slope": (stack(conv(), lambda: layers.ReLU(negative_slope=0.2), pool()), [["c"]]),
    "then_prelu": (stack(conv(), layers.PReLU, pool()), [["c"]]),
    "then_relu6": (stack(conv(), lambda: layers.Activation("relu6"), pool()), [["c"]]),
    "then_average": (stack(conv(), lambda: layers.AveragePooling2D(2)), [["c"]]),
    "then_group_norm": (stack(conv(), lambda: layers.GroupNormalization(2), relu), [["c"]]),
    "two_pools": (stack(conv(padding="same"), pool(), pool(name="q")), [["c", "p"]]),
    "two_relus": (stack(conv(), relu, lambda: layers.ReLU(name="s"), pool()), [["c", "r"]]),
    "two_norms": (stack(conv(), norm(), layers.BatchNormalization, relu), [["c", "n"]]),
    "grouped": (stack(conv(filters=2, groups=1), conv("d", groups=2, activation="relu")), [["c"]]),
    "named_input": (lambda: functional(lambda x: relu()(conv()()(inputs=x))), []),
    "norm_in_training": (lambda: functional(normalized(True)), [["c", "n", "r"]]),
    "norm_in_inference": (lambda: functional(normalized(False)), [["c", "n", "r"]]),
    "dropout_between": (stack(conv(), lambda: layers.Dropout(0.5), relu), [["c"]]),
    "read_twice": (lambda: functional(read_twice), [["c"]]),
    "seen_outside": (lambda: functional(seen_outside), [["c"]]),
    "one_layer_twice": (lambda: functional(one_layer_twice), [["d"]]),
    "nested": (lambda: functional(nested), [["i", "p"], ["o"]]),
    "regularized": (lambda: functional(regularized), []),
    "own": (lambda: functional(own), []),
    "hidden": (lambda: functional(hidden), []),
}


def named(model: keras.Model) -> list[list[str]]:
    found = (block for _, chains in blocks(model) for block in chains)
    return sorted([layer.name for layer in block.layers] for block in found)


@pytest.mark.parametrize("name", CHAINS)
def test_chains(name: str) -> None:
    make, want = CHAINS[name]
    assert named(make()) == want


def targets(function: Callable[..., Any], *args: Any) -> list[str]:
    def within(jaxpr: Any) -> Iterator[str]:
        for eqn in jaxpr.eqns:
            name = eqn.primitive.name
            yield eqn.params["target_name"] if name == "ffi_call" else name
            for value in jax.tree.leaves(
                list(eqn.params.values()), is_leaf=lambda v: isinstance(v, ClosedJaxpr)
            ):
                if isinstance(value, ClosedJaxpr):
                    yield from within(value.jaxpr)

    return list(within(jax.make_jaxpr(function)(*args).jaxpr))


def called(model: keras.Model, x: Any, **how: Any) -> Any:
    """The outputs as a step has them, and the operations they take."""
    state = (
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
    )

    def outputs(x: Any) -> Any:
        return model.stateless_call(*state, x, **how)[0]

    with routed(model):
        return outputs(x), targets(outputs, x)


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("training", [False, True, None])
def test_outputs_are_the_layers(name: str, training: bool) -> None:
    keras.utils.set_random_seed(3)
    model = CHAINS[name][0]()
    for layer in model._flatten_layers():
        if isinstance(layer, layers.BatchNormalization):
            random = np.random.default_rng(0)
            layer.set_weights([random.uniform(0.5, 2, w.shape) for w in layer.weights])
    x = np.random.default_rng(1).normal(size=(3, 8, 8, 1)).astype("float32")
    keras.utils.set_random_seed(4)
    got, operations = called(model, x, training=training)
    want = model(x, training=training)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(want), strict=True):
        if name != "dropout_between" or not training:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert operations.count("bital_conv_forward") == len(CHAINS[name][1])
    for graph, _ in blocks(model):
        assert "_run_through_graph" not in vars(graph)


def test_normalization_is_part_of_the_block_unless_it_learns() -> None:
    model = CHAINS["norm"][0]()
    x = np.zeros((3, 8, 8, 1), np.float32)
    assert "reduce_window_max" not in called(model, x, training=False)[1]
    assert "reduce_window_max" in called(model, x, training=True)[1]
    model.layers[2].trainable = False
    assert "reduce_window_max" not in called(model, x, training=True)[1]
    called_without = functional(lambda x: pool()()(norm()()(conv()()(x), training=False)))
    assert "reduce_window_max" not in called(called_without, x)[1]
    assert "reduce_window_max" in called(called_without, x, training=True)[1]  # as Keras has it


def test_other_dtypes_run_layer_by_layer() -> None:
    model = functional(lambda x: pool()()(conv()()(x)), dtype="bfloat16")
    assert named(model) == [["c", "p"]]
    x = np.random.default_rng(1).normal(size=(3, 8, 8, 1)).astype("float32")
    got, operations = called(model, x)
    assert "bital_conv_forward" not in operations
    np.testing.assert_array_equal(got, model(x))


def test_nothing_is_left_where_tracing_fails() -> None:
    model = CHAINS["relu_pool"][0]()

    def fail() -> None:
        with routed(model):
            assert "_run_through_graph" in vars(model)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert "_run_through_graph" not in vars(model)


def classifier(body: Callable[[Any], Any]) -> Callable[[], keras.Model]:
    def make() -> keras.Model:
        def whole(x: Any) -> Any:
            return layers.Dense(10, activation="softmax")(layers.Flatten()(body(x)))

        return made.compiled(functional(whole))

    return make


def convolutions(x: Any) -> Any:
    x = pool()()(layers.Conv2D(6, 3, padding="same", activation="relu")(x))
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(8, 3, use_bias=False)(x)))
    return layers.Conv2D(5, 1)(x)


def shared(x: Any) -> Any:
    twice = layers.Conv2D(1, 3, padding="same", activation="relu")
    return layers.Conv2D(4, 3, activation="relu")(layers.Add()([twice(twice(x)), x]))


@pytest.mark.parametrize("body", [convolutions, shared, nested], ids=lambda f: f.__name__)
def test_trained_as_by_keras(body: Callable[[Any], Any]) -> None:
    check_same(classifier(body), x=X, y=Y, epochs=2, batch_size=40, validation_split=0.25)


class Curved(keras.Model):  # type: ignore[misc]
    """Its loss has a forward-mode derivative, which a compiled kernel has not."""

    def compute_loss(self, x: Any = None, y: Any = None, y_pred: Any = None, *more: Any) -> Any:
        graph: Any = self.layers[1]
        slope = jax.jvp(graph.call, (x,), (jax.numpy.ones_like(x),))[1]
        return super().compute_loss(x, y, y_pred, *more) + 0.1 * (slope**2).mean()


def test_forward_mode_derivatives_go_without_blocks() -> None:
    def make() -> keras.Model:
        inputs = keras.Input((8, 8, 1))
        inner = classifier(layers.Conv2D(3, 3, activation="relu"))()
        return made.compiled(Curved(inputs, inner(inputs)))

    assert blocks(make())
    check_same(make, x=X, y=Y, epochs=1, batch_size=40)


def test_predicts_and_evaluates_as_keras() -> None:
    keras.utils.set_random_seed(0)
    model = classifier(convolutions)()
    model.fit(X, Y, epochs=1, verbose=0)
    np.testing.assert_allclose(
        bital.predict(model, X, verbose=0), model.predict(X, verbose=0), rtol=1e-4, atol=1e-6
    )
    np.testing.assert_allclose(
        bital.evaluate(model, X, Y, verbose=0), model.evaluate(X, Y, verbose=0), rtol=1e-4
    )
    inner = keras.Model(model.inputs, model.layers[1].output)  # before the pooling
    np.testing.assert_allclose(
        bital.predict(inner, X, verbose=0), inner.predict(X, verbose=0), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("mode", ["off", "jax", "native"])
def test_the_plan_says_what_was_used(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_KERNELS", mode)
    keras.utils.set_random_seed(0)
    model = made.compiled(
        keras.Sequential(
            [
                layers.Conv2D(4, 3, activation="relu", name="first"),
                layers.MaxPooling2D(name="pooling"),
                *(layers.Flatten(), layers.Dense(10, activation="softmax")),
            ]
        )
    )
    history = bital.fit(model, X, Y, verbose=0)
    used = {"native": f"native ({library.instructions()}): first + pooling"}.get(mode, mode)
    assert kernels_used(model) == used
    assert history.bital.kernels == used
    assert bital.plan(model, X, Y).kernels == used
    assert history.history["loss"][0] == pytest.approx(2.2, abs=0.3)


def test_a_program_is_not_taken_for_another_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    model = classifier(convolutions)()
    results = []
    for mode in ("native", "jax", "native"):
        monkeypatch.setenv("BITAL_KERNELS", mode)
        results.append(bital.predict(model, X, verbose=0))
    np.testing.assert_array_equal(results[0], results[2])
    assert not np.array_equal(results[0], results[1])  # other roundings
