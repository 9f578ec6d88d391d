"""Which backend Keras runs on, in processes of their own: a backend is chosen once a process."""

import os
import subprocess
import sys

import pytest


def python(code: str, backend: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "KERAS_BACKEND"}
    if backend is not None:
        environment["KERAS_BACKEND"] = backend
    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_bital_first_means_jax() -> None:
    said = python("import bital, keras; bital.fit; print(keras.backend.backend())")
    assert (said.returncode, said.stdout.strip()) == (0, "jax"), said.stderr


def test_keras_first_on_another_backend_is_refused() -> None:
    said = python(
        "import keras, bital\n"
        "from bital.errors import WrongBackend\n"
        "try:\n"
        "    bital.fit\n"
        "except WrongBackend as error:\n"
        "    print(error)",
        backend="numpy",
    )
    assert said.returncode == 0, said.stderr
    assert "'numpy'" in said.stdout
    assert "KERAS_BACKEND=numpy" in said.stdout
    assert "Set KERAS_BACKEND=jax before Keras is imported" in said.stdout


def test_the_users_choice_stands_and_is_refused() -> None:
    said = python(
        "import os, bital\n"
        "print(os.environ['KERAS_BACKEND'])\n"
        "from bital.models.backend import require_jax\n"
        "require_jax()",
        backend="numpy",
    )
    assert said.stdout.strip() == "numpy"
    assert said.returncode == 1
    assert "WrongBackend: " in said.stderr


@pytest.mark.parametrize("loaded", [True, False])
def test_the_environment_is_left_alone_once_keras_is_here(
    monkeypatch: pytest.MonkeyPatch, loaded: bool
) -> None:
    from bital.models.backend import prefer_jax

    monkeypatch.delenv("KERAS_BACKEND")
    if not loaded:
        for name in [n for n in sys.modules if n == "keras"]:
            monkeypatch.delitem(sys.modules, name)
    else:
        import keras  # noqa: F401
    prefer_jax()
    assert os.environ.get("KERAS_BACKEND") == (None if loaded else "jax")
    monkeypatch.setenv("KERAS_BACKEND", "jax")


def test_jax_is_accepted() -> None:
    from bital.models.backend import require_jax

    require_jax()
