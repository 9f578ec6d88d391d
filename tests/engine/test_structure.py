"""Equal keys mean equal programs: models that are almost the same have different ones, or none."""

import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import jax
import keras
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import layers, optimizers

from bital.engine.keras_own import Trainer
from bital.engine.structure import LARGEST_CONSTANT, structural_key
from bital.models import functional
from engine import made
from engine.pairs import DIFFERENT, SAME, Make, Pair, built, changed, dense, key_data, stack


def trace_of(model: keras.Model) -> tuple[str, list[bytes]]:
    """The training step as JAX sees it: its operations and its constants."""
    traced = jax.make_jaxpr(partial(functional.train_step, model))(
        functional.read_state(model), key_data(model)
    )
    text = re.sub(r"0x[0-9a-f]+", "", str(traced))
    return text, [np.asarray(constant).tobytes() for constant in traced.consts]


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_almost_the_same_model_has_another_key(pair: Pair) -> None:
    keys = [structural_key(built(make)) for make in pair]
    assert None not in keys
    assert keys[0] != keys[1]


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_a_key_is_of_the_structure(pair: Pair) -> None:
    models = [built(make) for make in pair]
    keys = [structural_key(model) for model in models]
    assert keys[0] is not None
    assert keys[0] == keys[1]
    assert hash(keys[0]) == hash(keys[1])
    assert trace_of(models[0]) == trace_of(models[1])


def own(x: Any, training: Any = None) -> Any:
    return keras.ops.relu(x)


class Own(layers.Layer):
    def call(self, x: Any) -> Any:
        return x


class Stepping(keras.Sequential):
    def train_step(self, *args: Any) -> Any:
        return super().train_step(*args)


@wraps(keras.activations.relu)
def disguised(x: Any) -> Any:
    return -x


def noted() -> keras.Model:
    model = stack()
    model.note = object()
    return model


def excluding(**what: Any) -> keras.Model:
    model = stack(layers.Dense(4, name="kept"), optimizer=optimizers.SGD(weight_decay=0.1))
    model.optimizer.exclude_from_weight_decay(
        **{k: v(model) if callable(v) else v for k, v in what.items()}
    )
    return model


def around_a_compiled_model() -> keras.Model:
    inner = built(stack)
    return made.compiled(keras.Sequential([layers.Input((4,)), inner]))


FOREIGN: dict[str, Make] = {
    "subclass of Model": lambda: made.compiled(made.Subclassed()),
    "own step": lambda: made.compiled(Stepping([layers.Input((4,)), layers.Dense(3)])),
    "subclass of Layer": lambda: stack(Own()),
    "own activation": dense(activation=own),
    "own activation set later": changed(dense(), activation=own),
    "looks like Keras's": dense(activation=disguised),
    "JAX's activation": dense(activation=jax.nn.relu),
    "Lambda": lambda: stack(layers.Lambda(lambda x: x)),
    "call replaced": changed(dense(), call=own),
    "own loss": lambda: stack(loss=lambda y, p: keras.ops.mean(p)),
    "own metric": lambda: stack(metrics=[lambda y, p: keras.ops.mean(p)]),
    "own regularizer": dense(kernel_regularizer=own),
    "own learning rate": lambda: stack(optimizer=optimizers.SGD(lambda: 0.1)),
    "excluded by name": partial(excluding, var_names=["kernel"]),
    "excluded": partial(excluding, var_list=lambda model: model.layers[0].weights),
    "a stranger": noted,
    "a compiled model inside": around_a_compiled_model,
}


@pytest.mark.parametrize("make", FOREIGN.values(), ids=FOREIGN.keys())
def test_what_is_not_keras_s_own_makes_no_key(make: Make) -> None:
    assert structural_key(built(make)) is None


def test_a_large_constant_makes_no_key() -> None:
    model = built(stack)
    assert structural_key(model) is not None
    model.layers[0].note = np.zeros(LARGEST_CONSTANT + 1, np.int8)
    assert structural_key(model) is None


def test_a_deleted_array_makes_no_key() -> None:
    model = built(stack)
    model.layers[0].note = jax.numpy.ones(3)
    assert structural_key(model) is not None
    model.layers[0].note.delete()
    assert structural_key(model) is None


def named(kind: Callable[[], Any], name: str) -> Make:
    return lambda: stack(layers.Dense(4, name=name), optimizer=kind())


