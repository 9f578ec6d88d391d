"""A study as JSON-ready values."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from bital.report.account import command
from bital.report.optimism import optimisms
from bital.study.result import ArmResult, StudyResult, Verdict
from bital.study.statistics.comparison import Comparison
from bital.study.statistics.optimism import Optimism
from bital.study.statistics.summary import summarise

SCHEMA = "bital.study/3"


def document(result: StudyResult) -> dict[str, Any]:
    """Turn a study into dicts, lists, strings and numbers.

    `json.dumps(document(result), allow_nan=False)` always works: NaN and infinity, which JSON
    does not have, become null. Scores and curves keep every digit.

    Returns:
        "schema" is "bital.study/3"; a key keeps its meaning as long as that stays. Each arm's
        "mean", "std" (ddof=1), "median", "interval" (BCa, 95 %) and "optimism" are null where a run
        diverged; "diverged" counts such runs.
    """
    found = optimisms(result)
    whole: dict[str, Any] = plain(
        {
            "schema": SCHEMA,
            "name": result.name,
            "question": result.question,
            "language": result.language,
            "spec": None if result.spec is None else asdict(result.spec),
            "command": result.command or (result.spec and command(result.spec)) or None,
            "plain": result.plain,
            "data": asdict(result.data),
            "environment": dict(result.environment),
            "splits": result.splits,
            "seeds": result.seeds,
            "units": [asdict(unit) for unit in result.units],
            "metric": result.metric,
            "published": result.published,
            "reused": result.reused,
            "failed": result.failed,
            "columns": [asdict(column) for column in result.columns],
            "arms": [_arm(v, found.get(v.name)) for v in result.arms],
            "verdict": None if result.verdict is None else _verdict(result.verdict),
            "seconds": result.seconds,
            "interrupted": result.interrupted,
        }
    )
    return whole


def _arm(arm: ArmResult, optimism: Optimism | None) -> dict[str, Any]:
    summaries = {key: summarise(scores) for key, scores in arm.scores.items()}
    return {
        "name": arm.name,
        "label": arm.label,
        "parameters": arm.parameters,
        "epochs": arm.epochs,
        "batch_size": arm.batch_size,
        "optimizer": arm.optimizer,
        "summary": arm.summary,
        "scores": arm.scores,
        "mean": {key: summary.mean for key, summary in summaries.items()},
        "std": {key: summary.std for key, summary in summaries.items()},
        "median": {key: summary.median for key, summary in summaries.items()},
        "interval": {key: asdict(summary.interval) for key, summary in summaries.items()},
        "optimism": None if optimism is None else asdict(optimism),
        "diverged": max((summary.diverged for summary in summaries.values()), default=0),
        "train_seconds": arm.train_seconds,
        "compile_seconds": arm.compile_seconds,
        "packed": arm.packed,
        "curves": arm.curves,
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        **asdict(verdict),
        "comparisons": [_comparison(one) for one in verdict.comparisons],
        "pairs": [_comparison(one) for one in verdict.pairs],
    }


def _comparison(one: Comparison) -> dict[str, Any]:
    return {**asdict(one), "reading": one.reading, "distinguishable": one.distinguishable}


def plain(value: Any) -> Any:
    """Turn a nest with NumPy's values into JSON's, NaN and infinity into null."""
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not isfinite(value):
        return None
    return value
