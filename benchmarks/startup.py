"""
What `bital run` costs before a program's first line and after its last.

`python benchmarks/startup.py` starts the same two programs as Python does and as `bital run` does,
in turn, and prints medians: one imports Keras and ends, the other one trains a small model besides.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

PROGRAMS = {
    "import keras": "import keras\n",
    "train a little": """import keras
import numpy as np
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.zeros((32, 4)), np.zeros((32, 1)), epochs=1, verbose=0)
""",
}


def seconds(command: list[str], folder: Path) -> float:
    """Seconds from the start of a process to its end."""
    start = time.perf_counter()
    environment = {**os.environ, "KERAS_BACKEND": "jax"}
    subprocess.run(command, check=True, cwd=folder, capture_output=True, env=environment)
    return time.perf_counter() - start


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    print(f"{'program':<16}{'python':>9}{'bital run':>11}{'more':>8}   s, medians of {rounds}")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, source in PROGRAMS.items():
            script = folder / "program.py"
            script.write_text(source)
            ways = {
                "python": [sys.executable, str(script)],
                "bital": [sys.executable, "-m", "bital", str(script)],
            }
            taken: dict[str, list[float]] = {way: [] for way in ways}
            for turn in range(rounds + 1):
                for way, command in ways.items():
                    one = seconds(command, folder)
                    if turn:  # the first reads files that were not in memory
                        taken[way].append(one)
            python, bital = median(taken["python"]), median(taken["bital"])
            print(f"{name:<16}{python:>9.2f}{bital:>11.2f}{bital - python:>8.2f}")


if __name__ == "__main__":
    main()