def test_names_count_where_an_optimizer_may_look_at_them() -> None:
    muon = partial(optimizers.Muon, exclude_layers=["first"])
    assert key_of(named(muon, "first")) != key_of(named(muon, "second"))
    assert key_of(named(optimizers.Adam, "first")) == key_of(named(optimizers.Adam, "second"))


def test_names_count_where_layers_are_recomputed_by_name() -> None:
    def make(name: str) -> keras.Model:
        with keras.RematScope(mode="list_of_layers", layer_names=["first"]):
            return stack(layers.Dense(4, name=name))

    assert key_of(partial(make, "first")) != key_of(partial(make, "second"))


def test_names_of_inputs_count_where_a_dict_is_picked_from() -> None:
    def inner(*names: str) -> keras.Model:
        inputs = [layers.Input((4,), name=name) for name in names]
        return keras.Model(inputs, inputs[0] - inputs[1])

    def outer(*names: str) -> keras.Model:
        x = layers.Input((4,))
        out = inner(*names)({"a": x, "b": 2 * x})
        return made.compiled(keras.Model(x, layers.Dense(3, activation="softmax")(out)))

    models = [built(partial(outer, *names)) for names in ("ab", "ba")]
    assert trace_of(models[0]) != trace_of(models[1])
    assert structural_key(models[0]) != structural_key(models[1])

    picking = [made.compiled(inner(*names)) for names in ("ab", "ba")]
    assert structural_key(picking[0]) == structural_key(picking[1])
    keys = [structural_key(model, by_name=True) for model in picking]
    assert keys[0] != keys[1]


# As in Keras's own tests: a model that is no keras.Model.
TRAINER = """
class OfKeras(Trainer, Layer):
    def __init__(self):
        Layer.__init__(self)
        Trainer.__init__(self)

    def call(self, x):
        return x["a"] - x["b"]
"""


def test_a_trainer_without_inputs_takes_a_dict() -> None:
    names = {"__name__": "keras.src.own", "Trainer": Trainer, "Layer": layers.Layer}
    exec(TRAINER, names)
    model = names["OfKeras"]()
    model({"a": np.ones((3, 2)), "b": np.ones((3, 2))})
    assert structural_key(model, by_name=True) is not None


def key_of(make: Make) -> Any:
    return structural_key(built(make))


LAYERS = st.sampled_from(
    [
        (layers.Dense, {"units": 4}),
        (layers.Dense, {"units": 4, "activation": "relu"}),
        (layers.Dense, {"units": 4, "activation": "tanh", "kernel_regularizer": "l2"}),
        (layers.Dense, {"units": 4, "use_bias": False, "trainable": False}),
        (layers.Dense, {"units": 4, "dtype": "mixed_bfloat16"}),
        (layers.Dropout, {"rate": 0.25}),
        (layers.Dropout, {"rate": 0.5}),
        (layers.BatchNormalization, {}),
        (layers.BatchNormalization, {"momentum": 0.9}),
        (layers.LayerNormalization, {}),
        (layers.ReLU, {"max_value": 6.0}),  # without, it is Dense(activation="relu")'s twin
        (layers.LeakyReLU, {}),
        (layers.Rescaling, {"scale": 0.5}),
    ]
)
OPTIMIZERS = st.sampled_from(
    [
        (optimizers.SGD, {}),
        (optimizers.SGD, {"momentum": 0.9}),
        (optimizers.SGD, {"weight_decay": 0.01}),
        (optimizers.Adam, {}),
        (optimizers.Adam, {"beta_1": 0.8}),
        (optimizers.Adam, {"clipnorm": 1.0}),
    ]
)
RECIPES = st.tuples(st.lists(LAYERS, max_size=3), OPTIMIZERS)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RECIPES, st.data())
def test_keys_are_equal_just_where_traces_are(recipe: Any, data: st.DataObject) -> None:
    other = data.draw(
        st.sampled_from([recipe]) | RECIPES | st.tuples(st.just(recipe[0]), OPTIMIZERS)
    )
    models = [built(partial(from_recipe, each)) for each in (recipe, other)]
    keys = [structural_key(model) for model in models]
    assert None not in keys
    assert (keys[0] == keys[1]) == (trace_of(models[0]) == trace_of(models[1]))


def from_recipe(recipe: Any) -> keras.Model:
    middle, (kind, arguments) = recipe
    return stack(*(make(**settings) for make, settings in middle), optimizer=kind(**arguments))
