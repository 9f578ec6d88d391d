"""Random models, trained by Keras and by bital; benchmarks/parity_fuzz.py tries thousands."""

import os
from dataclasses import replace

import pytest

from fuzz import replicas
from fuzz.call import call
from fuzz.case import Case, Graph, Node, Source
from fuzz.compare import differences
from fuzz.run import explained, fails, results
from fuzz.shrink import shrunk

MODELS = int(os.environ.get("BITAL_FUZZ_MODELS", "40"))
FIRST = int(os.environ.get("BITAL_FUZZ_FIRST", "7000"))
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_random_models(part: int) -> None:
    refused = 0
    share = MODELS // PARTS
    first = FIRST + part * share
    for result in results(range(first, first + share)):
        assert not result.differences, explained(result.case, 40)
        refused += bool(result.refused)
    assert refused <= share // 3


def test_random_replicas() -> None:
    kinds = []
    for case, kind, found in replicas.results(range(FIRST, FIRST + MODELS // 8)):
        assert not found, "\n".join([*map(str, found[:8]), case.program])
        kinds.append(kind)
    assert kinds.count("same") >= len(kinds) // 2, kinds


def convolutions(*layers: str, rows: int = 5, **settings: str) -> Case:
    nodes = tuple(
        Node(call(f"layers.{name.split(':')[0]}", **_ARGUMENTS[name]), (number,))
        for number, name in enumerate((*layers, "GlobalAveragePooling2D", "Dense"))
    )
    graph = Graph((Source((8, 8, 3)),), nodes, (len(nodes),), "sequential")
    return Case(
        seed=3,
        graph=graph,
        labels=("rng.normal(size=(n, 2)).astype('float32')",),
        compile={
            "optimizer": call("optimizers.SGD", learning_rate=0.1),
            "loss": call("losses.MeanSquaredError"),
        },
        fit={"epochs": 1, "batch_size": 5},
        rows=rows,
        **settings,
    )


_ARGUMENTS = {
    "Conv2D": {"filters": 4, "kernel_size": 3, "padding": "same"},
    "Conv2D:relu": {"filters": 4, "kernel_size": 3, "padding": "same", "activation": "relu"},
    "BatchNormalization": {},
    "MaxPooling2D": {"pool_size": 2},
    "GlobalAveragePooling2D": {},
    "Dense": {"units": 2},
}


@pytest.mark.parametrize("looks", ["predict", "evaluate"])
@pytest.mark.parametrize(
    "layers",
    [
        ("Conv2D", "Conv2D:relu"),
        ("Conv2D", "Conv2D:relu", "MaxPooling2D"),
        ("Conv2D", "BatchNormalization", "Conv2D:relu"),
    ],
    ids="-".join,
)
def test_a_convolution_with_relu_after_one_without(layers: tuple[str, ...], looks: str) -> None:
    assert differences(convolutions(*layers, looks=looks)) == []


def test_a_planted_fault_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    from bital.engine import blocks

    was = blocks._is_relu
    monkeypatch.setattr(
        blocks, "_is_relu", lambda layer: was(layer) or getattr(layer, "filters", 0) == 4
    )
    case = convolutions(
        "Conv2D", "BatchNormalization", "Conv2D:relu", "MaxPooling2D", looks="predict"
    )
    assert fails(case)
    small = shrunk(replace(case, fit={"epochs": 2, "batch_size": 3}), fails, most=40)
    assert len(small.graph.nodes) < len(case.graph.nodes)
    assert small.fit["epochs"] == 1
    program = explained(small, most=0)
    assert "keras.layers.Conv2D(" in program
    assert "# predict" in program
