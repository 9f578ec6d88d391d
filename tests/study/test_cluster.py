"""A study on a Ray cluster of two nodes, started here."""

import subprocess
import sys
from pathlib import Path

import pytest

from bital.errors import InvalidInput
from bital.study.design import Design
from bital.study.recipes import compiled
from bital.study.run import run_design

PROGRAM = """
import sys
from dataclasses import replace
import keras, numpy, ray
from ray.cluster_utils import Cluster
from bital.store.shelf import Shelf
from bital.store.store import Store
from bital.study.arm import Arm
from bital.study.design import Design
from bital.study.run import run_design

def build(units=8):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation="relu"),
                              keras.layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

class Fails(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise RuntimeError("일부러")

local = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
local.add_node(num_cpus=1)
ray.init(address=local.address, log_to_driver=False, logging_level="ERROR")
assert len(ray.nodes()) == 2
watched = Arm(lambda: build(16), callbacks=lambda: [keras.callbacks.LambdaCallback(
    on_epoch_end=lambda epoch, logs: None)])
arms = {"묶음": build, "따로": watched}
design = Design(arms, "iris", seeds=3, epochs=3)
here, there = run_design(design, workers=1), run_design(design, workers="ray")
stores = [Store.open(f"{sys.argv[1]}/{name}.db") for name in ("here", "there")]
keep = replace(design, keep=("weights", "predictions"))
for store, workers in zip(stores, (1, "ray"), strict=True):
    run_design(keep, workers=workers, shelf=Shelf(store, "s", {}))
for one in stores[0].runs():
    other = stores[1].find(one.key)
    assert set(one.blobs) == {"history", "weights", "predictions"}
    assert one.blobs == other.blobs
for one, other in zip(here.arms, there.arms, strict=True):
    for key, scores in one.scores.items():
        numpy.testing.assert_array_equal(scores, other.scores[key])
bad = Design(arms | {"나쁨": Arm(build, callbacks=lambda: [Fails()])}, "iris", seeds=2, epochs=2)
result = run_design(bad, workers="ray")
assert [arm.name for arm in result.arms] == ["묶음", "따로"], result.arms
assert "일부러" in result.failed["나쁨"], result.failed
ray.shutdown()
local.shutdown()
"""


@pytest.mark.peer
def test_two_nodes_give_what_one_process_gives(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    arm = lambda: compiled({"label": "a", "units": (4,)}, (4,), 3, "adam")  # noqa: E731
    design = Design({"a": arm}, "iris", seeds=1, epochs=1)
    with pytest.raises(InvalidInput, match=r"Install bital\[ray\]"):
        run_design(design, workers="ray")
