"""Batches of images: Keras's own numbers from the same draws."""

import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras.src.legacy.preprocessing import image as legacy

from bital.compat import notes
from bital.compat.preprocessing import image
from bital.compat.preprocessing.decoded import Decoded

EVERYTHING = {
    "rotation_range": 30,
    "width_shift_range": [-2, 0, 3],
    "height_shift_range": 0.2,
    "brightness_range": (0.6, 1.4),
    "shear_range": 10.0,
    "zoom_range": (0.8, 1.3),
    "channel_shift_range": 20.0,
    "horizontal_flip": True,
    "vertical_flip": True,
    "rescale": 1 / 255,
    "samplewise_center": True,
    "samplewise_std_normalization": True,
}
SOME = [
    EVERYTHING,
    {"width_shift_range": 3, "fill_mode": "constant", "cval": 7.0, "interpolation_order": 0},
    {"zoom_range": 0.4, "fill_mode": "wrap"},
    {"preprocessing_function": lambda x: x + np.random.uniform(size=x.shape)},
    {"dtype": "float64", "fill_mode": "reflect", "rotation_range": 90},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Images of two classes, one with a Hangul name: 5 red ones, 4 blue ones, of several sizes."""
    rng = np.random.default_rng(0)
    for name, channel, count in (("강아지", 0, 5), ("고양이", 2, 4)):
        (tmp_path / name).mkdir()
        for i in range(count):
            pixels = rng.integers(0, 80, (20 + i, 24, 3))
            pixels[..., channel] += 150
            keras.utils.save_img(tmp_path / name / f"{i}.png", pixels, scale=False)
    return tmp_path


def batches(generator: Any, source: Any, count: int = 4, **flow: Any) -> list[Any]:
    np.random.seed(3)
    if isinstance(source, Path):
        found = generator.flow_from_directory(source, target_size=(16, 12), batch_size=4, **flow)
    else:
        found = generator.flow(source, np.arange(len(source)), batch_size=4, **flow)
    return [next(found) for _ in range(count)]


def kerass(**given: Any) -> Any:
    return legacy.ImageDataGenerator(**given)


def assert_equal(ours: list[Any], theirs: list[Any]) -> None:
    for (x, y), (their_x, their_y) in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(x, their_x)
        np.testing.assert_array_equal(y, their_y)
        assert x.dtype == their_x.dtype


@pytest.mark.parametrize("given", SOME)
@pytest.mark.parametrize("seed", [None, 11])
def test_files_give_keras_s_batches(folder: Path, given: dict[str, Any], seed: int | None) -> None:
    ours = batches(image.ImageDataGenerator(**given), folder, seed=seed)
    assert_equal(ours, batches(kerass(**given), folder, seed=seed))


@pytest.mark.parametrize("given", SOME)
def test_arrays_give_keras_s_batches(given: dict[str, Any]) -> None:
    x = np.random.default_rng(1).integers(0, 256, (10, 16, 12, 3))
    ours = batches(image.ImageDataGenerator(**given), x, seed=5)
    assert_equal(ours, batches(kerass(**given), x, seed=5))


@pytest.mark.parametrize("class_mode", ["categorical", "binary", "sparse", "input", None])
@pytest.mark.parametrize("color_mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_every_kind_of_target_and_colour(
    folder: Path, class_mode: str | None, color_mode: str, data_format: str
) -> None:
    given = {"rescale": 2.0, "data_format": data_format, "validation_split": 0.4}
    flow = {"class_mode": class_mode, "color_mode": color_mode, "subset": "training"}
    ours = batches(image.ImageDataGenerator(**given), folder, **flow)
    theirs = batches(kerass(**given), folder, **flow)
    if class_mode is None:
        np.testing.assert_array_equal(np.concatenate(ours), np.concatenate(theirs))
    else:
        assert_equal(ours, theirs)


@pytest.mark.parametrize(
    "given",
    [
        {"featurewise_center": True, "featurewise_std_normalization": True},
        {"featurewise_center": True, "zca_whitening": True, "zca_epsilon": 1e-3},
    ],
)
def test_fit_takes_keras_s_statistics(given: dict[str, Any]) -> None:
    x = np.random.default_rng(1).normal(size=(30, 6, 6, 3))
    ours, theirs = image.ImageDataGenerator(**given), kerass(**given)
    for each in (ours, theirs):
        each.fit(x, augment=True, rounds=2, seed=1)
    assert_equal(batches(ours, x), batches(theirs, x))
    assert abs(float(batches(ours, x)[0][0].mean())) < 0.5


def test_transforms_are_keras_s() -> None:
    x = np.random.default_rng(1).uniform(0, 255, (9, 8, 3)).astype("float32")
    ours, theirs = image.ImageDataGenerator(**EVERYTHING), kerass(**EVERYTHING)
    draw = ours.get_random_transform(x.shape, seed=4)
    assert draw == theirs.get_random_transform(x.shape, seed=4)
    np.testing.assert_array_equal(ours.apply_transform(x, draw), theirs.apply_transform(x, draw))
    np.testing.assert_array_equal(ours.random_transform(x, 4), theirs.random_transform(x, 4))
    assert ours.standardize(x.copy()).mean() == pytest.approx(0, abs=1e-5)


def test_it_has_the_attributes_of_keras_2(folder: Path) -> None:
    found = image.ImageDataGenerator(validation_split=0.25).flow_from_directory(
        str(folder), target_size=(8, 8), batch_size=2, subset="training", shuffle=False
    )
    assert found.class_indices == {"강아지": 0, "고양이": 1}
    assert (found.samples, found.n, found.num_classes) == (7, 7, 2)
    assert (found.batch_size, found.image_shape, len(found)) == (2, (8, 8, 3), 4)
    assert found.classes.tolist() == found.labels.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert found.filenames[0] == str(Path("강아지", "1.png"))
    assert found.filepaths[0] == str(folder / "강아지" / "1.png")
    assert found[3][0].shape == (1, 8, 8, 3)
    first = found.next()
    found.next()
    found.reset()
    np.testing.assert_array_equal(found.next()[0], first[0])
    assert isinstance(found, keras.utils.PyDataset)


def test_later_epochs_do_not_decode(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from bital.compat.preprocessing import decoded, iterators

    opened: list[str] = []
    monkeypatch.setattr(iterators, "IMAGES", Decoded())
    monkeypatch.setattr(
        decoded,
        "load_img",
        lambda path, **how: opened.append(path) or keras.utils.load_img(path, **how),
    )
    flow = image.ImageDataGenerator().flow_from_directory(folder, (8, 8), batch_size=3)
    first = [flow[i] for i in range(3)]
    assert len(opened) == 9
    for i in range(3):
        np.testing.assert_array_equal(flow[i][0], first[i][0])
    assert len(opened) == 9
    keras.utils.save_img(flow.filepaths[0], np.zeros((30, 30, 3)))
    assert (
        flow.image_data_generator.flow_from_directory(folder, (8, 8), shuffle=False)[0][0][0].max()
        == 0
    )
    assert len(opened) == 10


def test_a_full_budget_decodes_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITAL_MEMORY", "500")
    images, path = Decoded(), str(folder / "강아지" / "0.png")
    how = {"color_mode": "rgb", "target_size": (8, 8)}
    one = images.read(path, "channels_last", **how)
    two = images.read(str(folder / "강아지" / "1.png"), "channels_last", **how)
    one[:] = 0  # the caller's own
    assert images.read(path, "channels_last", **how).max() > 100
    assert len(images._images) == 1
    assert two.shape == (8, 8, 3)


def test_augmented_images_are_saved(folder: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    saved.mkdir()
    generator = image.ImageDataGenerator(rotation_range=20)
    batches(generator, folder, 1, save_to_dir=saved, save_prefix="aug", save_format="jpeg")
    batches(generator, np.zeros((4, 8, 8, 1)), 1, save_to_dir=str(saved))
    assert len(list(saved.glob("aug_*.jpeg"))) == 4
    assert len(list(saved.glob("*.png"))) == 4


def test_a_model_trains_on_a_folder(folder: Path) -> None:
    import bital

    keras.utils.set_random_seed(0)
    train = image.ImageDataGenerator(rescale=1 / 255, horizontal_flip=True).flow_from_directory(
        folder, target_size=(8, 8), batch_size=3, class_mode="binary", seed=1
    )
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.Adam(0.1), keras.losses.BinaryCrossentropy(from_logits=True))
    losses = bital.fit(model, train, epochs=15, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0]
    test = image.ImageDataGenerator(rescale=1 / 255).flow_from_directory(
        folder, target_size=(8, 8), batch_size=4, class_mode=None, shuffle=False
    )
    said = bital.predict(model, test, verbose=0)[:, 0] > 0
    assert said.tolist() == [bool(c) for c in test.classes]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_tables_name_the_files(folder: Path, library: str) -> None:
    pd = pytest.importorskip("pandas")
    columns = {
        "file": [f"강아지/{i}.png" for i in range(5)] + [f"고양이/{i}.png" for i in range(4)],
        "kind": ["dog"] * 5 + ["cat"] * 4,
        "weight": [0.5] * 5 + [2.0] * 4,
    }
    table = pytest.importorskip(library).DataFrame(columns)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = image.ImageDataGenerator().flow_from_dataframe(
            table, folder, "file", "kind", weight_col="weight", target_size=(8, 8), batch_size=9,
            shuffle=False, has_ext=True,
        )  # fmt: skip
    theirs = kerass().flow_from_dataframe(
        pd.DataFrame(columns), folder, "file", "kind", "weight", (8, 8), batch_size=9, shuffle=False
    )
    for ours, their in zip(next(found), next(theirs), strict=True):
        np.testing.assert_array_equal(ours, their)
    assert found.class_indices == {"cat": 0, "dog": 1}
    with pytest.raises(TypeError, match="takes no argument y_column"):
        image.ImageDataGenerator().flow_from_dataframe(table, folder, "file", y_column="kind")


def test_keras_1_names_are_taken_and_told(folder: Path) -> None:
    notes.forget()
    generator = image.ImageDataGenerator(featurewise_center=True, dim_ordering="th")
    generator.fit(X=np.ones((4, 3, 8, 8)))
    assert generator.mean.shape == (3, 1, 1)
    assert generator.flow(X=np.ones((4, 3, 8, 8))).next().shape == (4, 3, 8, 8)
    path = str(folder / "강아지" / "0.png")
    grey = image.load_img(path, grayscale=True, target_size=(6, 7))
    assert image.img_to_array(grey, dim_ordering="th").shape == (1, 6, 7)
    assert image.load_img(path, color_mode="grayscale").mode == "L"
    assert [n.old for n in notes.told()] == ["dim_ordering=", "X=", "grayscale=True"]
    assert [Path(p).name for p in image.list_pictures(folder / "고양이", ext="png|bmp")] == [
        "0.png",
        "1.png",
        "2.png",
        "3.png",
    ]


def test_keras_1_s_transform_moves_pixels() -> None:
    x = np.arange(24.0).reshape(4, 3, 2)
    down = np.array([[1.0, 0, 1], [0, 1, 0], [0, 0, 1]])  # each new row is the old one below
    moved = image.apply_transform(x, down, channel_axis=2, fill_mode="constant", cval=-1)
    np.testing.assert_array_equal(moved[:-1], x[1:])
    assert (moved[-1] == -1).all()
