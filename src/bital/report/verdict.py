"""The one sentence a study is read for."""

from bital.report.number import percent
from bital.study.result import StudyResult, Verdict


def sentence(result: StudyResult) -> str:
    """Say which variants cannot be told from the best one, or why that cannot be said.

    Args:
        result: any study, also an interrupted one.

    Returns:
        One or two English sentences without markup; labels stand as the result has them.
    """
    if result.verdict is None:
        return _silence(result)
    labels = {variant.name: variant.label for variant in result.variants}
    verdict = result.verdict
    said = _comparison(result, verdict, labels)
    if verdict.diverged:
        left_out = ", ".join(labels.get(name, name) for name in verdict.diverged)
        said += f" Not compared, because a run diverged: {left_out}."
    return said


def _comparison(result: StudyResult, verdict: Verdict, labels: dict[str, str]) -> str:
    best = labels.get(verdict.best, verdict.best)
    column = next((c.label for c in result.columns if c.key == verdict.column), verdict.column)
    how = f"paired over {len(result.seeds)} seeds, {percent(verdict.level)} interval"
    alike = [labels.get(d.variant, d.variant) for d in verdict.differences if not d.distinguishable]
    if not alike:
        return f"{best} is best on {column}: every other variant is distinguishably worse ({how})."
    if len(alike) > 1 and len(alike) == len(verdict.differences):
        return f"No variant is distinguishable from the best ({best}) on {column}, {how}."
    return f"Not distinguishable from the best ({best}) on {column}, {how}: {', '.join(alike)}."


def _silence(result: StudyResult) -> str:
    if not result.variants:
        return "No variant finished, so there is nothing to compare."
    if len(result.variants) == 1:
        return "One variant alone: there is nothing to compare it with."
    if len(result.seeds) < 2:
        return "One seed cannot tell variants apart: the order may be chance. Run more seeds."
    return "Fewer than two variants finished without a diverged run, so none can be compared."
