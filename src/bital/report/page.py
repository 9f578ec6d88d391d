"""A study as one self-contained HTML file."""

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from bital.report import account
from bital.report.content import Code, Drawing, Facts, Prose, Section, sections
from bital.report.sheet import Sheet, html
from bital.report.verdict import sentence
from bital.report.voice import Voice
from bital.study.result import StudyResult

# The policy forbids the page every connection, so that "self-contained" is enforced by the browser.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(result: StudyResult, before: Sequence[Section] = ()) -> str:
    """Write a study as HTML: the verdict, tables, figures and what was run.

    The file loads nothing: styles and figures are inside it. It follows the reader's light or
    dark setting and fits a phone. Every text from the result is escaped.

    Args:
        result: any study, also an interrupted one.
        before: what to say before the study's own sections.

    Returns:
        The whole document. The same result gives the same text.
    """
    style = files("bital.report").joinpath("page.css").read_text("utf-8")
    say, parts = Voice(result.language), [*before, *sections(result)]
    body = "\n".join([_header(result), *(_section(say, part) for part in parts)])
    return f"""<!doctype html>
<html lang="{result.language}">
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
    note = "".join(f'\n<p class="note">{escape(said)}</p>' for said in account.losses(result))
    lead = f"\n<p>{_prose(account.lead(result))}</p>" if result.arms else ""
    return (
        f'<header>\n<p class="eyebrow">bital study · {escape(account.title(result))}</p>\n'
        f"<h1>{escape(account.question(result))}</h1>{lead}{note}\n"
        f'<p class="verdict">{_prose(sentence(result))}</p>\n</header>'
    )


def _section(say: Voice, section: Section) -> str:
    blocks = "\n".join(_block(say, section.title, block) for block in section.blocks)
    return f"<section>\n<h2>{escape(section.title)}</h2>\n{blocks}\n</section>"


def _block(say: Voice, title: str, block: Prose | Sheet | Drawing | Facts | Code) -> str:
    if isinstance(block, Prose):
        kind = ' class="legend"' if block.kind else ""
        return f"<p{kind}>{_prose(block.text)}</p>"
    if isinstance(block, Sheet):
        name = escape(title, quote=True)  # a keyboard scrolls it, and its reader says what it is
        region = f'class="scroll" tabindex="0" role="region" aria-label="{name}"'
        return f"<div {region}>{html(block)}</div>"
    if isinstance(block, Drawing):
        return _drawing(say, block)
    if isinstance(block, Facts):
        rows = "\n".join(
            f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
            for name, value in block.said.items()
            if value
        )
        return f"<dl>\n{rows}\n</dl>"
    code = f"<pre><code>{escape(block.text)}</code></pre>"
    if block.folded:
        return f"<details><summary>{escape(block.title)}</summary>\n{code}\n</details>"
    return f"<h3>{escape(block.title)}</h3>\n{code}"


def _drawing(say: Voice, drawing: Drawing) -> str:
    key = (
        f'<p class="key"><span class="training">{say("training")}</span>'
        f'<span class="validation">{say("validation")}</span> {escape(drawing.key)}</p>\n'
        if drawing.key
        else ""
    )
    title = f"<h3>{escape(drawing.title)}</h3>\n" if drawing.title else ""
    captions = [f"<figcaption>{escape(said)}</figcaption>" for said in drawing.captions]
    figures = "\n".join(
        f"<figure>{caption}{svg}</figure>"
        for caption, svg in zip(captions or [""] * len(drawing.svgs), drawing.svgs, strict=True)
    )
    if not drawing.title:
        return key + figures
    return f'{key}{title}<div class="panels">\n{figures}\n</div>'


def _prose(text: str) -> str:
    """Escape a sentence and keep a number and its unit on one line."""
    return re.sub(r"(?<=\d) (?=(?:s|min|%)(?:\W|$))", "\u00a0", escape(text))
