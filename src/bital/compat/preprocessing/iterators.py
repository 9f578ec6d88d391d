"""Keras's image iterators, their files decoded once and their transforms on all cores."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from keras.src.legacy.preprocessing import image as legacy
from keras.src.utils.image_utils import array_to_img

from bital.compat.preprocessing.decoded import IMAGES

_DRAWING = ("get_random_transform", "apply_transform", "standardize")


class Iterator(legacy.Iterator):
    """Base of iterators that a program writes itself."""

    def next(self) -> Any:
        """Return the next batch, beginning anew behind the last."""
        return self.__next__()


class NumpyArrayIterator(Iterator, legacy.NumpyArrayIterator):
    """Batches of an array of images, transformed."""


class _FromFiles(Iterator):
    """Batches of image files, transformed."""

    def _get_batches_of_transformed_samples(self, index_array: Any) -> Any:
        batch_x = np.zeros((len(index_array), *self.image_shape), dtype=self.dtype)
        self._fill(batch_x, [self.filepaths[j] for j in index_array])
        if self.save_to_dir:
            self._save(batch_x, index_array)
        batch_y = self._targets_of(batch_x, index_array)
        if batch_y is None:
            return batch_x
        if self.sample_weight is None:
            return batch_x, batch_y
        return batch_x, batch_y, self.sample_weight[index_array]

    def _fill(self, batch_x: np.ndarray, paths: list[str]) -> None:
        generator = self.image_data_generator

        def read(path: str) -> np.ndarray:
            return IMAGES.read(
                path,
                self.data_format,
                color_mode=self.color_mode,
                target_size=self.target_size,
                interpolation=self.interpolation,
                keep_aspect_ratio=self.keep_aspect_ratio,
            )

        def transform(i: int, x: np.ndarray, draw: Any) -> None:
            if generator is not None:
                x = generator.standardize(generator.apply_transform(x, draw))
            batch_x[i] = x

        if _draws_only_parameters(generator):
            draws = [generator and generator.get_random_transform(self.image_shape) for _ in paths]
            list(_pool().map(lambda i: transform(i, read(paths[i]), draws[i]), range(len(paths))))
            return
        for i, path in enumerate(paths):
            x = read(path)
            transform(i, x, generator.get_random_transform(x.shape))

    def _save(self, batch_x: np.ndarray, index_array: Any) -> None:
        for x, j in zip(batch_x, index_array, strict=True):
            name = f"{self.save_prefix}_{j}_{np.random.randint(10**7)}.{self.save_format}"
            array_to_img(x, self.data_format).save(os.path.join(self.save_to_dir, name))

    def _targets_of(self, batch_x: np.ndarray, index_array: Any) -> Any:
        if self.class_mode == "input":
            return batch_x.copy()
        if self.class_mode in {"binary", "sparse"}:
            return np.array([self.classes[j] for j in index_array], dtype=self.dtype)
        if self.class_mode == "categorical":
            batch_y = np.zeros((len(index_array), len(self.class_indices)), dtype=self.dtype)
            for row, j in zip(batch_y, index_array, strict=True):
                row[self.classes[j]] = 1  # one class, or a list of them
            return batch_y
        if self.class_mode == "multi_output":
            return [output[index_array] for output in self.labels]
        return self.labels[index_array] if self.class_mode == "raw" else None


class DirectoryIterator(_FromFiles, legacy.DirectoryIterator):
    """Batches of a folder of image files, one folder a class."""


class DataFrameIterator(_FromFiles, legacy.DataFrameIterator):
    """Batches of the image files that a table names."""

    def __init__(self, dataframe: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(_pandas(dataframe), *args, **kwargs)


def _draws_only_parameters(generator: Any) -> bool:
    """Whether all random numbers of a batch can be drawn before its first image is transformed.

    A program's own function may draw too, and is called once at a time, as Keras calls it.
    """
    if generator is None:
        return True
    kind = type(generator)
    own = all(getattr(kind, m) is getattr(legacy.ImageDataGenerator, m) for m in _DRAWING)
    return own and generator.preprocessing_function is None


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="bital-images")


def _pandas(table: Any) -> Any:
    """Return a polars table as pandas, which is what Keras reads; any other as it is."""
    if not type(table).__module__.startswith("polars"):
        return table
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(
            "flow_from_dataframe reads a polars table through pandas, which is not installed. "
            "Run `pip install pandas`."
        ) from error
    return pd.DataFrame(table.to_dict(as_series=False))
