import re
from dataclasses import replace

import pytest

from bital.report.markdown import markdown
from bital.report.verdict import sentence

from .simulated import classification, diverge, regression, relabel

SMALL = classification(names=("original", "l2", "cnn"))


def tables(text: str) -> list[list[str]]:
    blocks = text.split("\n\n")
    return [block.splitlines() for block in blocks if block.startswith("| ")]


def test_tells_the_story_without_figures():
    text = markdown(replace(SMALL, question="Which one?", published={"l2": 0.98, "cnn": 0.99}))
    assert text.startswith("# Which one?\n")
    assert sentence(SMALL) in text.replace("\\", "")
    for heading in (
        *("Test accuracy", "Differences", "What one run would have said", "Best-epoch optimism"),
        *("Other scores, size and time", "What was run", "Environment"),
    ):
        assert f"\n## {heading}\n" in text
    assert "<svg" not in text
    assert "Every run" not in text
    assert "Learning curves" not in text
    assert SMALL.data.fingerprint in text
    assert "bital study digits --variants" in text


def test_tables_are_whole():
    found = tables(markdown(replace(SMALL, published={"l2": 0.98, "cnn": 0.99})))
    assert len(found) == 6
    for lines in found:
        pipes = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
        assert len(pipes) == 1
        assert set(lines[1]) <= set("|-: ")


def test_texts_are_no_markup():
    evil = "# <script>|x|</script> `a` *b* [c](d)"
    text = markdown(relabel(replace(SMALL, question=evil), "l2", evil))
    fences = re.sub(r"(?s)`{3,}.*?`{3,}", "", text)
    assert "<script>" not in fences.replace("\\<script", "")
    assert "# \\# \\<script\\>\\|x\\|" in text


def test_code_keeps_backticks():
    result = replace(SMALL, plain={**SMALL.plain, "note": "```` x"})
    assert re.search(r"\n`{5}\n\{", markdown(result))


@pytest.mark.parametrize(
    "result",
    [
        classification(1, names=("l2", "cnn")),
        classification(names=("l2",)),
        replace(classification(names=()), interrupted=True),
        diverge(SMALL, "l2", 10),
        regression(),
        relabel(SMALL, "l2", "드롭아웃 (무작위 제거)"),
    ],
)
def test_special_studies(result):
    text = markdown(result)
    assert text.endswith("\n")
    assert "nan" not in text.lower()
    assert text == markdown(result)


def test_an_interruption_stands_out():
    assert "**Interrupted: 3 of 9 arms finished" in markdown(replace(SMALL, interrupted=True))
