"""Every shipped study, small."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from bital import data
from bital.data.sources import download
from bital.errors import MissingData, UnknownName
from bital.study.run import run_design
from bital.study.shipped.catalog import TITLES, shipped
from bital.study.words import LANGUAGES

NEED_DATA = {"mnist-overfitting", "augmentation"}
TRIED = {  # arms that are trained here, few because each is compiled; the others are built
    "mnist-overfitting": ("fewer_layers",),
    "gradient-descent": ("batch", "batch_longer"),
    "gradient-descent-digits": ("batch", "batch_longer"),
    "optimizers": ("sgd",),
    "initializers": ("he",),
    "activations": ("relu_2",),
    "batch-sizes": ("rows_512", "rows_512_longer"),
    "pooling": ("average",),
    "augmentation": ("shift",),
}


@pytest.fixture(params=TITLES)
def name(request: pytest.FixtureRequest) -> str:
    if request.param in NEED_DATA and not os.environ.get("BITAL_DATA"):
        pytest.skip("needs real data: set BITAL_DATA to a folder that holds mnist/mnist.npz")
    chosen: str = request.param
    return chosen


def test_a_small_one_runs_to_its_end(name: str) -> None:
    design = shipped(name)
    arms = {key: replace(design.arm(key), epochs=1) for key in TRIED[name]}
    published = {key: value for key, value in design.published.items() if key in arms}
    small = replace(
        design,
        arms=arms,
        baseline=None,
        published=published,
        seeds=2,
        epochs=1,
        data=few(design.data),
    )
    result = run_design(small)
    assert [arm.name for arm in result.arms] == list(TRIED[name])
    assert (result.verdict is not None) == (len(arms) > 1)
    assert all(np.isfinite(arm.scores[design.metric]).all() for arm in result.arms)
    assert result.columns[-1].key == design.metric
    assert result.published == published


def few(given: Any) -> Any:
    """Return the first rows of a study's data."""
    if isinstance(given, tuple):
        return tuple(array[:60] for array in given)
    dataset = data.load(given) if isinstance(given, str) else given
    rows = np.arange(150)
    if dataset.test_rows is not None:
        rows = np.append(rows, dataset.test_rows[:50])
    test = None if dataset.test_rows is None else np.arange(150, 200, dtype=np.int32)
    return replace(dataset, x=dataset.x[rows], y=dataset.y[rows], test_rows=test)


def test_every_arm_is_a_compiled_model_of_its_own(name: str) -> None:
    design = shipped(name)
    settings = set()
    for key in design.arms:
        arm = design.arm(key)
        model = arm.build()
        assert isinstance(model, keras.Model)
        assert model.compiled
        settings.add((arm.epochs, arm.batch_size, described(model)))
    assert len(settings) == len(design.arms)


def described(model: keras.Model) -> str:
    """Return all that a builder chose."""
    layers = [(type(layer).__name__, choices(layer.get_config())) for layer in model.layers]
    steps = model.optimizer
    rate = float(steps.learning_rate.value)
    return str((layers, type(steps).__name__, rate, getattr(steps, "momentum", None)))


def choices(config: Any) -> Any:
    """Leave out what differs from one building to the next."""
    if isinstance(config, dict):
        return {k: choices(v) for k, v in config.items() if k not in ("name", "seed")}
    return config


def test_both_languages_have_the_same_arms_and_words_of_their_own(name: str) -> None:
    english, korean = (shipped(name, language) for language in LANGUAGES)
    assert list(english.arms) == list(korean.arms)
    assert english.question != korean.question
    assert english.name == korean.name == name
    assert any("가" <= mark <= "힣" for mark in korean.question)
    labels = {design.label(key) for design in (english, korean) for key in design.arms}
    assert all("," not in label for label in labels)  # verdicts list them


def test_titles_are_one_line_in_both_languages() -> None:
    for title in TITLES.values():
        assert 0 < len(title.en) < 80
        assert "\n" not in title.en + title.ko
        assert any("가" <= mark <= "힣" for mark in title.ko)


def test_an_unknown_name_gets_its_nearest() -> None:
    with pytest.raises(UnknownName, match=r"study must be one of .*Did you mean 'optimizers'"):
        shipped("optimisers")


def test_an_unknown_language_is_told() -> None:
    language: Any = "jp"
    with pytest.raises(UnknownName, match="language must be one of en, ko; got 'jp'"):
        shipped("optimizers", language)


def test_without_its_files_the_table_of_the_notes_says_what_to_bring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def offline(_: str) -> None:
        raise OSError("no network")

    monkeypatch.delenv("BITAL_DATA", raising=False)
    monkeypatch.setattr(download, "fetch", offline)
    with pytest.raises(MissingData, match=r"mnist needs mnist/mnist\.npz below BITAL_DATA"):
        run_design(shipped("mnist-overfitting"))


def test_the_list_needs_neither_keras_nor_jax() -> None:
    code = (
        "import sys; from bital.study.shipped.catalog import TITLES; "
        "print(sorted({'keras', 'jax', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
