"""Names that pip knows."""

import traceback

import pytest

from bital.compat.around.missing import advice, explain


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("cv2", "opencv-python-headless"),
        ("sklearn.svm", "scikit-learn"),
        ("PIL.Image", "pillow"),
        ("yaml", "pyyaml"),
    ],
)
def test_pip_s_name_is_said(module: str, name: str) -> None:
    assert advice(module).endswith(f"pip calls it {name}. Run: pip install {name}")


def test_a_traceback_shows_it() -> None:
    try:
        import nowhere_to_be_found  # noqa: F401
    except ModuleNotFoundError as error:
        explain(error)
        said = "".join(traceback.format_exception(error))
    assert said.endswith("not installed. Run: pip install nowhere_to_be_found\n")
