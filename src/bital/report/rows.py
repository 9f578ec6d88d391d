"""A study's runs as CSV: a row a run, for a spreadsheet or another statistician."""

import csv
from io import StringIO

from bital.report.voice import Voice
from bital.study.columns import label
from bital.study.result import StudyResult


def rows(result: StudyResult) -> str:
    """Write every run with every score, all digits kept; nan where one diverged.

    Returns:
        CSV with the columns study, arm, label, seed, repeat, fold (both from 0; empty without
        folds), then every score, as in "test_accuracy"; in another language than English, words.
    """
    keys = list(dict.fromkeys(key for arm in result.arms for key in arm.scores))
    out = StringIO()
    writer = csv.writer(out)
    say, own = Voice(result.language), result.language == "en"
    plain = [say("study"), say("arm"), say("label"), say("seed"), say("repeat"), say("fold")]
    scored = [key if own else label(key, result.language) for key in keys]
    writer.writerow([*plain, *scored])
    for arm in result.arms:
        runs = max((len(scores) for scores in arm.scores.values()), default=0)
        for index, unit in enumerate(result.units[:runs]):
            scores = [float(arm.scores[key][index]) if key in arm.scores else "" for key in keys]
            writer.writerow(
                [result.name, arm.name, arm.label, unit.seed, unit.repeat, unit.fold, *scores]
            )
    return out.getvalue()
