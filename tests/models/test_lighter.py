"""Keras is imported without what it may not need, which comes when it is used."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

BEGIN = (
    "import sys, bital, keras, numpy as np\n"
    "for name in ('sklearn', 'pandas', 'scipy.sparse', 'tensorflow', 'matplotlib.rcsetup',\n"
    "             'jax._src.pallas', 'urllib3'):\n"
    "    assert name not in sys.modules, name\n"
)


def run(code: str, **environment: str) -> None:
    """Run a program that begins with bital and Keras."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BEGIN + code],
        env=os.environ | {"KERAS_BACKEND": "jax"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    "then",
    [
        "assert keras.wrappers.SKLearnClassifier.__name__ == 'SKLearnClassifier'\n"
        "from sklearn.base import BaseEstimator\n"
        "assert issubclass(keras.wrappers.SKLearnClassifier, BaseEstimator)",
        "from keras.wrappers import SKLearnRegressor",
        "import matplotlib\nassert matplotlib.__version__\nmatplotlib.use('Agg')\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nassert len(plt.gcf().axes) == 1",
        "from matplotlib import pyplot\nassert callable(pyplot.figure)",
        "from matplotlib import rcParams\nassert len(rcParams) > 100",
        "import matplotlib.patches, matplotlib.lines\nmatplotlib.patches.Circle((0, 0))",
        "from jax.experimental import pallas as pl\nassert callable(pl.pallas_call)",
        "from jax.experimental.pallas.ops.tpu import splash_attention\n"
        "splash_attention.CausalMask((8, 8))",
        "from keras.src.backend.jax import nn\nnn.splash_attention_mask.CausalMask((8, 8))\n"
        "assert callable(nn.splash_attention_kernel.make_splash_mha)",
        "from jax.experimental.sparse import linalg\nassert callable(linalg.spsolve)",
    ],
)
def test_what_was_put_off_is_there_when_asked_for(then: str) -> None:
    run(then)


def test_a_gallery_is_drawn(tmp_path: Path) -> None:
    path = str(tmp_path / "gallery.png")
    run(f"keras.visualization.plot_image_gallery(np.zeros((4, 8, 8, 3)), path={path!r})")
    assert Path(path).stat().st_size


def test_threads_wait_for_a_module_to_wake() -> None:
    run(
        "from concurrent.futures import ThreadPoolExecutor\nimport matplotlib.pyplot as plt\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    found = list(pool.map(lambda _: plt.figure, range(8)))\n"
        "assert len(set(found)) == 1"
    )


FRAMES = """
import pandas as pd
model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
model.compile("sgd", "mse")
frame = pd.DataFrame({"a": np.arange(8.0), "나": np.arange(8.0)})
for fit in (keras.Model.fit, bital.fit):
    history = fit(model, frame, frame["a"], verbose=0, epochs=1)
    assert np.isfinite(history.history["loss"][0])
"""


def test_frames_are_known_once_pandas_is_here() -> None:
    pytest.importorskip("pandas")
    run(FRAMES)


def test_arrays_do_not_bring_pandas() -> None:
    run(
        "model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"
        "model.compile('sgd', 'mse')\n"
        "for fit in (keras.Model.fit, bital.fit):\n"
        "    fit(model, np.ones((8, 2)), np.ones((8, 1)), verbose=0, validation_split=0.5)\n"
        "assert 'pandas' not in sys.modules"
    )


TENSORFLOW = """
class random:
    seeds = []
    set_seed = seeds.append
"""


@pytest.mark.parametrize(
    ("then", "seeds"),
    [
        ("keras.utils.set_random_seed(3)\nimport tensorflow", [3]),
        ("keras.utils.set_random_seed(3)\nkeras.utils.set_random_seed(4)\nimport tensorflow", [4]),
        ("import tensorflow\nkeras.utils.set_random_seed(3)", [3]),
        ("import tensorflow", []),
        (
            "import importlib.util\nkeras.utils.set_random_seed(3)\n"
            "assert importlib.util.find_spec('tensorflow')\nimport tensorflow",
            [3],
        ),
        (
            "keras.utils.set_random_seed(3)\nimport tensorflow\nkeras.utils.set_random_seed(5)",
            [3, 5],
        ),
    ],
)
def test_tensorflow_is_seeded_when_it_comes(tmp_path: Path, then: str, seeds: list[int]) -> None:
    (tmp_path / "tensorflow.py").write_text(TENSORFLOW)
    drawn = "assert np.random.get_state()[1][0] in (3, 4, 5)\n" if seeds else ""
    code = f"{then}\n{drawn}assert sys.modules['tensorflow'].random.seeds == {seeds}"
    run(code, PYTHONPATH=str(tmp_path))


def test_what_others_import_is_theirs() -> None:
    code = (
        "import sys, bital\nimport matplotlib.pyplot\n"
        "assert type(sys.modules['matplotlib.pyplot']).__name__ == 'module'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
