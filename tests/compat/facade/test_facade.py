"""What stands in for TensorFlow, beside the corpus: its edges."""

import importlib.util
import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from bital.compat import mode
from bital.compat.facade.dataset import Dataset

pytestmark = pytest.mark.filterwarnings("default")
without = pytest.mark.skipif(
    importlib.util.find_spec("tensorflow") is not None, reason="TensorFlow is installed"
)


@without
@pytest.mark.parametrize("path", ["tf.raw_ops", "tf.nn.ctc_loss_v3", "tf.data.TFRecordDataset"])
def test_what_is_tensorflows_own_says_so(path: str) -> None:
    with mode.compat():
        import tensorflow as tf  # type: ignore[import-not-found,unused-ignore]

        with pytest.raises(
            AttributeError, match=rf"{path} is TensorFlow's own.*Install TensorFlow"
        ):
            eval(path, {"tf": tf})


@without
def test_it_is_gone_when_the_mode_is_off() -> None:
    with mode.compat():
        pass
    with pytest.raises(ImportError):
        import tensorflow  # noqa: F401


def test_a_function_of_rows_runs_for_all_at_once_or_row_by_row_alike() -> None:
    calls = []

    def pure(x: object) -> object:
        calls.append(1)
        return x * 2  # type: ignore[operator]

    rows = np.arange(40, dtype="float32")
    found = [float(x) for x in Dataset.from_tensor_slices(rows).map(pure)]
    assert found == (rows * 2).tolist()
    assert len(calls) == 1  # traced once
    leaves = Dataset.from_tensor_slices(rows).map(lambda x: np.asarray(x) * 2)  # leaves JAX
    assert [float(x) for x in leaves] == found


def test_random_numbers_differ_from_row_to_row() -> None:
    with mode.compat():
        import tensorflow as tf  # type: ignore[import-not-found,unused-ignore]

        noisy = tf.data.Dataset.from_tensor_slices(np.zeros(20, "float32")).map(
            lambda x: x + tf.random.normal(())
        )
        assert len({float(x) for x in noisy}) == 20


def test_cache_repeat_take_skip_zip() -> None:
    reads = []

    def rows() -> object:
        for n in range(4):
            reads.append(n)
            yield np.float32(n)

    data = Dataset.from_generator(rows).cache()
    assert [float(x) for x in data] == [float(x) for x in data] == [0, 1, 2, 3]
    assert reads == [0, 1, 2, 3]
    endless = Dataset.range(3).repeat()
    assert [int(x) for x in itertools.islice(endless, 7)] == [0, 1, 2, 0, 1, 2, 0]
    assert [int(x) for x in Dataset.range(9).skip(2).take(3)] == [2, 3, 4]
    pairs = Dataset.zip((Dataset.range(2), Dataset.range(5, 9)))
    assert [(int(a), int(b)) for a, b in pairs] == [(0, 5), (1, 6)]
    with pytest.raises(TypeError, match="steps_per_epoch"):
        len(endless)


def test_patches_of_images_lie_in_depth() -> None:
    image = np.arange(2 * 4 * 4 * 3, dtype=np.float32).reshape(2, 4, 4, 3)
    with mode.compat():
        import tensorflow as tf

        found = tf.image.extract_patches(image, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "VALID")
        counted = tf.range(jnp.asarray(3), 9, jnp.asarray(2))
    assert found.shape == (2, 2, 2, 12)
    np.testing.assert_array_equal(found[0, 0, 1].reshape(2, 2, 3), image[0, :2, 2:])
    assert counted.dtype == "int32"
    assert counted.tolist() == [3, 5, 7]
