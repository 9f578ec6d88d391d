import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from bital.report.figures import POINTS, band, logarithmic, panels, quantities
from bital.study.result import Column

from .simulated import classification, diverge, regression, relabel

SMALL = classification(names=("l2", "cnn"))


def words(svg: str) -> list[str]:
    return [e.text for e in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_band_is_median_and_quartiles_by_epoch():
    curves = np.array([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0], [5.0, 50.0]])
    drawn = band(curves)
    np.testing.assert_array_equal(drawn.epochs, [1, 2])
    np.testing.assert_array_equal(drawn.low, [2, 20])
    np.testing.assert_array_equal(drawn.median, [3, 30])
    np.testing.assert_array_equal(drawn.high, [4, 40])


def test_band_leaves_diverged_runs_where_they_diverged():
    drawn = band(np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.inf]]))
    np.testing.assert_array_equal(drawn.epochs, [1, 2])
    np.testing.assert_array_equal(drawn.median, [2, 5])
    assert band(np.full((3, 2), np.nan)).epochs.size == 0


def test_quantities_follow_the_task():
    assert [q.key for q in quantities(SMALL)] == ["crossentropy", "accuracy"]
    assert [q.key for q in quantities(regression())] == ["mse", "mae"]
    own = {"loss": SMALL.arms[0].curves["loss"], "accuracy": SMALL.arms[0].curves["accuracy"]}
    result = replace(SMALL, arms=(replace(SMALL.arms[0], curves=own),))
    assert [q.key for q in quantities(result)] == ["loss", "accuracy"]
    mixed = replace(SMALL, arms=(replace(SMALL.arms[0], curves=own), SMALL.arms[1]))
    assert [q.key for q in quantities(mixed)] == ["loss", "accuracy"]
    column = Column("val_loss", "validation loss", "lower")
    assert [q.key for q in quantities(replace(result, columns=(column,)))] == ["loss"]
    assert quantities(classification(names=())) == ()


def test_one_panel_per_variant_with_real_text():
    drawn = panels(SMALL, quantities(SMALL)[0])
    assert list(drawn) == ["l2", "cnn"]
    assert "epoch" in words(drawn["l2"])
    assert "10" in words(drawn["cnn"])


def test_panels_share_axes():
    result = replace(
        SMALL,
        arms=(
            SMALL.arms[0],
            replace(
                SMALL.arms[1],
                curves={key: curve / 100 for key, curve in SMALL.arms[1].curves.items()},
            ),
        ),
    )
    drawn = panels(result, quantities(result)[0])
    ticks = [
        [word for word in words(svg) if re.fullmatch(r"[\d.e+-]+", word)] for svg in drawn.values()
    ]
    assert ticks[0] == ticks[1]


def test_a_wide_range_is_logarithmic():
    loss, accuracy = quantities(SMALL)
    assert logarithmic(SMALL, loss)
    assert not logarithmic(SMALL, accuracy)


def test_same_result_same_bytes():
    quantity = quantities(SMALL)[1]
    assert panels(SMALL, quantity) == panels(SMALL, quantity)


def test_colours_follow_the_page():
    svg = panels(SMALL, quantities(SMALL)[0])["l2"]
    colours = set(re.findall(r"(?:fill|stroke): ([^;\"]+)", svg))
    assert colours <= {
        "none",
        "currentColor",
        "var(--training, #b4540a)",
        "var(--validation, #1d5fd1)",
    }
    assert len(colours) == 4


@pytest.mark.parametrize("label", ["드롭아웃 (무작위 제거)", '<script>$x_$ & "y"'])
def test_any_label_is_drawn_as_it_is(label):
    drawn = panels(relabel(SMALL, "l2", label), quantities(SMALL)[0])
    assert (
        ElementTree.fromstring(drawn["l2"]).get("aria-label") == f"{label}: cross-entropy by epoch"
    )


def test_ids_of_a_page_differ():
    ids = [
        found
        for quantity in quantities(SMALL)
        for svg in panels(SMALL, quantity).values()
        for found in re.findall(r'\bid="([^"]+)"', svg)
    ]
    assert len(ids) == len(set(ids))
    svg = panels(SMALL, quantities(SMALL)[0])["l2"]
    used = re.findall(r'(?:url\(#|href="#)([^")]+)', svg)
    assert used
    assert set(used) <= set(ids)


@pytest.mark.parametrize("runs", [9, 10])
def test_almost_nothing_to_draw(runs):
    assert set(panels(diverge(SMALL, "l2", runs), quantities(SMALL)[0])) == {"l2", "cnn"}


def test_one_seed_one_epoch():
    result = classification(seeds=1, epochs=1, names=("l2",))
    for quantity in quantities(result):
        assert "epoch" in words(panels(result, quantity)["l2"])


def test_no_validation_curve():
    arm = SMALL.arms[0]
    curves = {key: c for key, c in arm.curves.items() if not key.startswith("val_")}
    result = replace(SMALL, arms=(replace(arm, curves=curves),))
    assert "--validation" not in panels(result, quantities(result)[0])["l2"]


def test_long_trainings_make_no_long_files():
    result = classification(seeds=2, epochs=5000, names=("l2",))
    svg = panels(result, quantities(result)[0])["l2"]
    assert len(svg) < 100_000
    drawn = band(result.arms[0].curves["loss"])
    assert (drawn.epochs.size, drawn.epochs[0], drawn.epochs[-1]) == (POINTS, 1, 5000)
