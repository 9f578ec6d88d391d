import subprocess
import sys

import pytest

import bital.data


def test_names_cost_no_numerical_library():
    code = (
        "import sys, bital.data\n"
        "assert 'digits' in bital.data.names()\n"
        "heavy = {'numpy', 'sklearn', 'polars', 'jax', 'keras'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "bital.data.load('iris')\n"
        "heavy = {'polars', 'jax', 'keras'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"'bital\.data' has no attribute 'lod'"):
        bital.data.lod  # noqa: B018
