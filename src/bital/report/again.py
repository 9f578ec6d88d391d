"""How to run a study again."""

from typing import Any

from bital.report import account
from bital.study.result import StudyResult


def again(result: StudyResult) -> str:
    """Write the command that runs a study again, or the Python around its builders.

    Returns:
        A shell's line where the study came from a command line; else Python, in which "..." stands
        for what a result does not hold: builders and arrays.
    """
    if result.command:
        return result.command
    if result.spec is not None:
        return account.command(result.spec)
    plain = dict(result.plain)
    given = {
        key: plain[key]
        for key in ("seeds", "metric", "baseline", "margin", "level", "name", "question")
        if plain.get(key)
    }
    if result.language != "en":
        given["language"] = result.language
    arms = "\n".join(
        f"        {name!r}: bital.Arm(..., {_settings(each)}),"
        for name, each in plain.get("arms", {}).items()
    )
    lines = "\n".join(f"    {key}={value!r}," for key, value in given.items())
    return (
        "import bital\n\n"
        "bital.Study(\n"
        f"    arms={{\n{arms}\n    }},\n"
        "    data=...,\n"
        f"    splits={_splits(plain.get('splits', {}))},\n"
        f"{lines}\n"
        ").run()"
    )


def _settings(arm: dict[str, Any]) -> str:
    shown = {key: arm[key] for key in ("label", "epochs", "batch_size") if key in arm}
    return ", ".join(f"{key}={value!r}" for key, value in shown.items())


def _splits(settings: dict[str, Any]) -> str:
    kind = "KFold" if settings.get("kind") == "k-fold" else "Holdout"
    known = {key: value for key, value in settings.items() if key not in ("kind", "groups")}
    if settings.get("groups"):
        known["groups"] = ...
    said = ", ".join(f"{k}={'...' if v is ... else repr(v)}" for k, v in known.items())
    return f"bital.{kind}({said})"
