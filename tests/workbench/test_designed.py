"""A study's file becomes the design that it describes, or it is told why it cannot."""

import sys
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.study.spec import StudySpec
from bital.study.splits import Holdout, KFold
from bital.workbench.designed import changed, design_of, design_of_variants, read_splits

MODELS = """
import keras
import numpy as np

def mlp(units=8):
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(units)])
    model.compile("sgd", "mse")
    return model

def points():
    return np.zeros((6, 4), np.float32), np.zeros(6, np.float32)
"""


@pytest.fixture(autouse=True)
def imports(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield
    sys.modules.pop("designed_models", None)


def write(folder: Path, text: str) -> Path:
    (folder / "designed_models.py").write_text(MODELS, encoding="utf-8")
    path = folder / "비교.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_is_passed_on(tmp_path: Path) -> None:
    design = design_of(
        write(
            tmp_path,
            'data = "iris"\nquestion = "?"\nseeds = [3, 5]\nepochs = 7\nbatch_size = 9\n'
            'metric = "test_loss"\nbetter = "lower"\nbaseline = "a"\nmargin = 0.5\nlevel = 0.9\n'
            'splits = "3x4-fold"\nvalidation = 0.1\nstratify = false\n'
            'published = {a = 0.3}\nlanguage = "ko"\n'
            '[arms.a]\nlabel = "가"\nepochs = 2\nbatch_size = "all"\nshuffle = false\n'
            'class_weight = {"0" = 1, "2" = 5.5}\n[arms.b]\n',
        )
    )
    assert (design.name, design.question) == ("비교", "?")
    assert design.seed_numbers == (3, 5)
    assert (design.epochs, design.batch_size, design.metric) == (7, 9, "test_loss")
    assert (design.better, design.baseline, design.margin) == ("lower", "a", 0.5)
    assert (design.level, design.published) == (0.9, {"a": 0.3})
    assert design.language == "ko"
    assert isinstance(design.splits, KFold)
    assert (design.splits.k, design.splits.repeats) == (4, 3)
    assert (design.splits.validation, design.splits.stratify) == (0.1, False)
    arm = design.arm("a")
    assert (arm.label, arm.epochs, arm.batch_size, arm.shuffle) == ("가", 2, "all", False)
    assert arm.class_weight == {0: 1.0, 2: 5.5}
    assert design.data.name == "iris"


def test_a_recipe_is_changed_as_the_file_says(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'data = "iris"\n[arms.a]\nrecipe = "dropout"\nunits = [7]\nactivation = "tanh"\n'
        'l2 = 0.5\noptimizer = "SGD"\nlearning_rate = 0.25\n',
    )
    model = design_of(path).arm("a").build()
    assert model.layers[0].units == 7
    assert model.layers[1].activation is keras.activations.tanh
    assert float(model.layers[0].kernel_regularizer.l2) == 0.5
    assert [layer.rate for layer in model.layers if isinstance(layer, keras.layers.Dropout)] == [
        0.4
    ]
    assert type(model.optimizer).__name__ == "SGD"
    assert float(model.optimizer.learning_rate) == 0.25
    assert model.output_shape == (None, 3)


def test_functions_of_a_file_beside_it(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'data = "designed_models.py:points"\nmetric = "val_loss"\n'
        '[arms.a]\nbuild = "designed_models.py:mlp"\n'
        '[arms.b]\nbuild = "designed_models.py:mlp"\narguments = {units = 3}\n',
    )
    design = design_of(path)
    assert design.data[0].shape == (6, 4)
    assert [design.arm(name).build().layers[0].units for name in "ab"] == [8, 3]


def test_tables_and_groups(tmp_path: Path) -> None:
    (tmp_path / "점.csv").write_text("a,who,y\n1,p,0.5\n2,q,1.5\n3,p,2.5\n", encoding="utf-8")
    path = write(
        tmp_path, 'data = "점.csv"\ntarget = "y"\ngroups = "who"\nmetric = "val_mae"\n[arms.a]\n'
    )
    design = design_of(path)
    assert design.data.features == ("a",)
    assert isinstance(design.splits, Holdout)
    assert np.asarray(design.splits.groups).tolist() == ["p", "q", "p"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('data = "irsi"\n[arms.a]', "Did you mean 'iris'"),
        ('data = "iris"\ntarget = "y"\n[arms.a]', r"target belongs to data in a \.csv"),
        ('data = "iris"\ngroups = "y"\n[arms.a]', r"groups belongs to data in a \.csv or \.npz"),
        ('data = "iris"\nsplits = "5fold"\n[arms.a]', "splits must be .*got '5fold'"),
        ('data = "iris"\nsplits = "5-fold"\ntest = 0.3\n[arms.a]', "test belongs to a holdout"),
        ('data = "iris"\n[arms.a]\nrecipe = "drpout"', "arms.a must be .*Did you mean 'dropout'"),
        ('data = "iris"\n[arms.a]\nrecipe = "cnn"', "a convolution needs images, and iris is"),
        ('data = "iris"\n[arms.a]\narguments = {a = 1}', "arguments belong to build"),
        (
            'data = "iris"\n[arms.a]\nbuild = "designed_models.py:mlp"\nunits = [3]',
            "units belongs to a recipe",
        ),
        (
            'data = "designed_models.py:points"\n[arms.a]',
            "a recipe is sized to a dataset, and data is arrays",
        ),
        ('data = "iris"\n[arms.a]\nclass_weight = {setosa = 1}', "class indices from 0 to 2 as"),
        ('data = "iris"\n[arms.a]\nclass_weight = {"3" = 1}', "class indices from 0 to 2 as keys"),
        ('data = "iris"\n[arms.a]\nclass_weight = {"0" = -1}', 'at least 0, .* got "0" = -1'),
        ('data = "iris"\n[arms.a]\nlearning_rate = inf', "learning_rate must be a finite number"),
        ('data = "iris"\nvalidation = nan\n[arms.a]', "validation must be a finite number"),
        ('data = "iris"\nseeds = 1000000000\n[arms.a]', "seeds must be .* at most 10,000"),
        ('data = "iris"\nsplits = "99999999999999999999x2-fold"\n[arms.a]', "at most 10,000"),
        ('data = "iris"\n[arms.a]\nbuild = "os:system"', "--allow-import os"),
        ('data = "os:getcwd"\n[arms.a]', "--allow-import os"),
        ('data = "iris"\n[arms.a]\ncallbacks = "os:listdir"', "--allow-import os"),
        ("a = " + 3000 * "[", "nested too deeply|must be TOML"),
        ('data = "iris"\nbaseline = "b"\n[arms.a]', "baseline must be one of a; got 'b'"),
        ('data = "iris"\nmetric = "accuracy"\n[arms.a]', "metric must be"),
        ('data = "iris"\npublished = {b = 1}\n[arms.a]', "an arm in published must be one of a"),
        ('data = "iris"\nseeds = 0\n[arms.a]', "seeds must be"),
    ],
)
def test_what_cannot_be_is_told(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=told):
        design_of(write(tmp_path, text))


