"""Many small fits in one process: as fast as sharing allows, in memory that stays where it is."""

import json
import subprocess
import sys

import pytest

SCRIPT = """
import json, resource, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
import bital, keras
from keras import layers
from engine import made

def resident():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20

def other(width):
    stack = [layers.Input((4,)), layers.Dense(width, "tanh"), layers.Dense(3, "softmax")]
    return made.compiled(keras.Sequential(stack))

x, y = made.iris()
memory, start = [], time.perf_counter()
for index in range({fits}):
    if index % 10 == 4:
        model = made.compiled(made.Subclassed())
    elif index % 10 == 9:
        model = other(4 + index // 10 % 5)
    else:
        model = made.mlp()
    history = {fit}(model, x, y, epochs=5, verbose=0)
    assert len(history.history["loss"]) == 5
    memory.append(resident())
print(json.dumps([memory, {fits} / (time.perf_counter() - start)]))
"""


def many_fits(fits: int, fit: str = "bital.fit") -> tuple[list[float], float]:
    """Return the MiB in use after each fit, and fits a second."""
    tests = str(__file__).rpartition("engine")[0]
    script = SCRIPT.format(tests=tests, fits=fits, fit=fit)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    memory, speed = json.loads(done.stdout)
    return memory, speed


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("fits", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_memory_is_flat_after_the_first_fifty(fits: int) -> None:
    memory, _ = many_fits(fits)
    assert memory[-1] < 1.05 * max(memory[:50])
    assert max(memory[50:]) < 1.05 * max(memory[:50])
