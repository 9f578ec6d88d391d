"""
GFLOP/s of one convolution with bias, ReLU and pooling: bital beside PyTorch, TensorFlow and XLA.

    uv run --group bench python benchmarks/conv.py [--layers mnist_2] [--rounds N] [--cores 1,2]

README.md in this folder says what is measured and how to read the table.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, PIPE, Popen
from typing import NamedTuple

import numpy as np
from machine import machine, versions

SECONDS = 0.25
"How long one sample runs at least."
Run = Callable[[], object]


class Layer(NamedTuple):
    """A 3x3 convolution with bias and ReLU, and what it is given."""

    images: int
    size: int
    channels: int
    filters: int
    padding: str
    pool: bool

    @property
    def flops(self) -> float:
        """Of the convolution's forward pass, with every row and column."""
        size = self.size - 2 * (self.padding == "valid")
        return 2.0 * self.images * size * size * 9 * self.channels * self.filters

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        random = np.random.default_rng(0)
        x = random.normal(size=(self.images, self.size, self.size, self.channels))
        w = random.normal(size=(3, 3, self.channels, self.filters)) / (9 * self.channels) ** 0.5
        return x.astype("float32"), w.astype("float32"), np.zeros(self.filters, "float32")


LAYERS = {
    "mnist_1": Layer(128, 28, 1, 32, "valid", True),
    "mnist_2": Layer(128, 13, 32, 64, "valid", True),
    "cnn32_1": Layer(64, 32, 3, 128, "same", True),
    "cnn32_2": Layer(64, 16, 128, 128, "same", True),
    "cnn32_3": Layer(64, 8, 128, 128, "same", True),
    "vgg_2": Layer(32, 64, 64, 64, "same", True),
    "vgg_3": Layer(32, 32, 64, 128, "same", False),
    "vgg_6": Layer(32, 16, 256, 256, "same", True),
}


def jax_runs(layer: Layer, block: Callable) -> tuple[Run, Run]:
    import jax
    import jax.numpy as jnp

    x, w, b = map(jnp.asarray, layer.arrays())
    how = {"padding": layer.padding, "relu": True, "pool": layer.pool}
    wanted = (1, 2) if layer.channels < 4 else (0, 1, 2)

    def total(x, w, b):
        return block(x, w, b, **how).sum()

    forward = jax.jit(lambda x, w, b: block(x, w, b, **how))
    both = jax.jit(jax.grad(total, wanted))
    return (
        lambda: jax.block_until_ready(forward(x, w, b)),
        lambda: jax.block_until_ready(both(x, w, b)),
    )


def bital_runs(layer: Layer) -> tuple[Run, Run]:
    from bital.kernels.conv_block import conv_block

    return jax_runs(layer, conv_block)


def xla_runs(layer: Layer) -> tuple[Run, Run]:
    from bital.kernels.conv_block import reference

    return jax_runs(layer, reference)


def torch_runs(layer: Layer) -> tuple[Run, Run]:
    import torch
    from torch.nn import functional

    torch.set_num_threads(len(os.sched_getaffinity(0)))
    arrays = layer.arrays()
    last = torch.channels_last
    x = torch.from_numpy(arrays[0]).permute(0, 3, 1, 2)
    w = torch.from_numpy(arrays[1]).permute(3, 2, 0, 1).contiguous(memory_format=last)
    b = torch.from_numpy(arrays[2])
    pad = int(layer.padding == "same")

    def block():
        y = functional.relu(functional.conv2d(x, w, b, padding=pad))
        return functional.max_pool2d(y, 2) if layer.pool else y

    def forward():
        with torch.no_grad():
            return block()

    def both():
        x.requires_grad_(layer.channels >= 4)
        for each in (w, b):
            each.requires_grad_(True)
        x.grad = w.grad = b.grad = None
        block().sum().backward()

    return forward, both


def tensorflow_runs(layer: Layer) -> tuple[Run, Run]:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(len(os.sched_getaffinity(0)))
    x, w, b = map(tf.constant, layer.arrays())
    wanted = [w, b] if layer.channels < 4 else [x, w, b]

    def block():
        y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, 1, layer.padding.upper()), b))
        return tf.nn.max_pool2d(y, 2, 2, "VALID") if layer.pool else y

    @tf.function
    def both():
        with tf.GradientTape() as tape:
            tape.watch(wanted)
            total = tf.reduce_sum(block())
        return tape.gradient(total, wanted)

    forward = tf.function(block)
    return (lambda: forward().numpy()), (lambda: [g.numpy() for g in both()][-1])


CONTENDERS = {
    "bital": bital_runs,
    "torch": torch_runs,
    "tensorflow": tensorflow_runs,
    "xla": xla_runs,
}


