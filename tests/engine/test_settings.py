"""A setting that a trace reads is part of the settings, and nothing else is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import jax
import keras
import pytest
from keras.src.backend.common.stateless_scope import StatelessScope
from keras.src.backend.common.variables import AutocastScope

from bital.engine.settings import settings
from engine import made


@contextmanager
def setting(name: str, value: Any) -> Iterator[None]:
    read = {"floatx": keras.config.floatx, "epsilon": keras.config.epsilon}.get(
        name, keras.config.image_data_format
    )
    before = read()
    getattr(keras.config, f"set_{name}")(value)
    try:
        yield
    finally:
        getattr(keras.config, f"set_{name}")(before)


@contextmanager
def without_flash_attention() -> Iterator[None]:
    keras.config.disable_flash_attention()
    try:
        yield
    finally:
        keras.src.backend.common.global_state.set_global_attribute("flash_attention", None)


@contextmanager
def policy(name: str) -> Iterator[None]:
    keras.config.set_dtype_policy(name)
    try:
        yield
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.mark.parametrize(
    "change",
    [
        setting("floatx", "float16"),
        setting("epsilon", 1e-5),
        setting("image_data_format", "channels_first"),
        without_flash_attention(),
        policy("mixed_bfloat16"),
        jax.default_matmul_precision("high"),
        jax.numpy_dtype_promotion("strict"),
        jax.enable_x64(True),
        jax.default_device(jax.devices()[0]),
    ],
)
def test_a_setting_counts_while_it_is_set(change: AbstractContextManager[Any]) -> None:
    made.softmax()
    before = settings()
    assert before is not None
    with change:
        assert settings() not in (before, None)
    assert settings() == before


@pytest.mark.parametrize(
    "scope",
    [
        StatelessScope,
        lambda: AutocastScope("float16"),
        lambda: keras.RematScope("full"),
        lambda: jax.sharding.use_abstract_mesh(jax.sharding.AbstractMesh((1,), ("x",))),
    ],
)
def test_within_a_scope_there_is_no_telling(
    scope: Callable[[], AbstractContextManager[Any]],
) -> None:
    with scope():
        assert settings() is None
    assert settings() is not None


# Keras reads its own variables so, and NumPy 2 tells it.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_seeds_names_files_and_sessions_are_no_settings(tmp_path: Path) -> None:
    model = made.mlp()
    model.optimizer.build(model.trainable_variables)
    before = settings()
    model.save_weights(tmp_path / "w.weights.h5")
    model.save(tmp_path / "m.keras")
    keras.models.load_model(tmp_path / "m.keras")
    keras.models.clone_model(model)
    keras.utils.set_random_seed(3)
    keras.random.normal((2,))
    keras.config.disable_traceback_filtering()
    keras.config.enable_traceback_filtering()
    assert settings() == before
    keras.utils.clear_session()
    made.mlp()
    assert settings() == before
