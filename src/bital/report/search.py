"""A search: what was tried, and what fresh seeds left of the winner."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from bital.report import account
from bital.report import markdown as study_markdown
from bital.report import page as study_page
from bital.report import table as study_table
from bital.report.content import Prose, Section
from bital.report.document import document as study_document
from bital.report.document import plain
from bital.report.number import decimals, fixed, signed
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.voice import Voice
from bital.study.search.result import WINNER, SearchResult, Trial
from bital.study.search.space import Value
from bital.study.statistics.summary import summarise

SHOWN = 10
"""trials of a terminal's table"""


def document(result: SearchResult) -> dict[str, Any]:
    """Turn a search into JSON-ready values; "confirmed" is a study's, as `bital study --json`."""
    found: dict[str, Any] = plain(
        {
            "schema": "bital.search/1",
            "name": result.name,
            "metric": result.metric,
            "better": result.better,
            "trials": [vars(trial) | {"settings": dict(trial.settings)} for trial in result.trials],
            "winner": result.winner.number,
            "optimism": result.optimism,
            "reused": result.reused,
            "seconds": result.seconds,
        }
    )
    return found | {"confirmed": study_document(result.confirmed)}


def page(result: SearchResult) -> str:
    """Write a search as one self-contained HTML file: its trials, then the confirming study's."""
    return study_page.page(result.confirmed, [_section(result)])


def markdown(result: SearchResult) -> str:
    """Write a search as Markdown."""
    return study_markdown.markdown(result.confirmed, [_section(result)])


def render(result: SearchResult, width: int | None = None, color: bool = False) -> str:
    """Draw a search for a terminal: its verdict, the best trials, the confirming study.

    Args:
        result: of a search.
        width: columns of the terminal, None for no limit.
        color: True styles the text with ANSI sequences.
    """
    from rich.text import Text

    limit = study_table.UNLIMITED if width is None else max(1, width)
    shown = _ranked(result)[:SHOWN]
    say = Voice(result.confirmed.language)
    headings = [result.metric, say("epochs"), say("settings")]
    rows = [[_score(result, t), f"{t.epochs:,}", _said(t.settings)] for t in shown]
    blocks = [
        study_table.draw(Text(sentence(result), style="bold"), limit, color),
        study_table.columned(headings, rows, width, color, fold=(2,)),
        study_table.render(result.confirmed, width, color),
    ]
    return "\n".join(blocks)


def sentence(result: SearchResult) -> str:
    """Say how good the winner looked in the search, and how good it is."""
    arm = next(arm for arm in result.confirmed.arms if arm.name == WINNER)
    compared = account.compared(result.confirmed)
    fresh, final = summarise(arm.scores[result.metric]), summarise(arm.scores[compared.key])
    places = decimals([final.mean], [final.std])
    say = Voice(result.confirmed.language)
    given_up = sum(not trial.whole and isfinite(trial.score) for trial in result.trials)
    lost = sum(not isfinite(trial.score) for trial in result.trials)
    ends = [say("{count} given up early", count=given_up)] * bool(given_up)
    ends += [say("{count} diverged", count=lost)] * bool(lost)
    winner = say(
        "Of {count} settings tried{ends} the best was {settings}: {metric} {score}, the best of "
        "many and therefore too good.",
        count=len(result.trials),
        ends=f" ({', '.join(ends)})" if ends else "",
        settings=_said(result.winner.settings),
        metric=result.metric,
        score=fixed(result.winner.score, places),
    )
    if not isfinite(final.mean):
        after = say(
            "On {seeds} fresh seeds {lost} of its runs diverged.",
            seeds=final.runs,
            lost=final.diverged,
        )
        return f"{winner} {after}"
    flattery = ""
    if isfinite(fresh.mean) and compared.key != result.metric:
        flattery = say(
            "; {metric} {score}, so the search flattered by {gap}",
            metric=result.metric,
            score=fixed(fresh.mean, places),
            gap=signed(result.optimism, places),
        )
    after = say(
        "Trained anew on {seeds} fresh seeds it has {metric} {score}, interval "
        "[{low}, {high}]{flattery}.",
        seeds=final.runs,
        metric=compared.key,
        score=fixed(final.mean, places),
        low=fixed(final.interval.low, places),
        high=fixed(final.interval.high, places),
        flattery=flattery,
    )
    return f"{winner} {after}"


def _section(result: SearchResult) -> Section:
    say = Voice(result.confirmed.language)
    note = say(
        "Trials are judged by validation rows; the test rows were set aside before the first one. "
        "A trial was given up where others had done better after as many epochs."
    )
    return Section(
        say("The search"), (Prose(sentence(result)), _table(result), Prose(note, "legend"))
    )


def _table(result: SearchResult) -> Sheet:
    say, names = Voice(result.confirmed.language), list(result.trials[0].settings)
    rows: list[list[str | Cell]] = []
    for trial in _ranked(result):
        kind: Any = "best" if trial is result.winner else "" if isfinite(trial.score) else "bad"
        score = Cell(_score(result, trial), "" if trial.whole else say("not to its end"), kind)
        each = [_said({"": trial.settings[name]}).strip() for name in names]
        rows.append([str(trial.number + 1), score, str(trial.epochs), *each])
    words = {n for n in names if any(isinstance(t.settings[n], str) for t in result.trials)}
    headings = [say("trial"), result.metric, say("epochs"), *names]
    return sheet(headings, rows, frozenset(words))


def _ranked(result: SearchResult) -> list[Trial]:
    """Return trials that were trained longest first, the better first among them."""
    sign = 1 if result.better == "higher" else -1

    def rank(trial: Trial) -> tuple[bool, int, float]:
        known = isfinite(trial.score)
        return (not known, -trial.epochs, -sign * trial.score if known else 0.0)

    return sorted(result.trials, key=rank)


def _score(result: SearchResult, trial: Trial) -> str:
    if not isfinite(trial.score):
        return Voice(result.confirmed.language)("diverged")
    every = [each.score for each in result.trials if isfinite(each.score)]
    return fixed(trial.score, decimals(every, []))


def _said(settings: Mapping[str, Value]) -> str:
    """Write settings in a line."""
    shown = {k: f"{v:.3g}" if isinstance(v, float) else str(v) for k, v in settings.items()}
    return ", ".join(f"{name} {value}" for name, value in shown.items())
