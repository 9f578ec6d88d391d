import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from bital.report import planned
from bital.report.page import page
from bital.report.rows import rows
from bital.report.verdict import sentence

from .simulated import classification, diverge, judge, regression, relabel

SMALL = classification(names=("original", "l2", "cnn"))
VOID = {"meta", "br", "link", "img"}


class Reader(HTMLParser):
    """Checks nesting and collects what a reader sees and a browser would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.loads += [
            value for name, value in attributes if name in {"src", "href", "xlink:href", "srcset"}
        ]

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    reader.text = re.sub(r"\s+", " ", reader.text)
    return reader


def test_tells_the_whole_story():
    seen = read(page(SMALL)).text
    assert "Which of 3 arms does best on digits?" in seen
    assert sentence(SMALL) in seen
    for label in ("Original DNN", "L2", "CNN + DNN"):
        assert label in seen
    for fact in (
        SMALL.data.fingerprint,
        "1,149 train",
        "8 × 8 × 1",
        "3.15.1",
        "learning rate 0.001",
    ):
        assert fact in seen
    assert SMALL.splits in seen
    assert SMALL.arms[0].summary in seen
    assert "bital study digits --variants" in seen
    assert "negative is worse" in seen
    assert "the arm of the best mean" in seen
    assert "chance of best" in seen
    assert "One run of each arm, drawn at random from these" in seen
    assert "Exact specification" in seen
    assert "Best-epoch optimism" in seen
    assert "25th to 75th percentile" in seen


def test_loads_nothing():
    html = page(SMALL)
    reader = read(html)
    assert all(load.startswith("#") for load in reader.loads)
    assert not {"script", "link", "img", "iframe", "object"} & set(reader.tags)
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_every_text_is_escaped():
    evil = '"><script>alert(1)</script>'
    result = relabel(SMALL, "l2", evil)
    result = replace(
        result,
        name=evil,
        question=evil,
        splits=evil,
        plain={"arms": {}, evil: evil},
        published={"l2": 0.9},
        arms=tuple(replace(a, summary=evil, optimizer=evil) for a in result.arms),
        data=replace(result.data, name=evil, source=evil, fingerprint=evil, classes=(evil,)),
        environment={evil: evil},
    )
    reader = read(page(result))
    assert "script" not in reader.tags
    assert reader.text.count("<script>alert(1)</script>") >= 10


def test_same_result_same_text():
    assert page(SMALL) == page(SMALL)


def test_addresses_are_only_namespaces():
    found = set(re.findall(r"https?://[^\"'<> ]+", page(SMALL)))
    assert found == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_figures_are_inside():
    assert read(page(SMALL)).tags.count("svg") == 2 + 6


def test_regression_reads_differences_the_other_way():
    seen = read(page(regression())).text
    assert "positive is worse" in seen
    assert "squared units" in seen


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (classification(1, names=("l2", "cnn")), "One seed cannot tell arms apart"),
        (classification(names=("l2",)), "How well does L2 do on digits?"),
        (replace(SMALL, interrupted=True), "3 of 9 arms finished"),
        (replace(SMALL, published={"l2": 0.98, "cnn": 0.99}), "put 1 pair of arms in an order"),
        (replace(SMALL, spec=None), "Scores are measured on the trained model"),
        (replace(classification(names=()), interrupted=True), "No arm finished"),
        (diverge(SMALL, "l2", 10), "diverged 10/10"),
        (relabel(SMALL, "l2", "드롭아웃 (무작위 제거)"), "드롭아웃 (무작위 제거)"),
    ],
)
def test_special_studies(result, said):
    assert said in read(page(result)).text


def test_tables_can_be_scrolled_and_named():
    html = page(SMALL)
    regions = re.findall(
        r'<div class="scroll" tabindex="0" role="region" aria-label="(.+?)">', html
    )
    assert len(regions) == html.count("<table>")
    assert "Differences" in regions


def test_arms_that_were_settled_early():
    arms = tuple(
        replace(
            a,
            scores={key: s[:5] for key, s in a.scores.items()},
            curves={key: c[:5] for key, c in a.curves.items()},
        )
        if a.name == "l2"
        else a
        for a in SMALL.arms
    )
    result = judge(replace(SMALL, arms=arms, published={"l2": 0.98, "cnn": 0.99}))
    seen = read(page(result)).text
    assert "Settled early, with fewer runs: L2 (5)" in seen
    assert "One run of each arm" in seen
    assert len(rows(result).splitlines()) == 1 + 10 + 5 + 10
    assert "5 made for this plan" not in planned.sentence(result)
    assert "25 runs made for this plan" in planned.sentence(result)
