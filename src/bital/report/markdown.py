"""A study as Markdown: verdict, tables and what was run, as GitHub shows them."""

from bital.report import account
from bital.report.content import Code, Drawing, Facts, Prose, Section, sections
from bital.report.sheet import Sheet, escaped
from bital.report.sheet import markdown as table
from bital.report.verdict import sentence
from bital.study.result import StudyResult


def markdown(result: StudyResult) -> str:
    """Write all of a report that is not a figure; texts from the result cannot become markup.

    Args:
        result: any study, also an interrupted one.

    Returns:
        Lines that end in a newline; the same result gives the same text.
    """
    blocks = [
        f"# {escaped(account.question(result))}",
        escaped(account.title(result)),
        *(f"**{escaped(said)}**" for said in account.losses(result)),
        f"> {escaped(sentence(result))}",
        *([escaped(account.lead(result))] if result.arms else []),
    ]
    for section in sections(result):
        if _speaks(section):
            said = [_block(block) for block in section.blocks if not _of_figures(block)]
            blocks += [f"## {escaped(section.title)}", *said]
    return "\n\n".join(blocks) + "\n"


def _speaks(section: Section) -> bool:
    """Whether a section says something of its own, not only of its figures."""
    drawn = any(isinstance(block, Drawing) for block in section.blocks)
    return not drawn or any(isinstance(block, Sheet) for block in section.blocks)


def _of_figures(block: Prose | Sheet | Facts | Code | Drawing) -> bool:
    return isinstance(block, Drawing) or (isinstance(block, Prose) and block.kind == "key")


def _block(block: Prose | Sheet | Facts | Code | Drawing) -> str:
    if isinstance(block, Sheet):
        return table(block)
    if isinstance(block, Facts):
        return "\n".join(f"- {name}: {escaped(text)}" for name, text in block.said.items() if text)
    if isinstance(block, Code):
        longest = max((len(run) for run in _ticks(block.text)), default=0)
        fence = "`" * max(3, longest + 1)
        code = f"{fence}\n{block.text}\n{fence}"
        if block.folded:
            return f"<details><summary>{block.title}</summary>\n\n{code}\n\n</details>"
        return f"{block.title}:\n\n{code}"
    assert isinstance(block, Prose)
    return escaped(block.text)


def _ticks(text: str) -> list[str]:
    return "".join(mark if mark == "`" else " " for mark in text).split()
