import re
from dataclasses import replace

import pytest
from rich.cells import cell_len

from bital.report.table import render

from .simulated import ARMS, classification, diverge, regression, relabel

HANGUL = "드롭아웃 (무작위 제거)"


def line(text: str, start: str) -> str:
    return next(row for row in text.splitlines() if row.startswith(start))


def lines_of_table(text: str) -> list[str]:
    rows = text.splitlines()
    rules = [index for index, row in enumerate(rows) if row.startswith("──")]
    return rows[rules[0] : rules[-1] + 1]


def test_cells_hold_mean_and_standard_deviation():
    result = classification()
    text = render(result)
    scores = next(v for v in result.arms if v.name == "l2").scores["test_accuracy"]
    assert f"{scores.mean():.4f} ± {scores.std(ddof=1):.4f}" in line(text, "L2 ")
    assert "37,130" in line(text, "L2 ")


def test_the_best_cell_is_marked_lower_losses_and_higher_accuracy():
    result = classification()
    text = render(result)
    for index, column in enumerate(result.columns):
        pick = max if column.better == "higher" else min
        best = pick(result.arms, key=lambda v: v.scores[column.key].mean())
        for arm in result.arms:
            row = re.sub(r"^.*?(?=\*?[\d,.]+ ±)", "", line(text, f"{arm.label}  "))
            cells = re.findall(r"(\*?)[\d.,]+ ± [\d.]+", row)
            assert bool(cells[index]) == (arm is best), (column.key, arm.label)


def test_a_column_has_one_number_of_decimals():
    text = render(classification())
    for cells in zip(
        *(re.findall(r"[\d.]+ ±", row) for row in lines_of_table(text)[3:-1]), strict=True
    ):
        assert len({len(cell.split(".")[1]) for cell in cells}) == 1


@pytest.mark.parametrize("width", [80, 100, 120])
def test_fits_the_terminal_with_every_number_whole(width):
    result = relabel(classification(), "dropout", HANGUL)
    text = render(result, width)
    assert max(cell_len(row) for row in text.splitlines()) <= width
    assert "…" not in text
    for arm in result.arms:
        assert f"{arm.scores['test_accuracy'].mean():.4f}" in text
        assert f"{arm.parameters:,}" in text
    assert "seconds" in text


@pytest.mark.parametrize("width", [0, 1, 20, 50])
def test_a_tiny_terminal_never_cuts_a_number(width):
    result = classification()
    text = render(result, width)
    assert "…" not in text
    for arm in result.arms:
        scores = arm.scores["test_accuracy"]
        assert f"{scores.mean():.4f}" in text
        assert f"± {scores.std(ddof=1):.4f}" in text


def test_hangul_labels_keep_the_columns_aligned():
    rows = lines_of_table(render(relabel(classification(), "dropout", HANGUL)))
    assert len({cell_len(row) for row in rows}) == 1


@pytest.mark.parametrize("width", [60, 80, None])
def test_plain_has_no_control_characters(width, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    result = relabel(diverge(classification(), "l2", 2), "cnn", "\x1b[31mred\x07 cnn\r")
    text = render(replace(result, interrupted=True), width, color=False)
    assert all(mark.isprintable() or mark == "\n" for mark in text)
    assert not any(row != row.rstrip() for row in text.splitlines())


def test_colour_only_adds_escape_sequences():
    result = classification()
    coloured = render(result, 100, color=True)
    assert "\x1b[1;32m" in coloured
    bare = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [row.rstrip() for row in bare.splitlines()] == render(result, 100).splitlines()


def test_a_label_is_not_markup():
    assert "[red]x[/red] :smile:" in render(relabel(classification(), "l2", "[red]x[/red] :smile:"))


def test_diverged_runs_are_shown():
    text = render(diverge(classification(), "cnn", 2))
    assert line(text, "CNN").count("diverged 2/10") == 4
    assert "*" not in line(text, "CNN")
    assert "Diverged runs count as worse than any other: CNN + DNN (2 of 10)." in text


def test_one_seed_shows_values_only():
    text = render(classification(seeds=1))
    assert "±" not in text
    assert "One seed cannot tell arms apart" in text


def test_one_variant_marks_nothing():
    text = render(classification(names=("l2",)))
    assert "*" not in text
    assert "nothing to compare it with" in text


def test_interrupted_before_anything_finished():
    text = render(replace(classification(names=()), interrupted=True), 80)
    assert f"0 of {len(ARMS)} arms finished" in text
    assert "parameters" not in text


def test_regression():
    text = render(regression())
    assert "test MSE" in text
    assert "squared units of the target" in text
    assert "cross-entropy" not in text


def test_footer_says_what_was_run():
    text = render(classification())
    assert "digits, rows 1,149 train / 288 validation / 360 test; 30 epochs, batch size 32" in text
    assert "31.7 s in all, 22.3 s of it training" in text
    assert "without the L2 penalty" in text