def test_splits_as_they_are_written() -> None:
    assert str(read_splits("holdout", 0.1, 0.3)) == str(Holdout(0.1, 0.3))
    assert str(read_splits("holdout", fixed=True)) == str(Holdout(fixed=True))
    assert str(read_splits("5-fold")) == str(KFold(5))
    assert str(read_splits("3x10-fold")) == str(KFold(10, 3))
    for wrong in ("", "fold", "5", "x5-fold", "holdouts"):
        with pytest.raises(InvalidInput, match="splits must be"):
            read_splits(wrong)
    with pytest.raises(InvalidInput, match="k must be"):
        read_splits("1-fold")


def test_a_command_line_changes_what_it_names(tmp_path: Path) -> None:
    design = design_of(write(tmp_path, 'data = "iris"\nvalidation = 0.3\nmargin = 0.1\n[arms.a]'))
    new = changed(design, seeds=3, margin=None, metric="test_loss", splits="2x5-fold")
    assert (new.seeds, new.margin, new.metric) == (3, 0.1, "test_loss")
    assert str(new.splits) == str(KFold(5, 2, 0.3))
    assert changed(design, seeds=None) is design


def test_a_dataset_s_variants_as_a_design() -> None:
    design = design_of_variants(StudySpec("iris", ("original", "l2"), seeds=2))
    assert list(design.arms) == ["original", "l2"]
    assert (design.metric, design.epochs) == ("test_accuracy", 100)
