import re

from bital.report.scores import legend, scores

from .simulated import classification, diverge, regression, relabel


def row(text: str, label: str) -> str:
    return next(r for r in re.findall(r"<tr>.*?</tr>", text) if f">{label}</th>" in r)


def test_best_of_every_column_is_marked_once():
    result = regression()
    text = scores(result)
    assert text.count("★") == len(result.columns)
    for index, column in enumerate(result.columns):
        best = min(result.arms, key=lambda v: v.scores[column.key].mean())
        assert "★" in re.findall(r"<td.*?</td>", row(text, best.label))[index]


def test_diverged_labels_and_numbers():
    result = relabel(diverge(classification(), "l2", 2), "cnn", "<script>alert(1)</script>")
    text = scores(result)
    assert row(text, "L2").count("diverged 2/10") == 4
    assert "<script" not in text
    assert "55,562" in row(text, "&lt;script&gt;alert(1)&lt;/script&gt;")


def test_legend_says_only_what_is_there():
    assert "★" in legend(classification())
    assert "±" not in legend(classification(seeds=1))
    assert "★" not in legend(classification(names=("l2",)))
