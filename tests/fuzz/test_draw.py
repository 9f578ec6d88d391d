"""All of Keras can be drawn, and a drawing depends on its number alone."""

import inspect
from collections.abc import Iterable

import keras
import pytest

from fuzz.call import calls
from fuzz.case import Graph
from fuzz.draw import NAMES, case_of, draw_case
from fuzz.layers import LAYERS
from fuzz.left_out import LEFT_OUT
from fuzz.objectives import KINDS
from fuzz.training import CALLBACKS, OPTIMIZERS, SCHEDULES
from fuzz.weights import ACTIVATIONS, CONSTRAINTS, INITIALIZERS, REGULARIZERS

DRAWN: dict[str, Iterable[str]] = {
    "layers": LAYERS,
    "initializers": INITIALIZERS,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "optimizers": OPTIMIZERS,
    "optimizers.schedules": SCHEDULES,
    "losses": [name for kind in KINDS.values() for name in kind.losses],
    "metrics": [name for kind in KINDS.values() for name in kind.metrics],
    "callbacks": CALLBACKS,
}


@pytest.mark.parametrize("group", DRAWN)
def test_every_public_class_is_drawn_or_left_out_for_a_reason(group: str) -> None:
    module = keras
    for part in group.split("."):
        module = getattr(module, part)
    names: dict[type, set[str]] = {}
    for name, value in vars(module).items():
        if inspect.isclass(value):
            names.setdefault(value, set()).add(name)
    known = {*DRAWN[group], *LEFT_OUT[group]}
    assert not [spellings for spellings in names.values() if not spellings & known]
    assert not set(DRAWN[group]) & set(LEFT_OUT[group])


def test_every_public_activation_is_drawn() -> None:
    functions = {
        value: name
        for name, value in vars(keras.activations).items()
        if inspect.isfunction(value) and name not in ("get", "serialize", "deserialize")
    }
    drawn = {getattr(keras.activations, name) for name in ACTIVATIONS}
    others = {keras.activations.glu, keras.activations.threshold}  # by Activation and Lambda
    assert set(functions) == drawn | others


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_stands_in_a_model(layer: str) -> None:
    case = draw_case(1, {"layer": layer})
    assert layer in _layers(case.graph)


def test_a_number_gives_one_case() -> None:
    assert [case_of(seed).program for seed in range(6)] == [
        case_of(seed).program for seed in range(6)
    ]


def test_numbers_ask_for_every_name() -> None:
    for seed in range(1, 12, 2):
        group, name = NAMES[seed // 2]
        assert group == "layer"
        assert name in _layers(case_of(seed).graph)


def _layers(graph: Graph) -> list[str]:
    found = []
    for node in graph.nodes:
        if isinstance(node.layer, Graph):
            found += _layers(node.layer)
        else:
            found += [call.name for call in calls(node.layer)]
    return found