def peak() -> float:
    """GFLOP/s of a large matrix product on these cores, which libraries do near the peak."""
    a = np.random.default_rng(0).normal(size=(1536, 1536)).astype("float32")
    return 2e-9 * 1536**3 / best(lambda: a @ a)


def best(run: Run) -> float:
    """Seconds of the fastest of the calls that fit into a sample."""
    times: list[float] = []
    while sum(times) < SECONDS or len(times) < 3:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def serve(name: str, cores: int) -> None:
    """Time what each line names; a line answers: seconds forward, and forward and backward."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])
    made: dict[str, tuple[Run, Run]] = {}
    for line in sys.stdin:
        asked = line.strip()
        try:
            if asked == "peak":
                answer = [peak()]
            else:
                if asked not in made:
                    made[asked] = CONTENDERS[name](LAYERS[asked])
                    for run in made[asked]:
                        run()
                answer = [best(run) for run in made[asked]]
        except ImportError:
            answer = []
        print("answer", json.dumps(answer), flush=True)


@contextmanager
def worker(name: str, cores: int) -> Iterator[Callable[[str], list[float]]]:
    """A contender in a process of its own, pinned to so many cores."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(cores))
    environment = os.environ | threads | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--worker", name, "--cores", str(cores)]
    with Popen(
        command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, text=True, env=environment
    ) as process:

        def ask(what: str) -> list[float]:
            process.stdin.write(f"{what}\n")
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith("answer "):
                    return json.loads(line.removeprefix("answer "))
            return []

        try:
            yield ask
        finally:
            process.stdin.close()
            process.wait(30)


def measure(names: list[str], cores: int, rounds: int) -> dict:
    """Rounds in which every contender takes its turn on every layer."""
    with ExitStack() as stack:
        ask = {name: stack.enter_context(worker(name, cores)) for name in CONTENDERS}
        peaks: list[float] = []
        samples: dict = {layer: {name: [] for name in CONTENDERS} for layer in names}
        for turn in range(rounds):
            peaks += ask["bital"]("peak")
            for layer in names:
                print(f"{cores} cores, round {turn + 1}: {layer}", file=sys.stderr)
                for name in CONTENDERS:
                    answer = ask[name](layer)
                    if answer:
                        samples[layer][name].append(answer)
    return {
        "cores": cores,
        "peak": max(peaks),
        "seconds": {
            layer: {
                name: [median(column) for column in zip(*each, strict=True)]
                for name, each in of_layer.items()
                if each
            }
            for layer, of_layer in samples.items()
        },
    }


def table(result: dict) -> str:
    lines = [
        f"{result['cores']} core(s); a matrix product of 1536: {result['peak']:.0f} GFLOP/s",
        f"{'GFLOP/s (share of that)':26}" + "".join(f"{name:>22}" for name in CONTENDERS),
        f"{'':26}" + f"{'forward':>12}{'with back':>10}" * len(CONTENDERS),
    ]
    for name, seconds in result["seconds"].items():
        layer = LAYERS[name]
        passes = 2 if layer.channels < 4 else 3  # an image's gradient is not asked for
        text = f"{name} {layer.size}x{layer.size} {layer.channels}-{layer.filters}"
        cells = ""
        for contender in CONTENDERS:
            if contender not in seconds:
                cells += f"{'-':>12}{'-':>10}"
                continue
            forward, both = seconds[contender]
            for rate, width in ((layer.flops / forward, 12), (passes * layer.flops / both, 10)):
                share = f"{rate / 1e9:.0f} ({rate / 1e9 / result['peak']:.0%})"
                cells += f"{share:>{width}}"
        lines.append(f"{text:26}{cells}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("--layers", default=",".join(LAYERS), help="default: %(default)s")
    parser.add_argument("--rounds", type=int, default=5, help="default: %(default)s")
    parser.add_argument("--cores", default="1,2", help="numbers of cores; default: %(default)s")
    parser.add_argument("--record", type=Path, default=Path(__file__).parent / "results/conv.jsonl")
    parser.add_argument("--worker", choices=CONTENDERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        serve(options.worker, int(options.cores))
        return
    names = options.layers.split(",")
    unknown = [name for name in names if name not in LAYERS]
    if unknown:
        parser.error(f"--layers takes {', '.join(LAYERS)}; got {', '.join(unknown)}")
    here = len(os.sched_getaffinity(0))
    counts = [int(cores) for cores in options.cores.split(",")]
    results = [measure(names, cores, options.rounds) for cores in counts if cores <= here]
    print("\n\n".join(map(table, results)))
    options.record.parent.mkdir(exist_ok=True)
    with options.record.open("a") as file:
        whole = {"benchmark": "conv", "machine": machine(), "versions": versions()}
        file.write(json.dumps(whole | {"results": results}) + "\n")


if __name__ == "__main__":
    main()
