"""Keras is imported without scikit-learn and pyplot, which come when they are used."""

import subprocess
import sys

import pytest

BEGIN = "import sys, bital, keras\nassert 'sklearn' not in sys.modules\n"


@pytest.mark.parametrize(
    "then",
    [
        "assert keras.wrappers.SKLearnClassifier.__name__ == 'SKLearnClassifier'\n"
        "from sklearn.base import BaseEstimator\n"
        "assert issubclass(keras.wrappers.SKLearnClassifier, BaseEstimator)",
        "from keras.wrappers import SKLearnRegressor",
        "import matplotlib\nmatplotlib.use('Agg')\nimport matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\nassert len(plt.gcf().axes) == 1",
        "from matplotlib import pyplot\nassert callable(pyplot.figure)",
        "import numpy as np\n"
        "keras.visualization.plot_image_gallery(np.zeros((4, 8, 8, 3)), path='gallery.png')",
    ],
)
def test_what_was_put_off_is_there_when_asked_for(then: str, tmp_path: object) -> None:
    code = BEGIN + then
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, cwd=str(tmp_path))


def test_what_others_import_is_theirs() -> None:
    code = (
        "import sys, bital\nimport matplotlib.pyplot\n"
        "assert type(sys.modules['matplotlib.pyplot']).__name__ == 'module'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
