"""Stand-ins for the published files: right in shape and format, invented in content."""

import gzip
import struct
from pathlib import Path

import numpy as np

from bital.data.dataset import Dataset
from bital.data.sources.assembly import AUTO_MPG_COLUMNS, BOSTON_COLUMNS

CYLINDERS = (8, 4, 6, 3, 5)
FASHION = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")


def classification(counts: list[int], name: str = "made") -> Dataset:
    y = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    x = np.arange(len(y), dtype=np.float32)[:, np.newaxis]
    return Dataset(name, "classification", x, y, tuple(f"class {c}" for c in range(len(counts))))


def regression(rows: int) -> Dataset:
    x = np.arange(rows, dtype=np.float32)[:, np.newaxis]
    return Dataset("made", "regression", x, x[:, 0] / 2)


def mnist_arrays() -> dict[str, np.ndarray]:
    def part(count: int) -> tuple[np.ndarray, np.ndarray]:
        images = np.zeros((count, 28, 28), np.uint8)
        images[:, 0, 0] = np.arange(count) % 251
        return images, (np.arange(count) % 10).astype(np.uint8)

    (x_train, y_train), (x_test, y_test) = part(60_000), part(10_000)
    return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=1)


def write_fashion(folder: Path) -> None:
    (folder / "fashion_mnist").mkdir()
    for stem, array in zip(FASHION, mnist_arrays().values(), strict=True):
        (folder / "fashion_mnist" / f"{stem}-ubyte.gz").write_bytes(idx(array))


def boston_table() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 100, (506, len(BOSTON_COLUMNS))).round(4)


def boston_text(table: np.ndarray) -> str:
    header = ",".join(f'"{column}"' for column in BOSTON_COLUMNS)
    return "\n".join([header, *(",".join(str(v) for v in row) for row in table)]) + "\n"


def auto_mpg_table() -> np.ndarray:
    rng = np.random.default_rng(1)
    table = rng.uniform(1, 100, (398, len(AUTO_MPG_COLUMNS))).round(1)
    table[:, 1] = rng.choice(CYLINDERS, 398)
    table[:, 6] = rng.integers(70, 83, 398)
    table[:, 7] = rng.integers(1, 4, 398)
    table[[3, 50, 51, 200, 300, 397], 3] = np.nan
    return table


def auto_mpg_text(table: np.ndarray) -> str:
    def line(row: np.ndarray) -> str:
        fields = ["?" if np.isnan(v) else f"{v:.4f}" for v in row]
        return "   ".join(fields) + '\t"ford pinto 2 door"'

    return "\n".join(line(row) for row in table) + "\n"


def write_table(folder: Path, file: str, text: str) -> None:
    (folder / "tabular").mkdir(exist_ok=True)
    (folder / "tabular" / file).write_text(text, encoding="utf-8")
