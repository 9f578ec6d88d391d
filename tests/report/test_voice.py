"""Every message of a report is there in every language, with the same places to fill."""

import ast
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from string import Formatter

import pytest

import bital.report
from bital.report import planned, search
from bital.report.korean import KOREAN
from bital.report.markdown import markdown
from bital.report.page import page
from bital.report.rows import rows
from bital.report.table import render, render_plan
from bital.report.voice import ENGLISH, Voice
from bital.study.result import StudyResult
from bital.study.search.result import SearchResult, Trial
from bital.workbench import progress

from .simulated import classification, diverge, judge, regression

SOURCES = [*sorted(Path(bital.report.__file__).parent.glob("*.py")), Path(progress.__file__)]
# A particle that depends on the last sound of what fills the place before it.
PARTICLE = re.compile(r"\}(은|는|이|가|을|를|와|과|로|으로)(?![가-힣])")
COUNTED = {"count", "runs", "more"}  # end in 개 or 회


def said() -> dict[str, set[str]]:
    """What is passed to `say(...)` and `say.count(...)` in the sources, and with which values."""
    found: dict[str, set[str]] = {}
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func)
            if name == "say" or name.startswith("Voice("):
                if name == "say" or not isinstance(node.func, ast.Name):
                    message = ast.literal_eval(node.args[0])
                    found[message] = {keyword.arg or "" for keyword in node.keywords}
            elif name == "say.count":
                found[f"{{number}} {ast.literal_eval(node.args[1])}"] = {"number"}
    return found


def places(message: str) -> Counter[str]:
    return Counter(name for _, name, _, _ in Formatter().parse(message) if name is not None)


def test_every_message_is_in_the_catalogue_and_nothing_else() -> None:
    assert said().keys() == KOREAN.keys()


def test_every_message_has_the_same_places() -> None:
    for message, given in said().items():
        assert set(places(message)) == given, message
    for english, korean in KOREAN.items():
        assert set(places(english)) == set(places(korean)), english
        assert korean.strip()


def test_no_particle_follows_what_a_user_names() -> None:
    for korean in KOREAN.values():
        for found in PARTICLE.finditer(korean):
            place = korean[: found.start()].rpartition("{")[2]
            assert place in COUNTED, korean


def test_things_are_counted() -> None:
    assert [ENGLISH.count(n, "seed") for n in (1, 2, 1200)] == ["1 seed", "2 seeds", "1,200 seeds"]
    assert Voice("ko").count(1200, "seed") == "시드 1,200개"


def korean(result: StudyResult) -> StudyResult:
    return replace(result, language="ko")


@pytest.mark.parametrize(
    "result",
    [
        classification(),
        classification(1),
        classification(names=("l2",)),
        replace(classification(names=()), interrupted=True, spec=None),
        diverge(classification(names=("original", "l2", "cnn")), "l2", 2),
        judge(classification(names=("original", "l2")), baseline="l2", margin=0.5),
        replace(classification(), published={"l2": 0.98, "cnn": 0.9}, failed={"x": "no"}, reused=3),
        regression(),
    ],
    ids=["all", "one seed", "one arm", "none", "diverged", "margin", "published", "regression"],
)
def test_every_form_speaks_korean(result: StudyResult) -> None:
    html = page(korean(result))
    assert '<html lang="ko">' in html
    for text in (html, markdown(korean(result)), render(korean(result)), rows(korean(result))):
        assert re.search("[가-힣]", text)
    assert re.search("[가-힣]", render_plan(korean(result)))
    for english in ("distinguishable", "Compared with", "Paired over", "arm finished", "seeds to"):
        assert english not in html
    assert '<html lang="en">' in page(result)
    assert not re.search("[가-힣]", page(result))


def test_a_table_of_a_spreadsheet_has_korean_headings() -> None:
    heads = rows(korean(classification(names=("l2", "cnn")))).splitlines()[0].split(",")
    assert heads[:4] == ["연구", "비교 대상", "이름", "시드"]
    assert heads[-1] == "테스트 정확도"


def test_a_plan_speaks_korean() -> None:
    said = planned.sentence(korean(classification(5)))
    assert "지금까지 시드 5개" in said


def test_a_search_speaks_its_study_s_language() -> None:
    first, second = classification(names=("original", "l2")).arms
    arms = (replace(first, name="start"), replace(second, name="winner"))
    confirmed = judge(replace(korean(classification()), arms=arms, spec=None))
    trials = (
        Trial(0, {"units": 4}, 3, 0.9, whole=False),
        Trial(1, {"units": 8}, 9, 0.97, whole=True),
        Trial(2, {"units": 9}, 3, float("nan"), whole=False),
    )
    found = SearchResult("s", "test_accuracy", "higher", trials, trials[1], 0, confirmed, 1.0)
    for text in (search.render(found), search.markdown(found), search.page(found)):
        assert "시도한 설정 3가지 (일찍 포기 1가지, 발산 1가지) 가운데 최고: units 8." in text
        assert "settings tried" not in text
