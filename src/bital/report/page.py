"""A study as one self-contained HTML file."""

import re
from html import escape
from importlib.resources import files

from bital.report import account
from bital.report.figures import Quantity, logarithmic, panels, quantities
from bital.report.forest import forest
from bital.report.number import percent
from bital.report.optimism import optimisms, table
from bital.report.scores import legend, scores
from bital.report.verdict import procedure, sentence
from bital.study.result import StudyResult, Verdict

# The policy forbids the page every connection, so that "self-contained" is enforced by the browser.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(result: StudyResult) -> str:
    """Write a study as HTML: the verdict, the table, differences, curves and what was run.

    The file loads nothing: styles and figures are inside it. It follows the reader's light or
    dark setting and fits a phone. Every text from the result is escaped.

    Args:
        result: any study, also an interrupted one.

    Returns:
        The whole document. The same result gives the same text.
    """
    style = files("bital.report").joinpath("page.css").read_text("utf-8")
    body = "\n".join(filter(None, (section(result) for section in SECTIONS)))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="color-scheme" content="light dark">
<title>{escape(account.title(result))} · bital study</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def _header(result: StudyResult) -> str:
    asked = len(result.arms)
    name = escape(result.data.name)
    question = (
        f"Which of {asked} variants does best on {name}?"
        if asked > 1
        else f"How well does {escape(result.arms[0].label)} do on {name}?"
        if asked
        else f"No variant finished on {name}"
    )
    seeds = len(result.seeds)
    how = f"each was trained {seeds} times, once per seed" if seeds > 1 else "each was trained once"
    lead = (
        "The same rows, splits, initial randomness and batch order for every variant; "
        f"{how}, and compared on <strong>{escape(result.columns[-1].label)}</strong>."
    )
    stopped = account.interruption(result)
    note = f'\n<p class="note">{escape(stopped)}</p>' if stopped else ""
    return (
        f'<header>\n<p class="eyebrow">bital study</p>\n<h1>{question}</h1>\n<p>{lead}</p>{note}\n'
        f'<p class="verdict">{_prose(sentence(result))}</p>\n</header>'
    )


def _scores(result: StudyResult) -> str:
    if not result.arms:
        return ""
    return (
        f'<section>\n<h2>Scores</h2>\n<div class="scroll" tabindex="0">{scores(result)}</div>\n'
        f'<p class="legend">{_prose(legend(result))}</p>\n</section>'
    )


def _differences(result: StudyResult) -> str:
    verdict = result.verdict
    if verdict is None:
        return ""
    labels = {variant.name: variant.label for variant in result.arms}
    column = next(column for column in result.columns if column.key == verdict.column)
    worse = "negative" if column.better == "higher" else "positive"
    which = "the chosen baseline" if verdict.chosen else "the best mean"
    return (
        f"<section>\n<h2>Differences from {which}</h2>\n"
        f"<p>Each variant's {escape(column.label)} minus that of "
        f"<strong>{escape(labels[verdict.reference])}</strong>, seed by seed; {worse} is worse. "
        "The interval is Student's for the mean of these differences at "
        f"{_prose(percent(verdict.procedure.level))}, each on its own; p and the reading are "
        f"corrected for their number. {_prose(procedure(result, verdict))} Effect size: the mean "
        "difference in standard deviations of the differences (Hedges). Seeds to tell: how many "
        "it would take, in four of five repetitions, were the observed difference the true one; "
        "only more data where shared rows, not seeds, are what limits.</p>\n"
        f'<div class="scroll" tabindex="0">{forest(result, verdict)}</div>\n'
        f'<p class="legend">{_prose(_chances(verdict, labels))}</p>\n</section>'
    )


def _chances(verdict: Verdict, labels: dict[str, str]) -> str:
    ranked = sorted(verdict.probability_best.items(), key=lambda item: -item[1])
    named = [f"{labels[name]} {100 * share:.0f} %" for name, share in ranked if share >= 0.005]
    return f"Best mean, when the seeds are drawn again with replacement: {', '.join(named)}."


def _optimism(result: StudyResult) -> str:
    found = optimisms(result)
    if not found:
        return ""
    column = result.columns[-1]
    return (
        "<section>\n<h2>Best-epoch optimism</h2>\n"
        f"<p>How much better than its {escape(column.label)} each variant would look if the best "
        "epoch's validation score were quoted for it: above zero it flatters, by the luck of "
        "choosing and by whatever the last epochs lost.</p>\n"
        f'<div class="scroll" tabindex="0">{table(result, found)}</div>\n</section>'
    )


def _curves(result: StudyResult) -> str:
    drawn = quantities(result)
    if not drawn:
        return ""
    over = f"median over {len(result.seeds)} seeds" if len(result.seeds) > 1 else "one seed"
    bands = "; band: 25th to 75th percentile" if len(result.seeds) > 1 else ""
    return (
        "<section>\n<h2>Learning curves</h2>\n"
        '<p class="key"><span class="training">training</span>'
        f'<span class="validation">validation</span> line: {over}{bands}</p>\n'
        + "\n".join(_grid(result, quantity) for quantity in drawn)
        + '\n<p class="legend">Training values are means over the steps of an epoch, with dropout '
        "on and weights moving, so they can lie on the worse side of validation. A run that "
        "diverged leaves its curve there.</p>\n</section>"
    )


def _grid(result: StudyResult, quantity: Quantity) -> str:
    scale = " (logarithmic axis)" if logarithmic(result, quantity) else ""
    figures = "\n".join(f"<figure>{svg}</figure>" for svg in panels(result, quantity).values())
    return f'<h3>{escape(quantity.label)}{scale}</h3>\n<div class="panels">\n{figures}\n</div>'


def _run(result: StudyResult) -> str:
    data = result.data
    facts = {
        "data": f"{data.name}: {data.source}",
        "fingerprint": data.fingerprint,
        "rows": ", ".join(f"{count:,} {split}" for split, count in data.rows.items()),
        "input shape": " × ".join(map(str, data.shape)),
        "classes": ", ".join(data.classes),
        "training": account.recipe(result),
        "seeds": ", ".join(map(str, result.seeds)),
        "seeds at once": ", ".join(v.label for v in result.arms if v.packed),
        "seeds in turn": ", ".join(v.label for v in result.arms if not v.packed),
    }
    again = ""
    if result.spec is not None:
        command = escape(account.command(result.spec))
        again = f"\n<h3>Run it again</h3>\n<pre><code>{command}</code></pre>"
    return f"<section>\n<h2>What was run</h2>\n{_facts(facts)}{again}\n</section>"


def _environment(result: StudyResult) -> str:
    if not result.environment:
        return ""
    return f"<section>\n<h2>Environment</h2>\n{_facts(result.environment)}\n</section>"


def _facts(facts: dict[str, str]) -> str:
    rows = "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items() if value
    )
    return f"<dl>\n{rows}\n</dl>"


def _prose(text: str) -> str:
    """Escape a sentence and keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=(?:s|min|%)(?:\W|$))", "\u00a0", escape(text))


SECTIONS = (_header, _scores, _differences, _optimism, _curves, _run, _environment)
