"""What came out of a study, an arm a row: the compared score, then everything else."""

from bital.report import account
from bital.report.measured import measure
from bital.report.number import fixed, percent, seconds, span
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.verdict import reading
from bital.report.voice import Voice
from bital.study.result import Column, StudyResult
from bital.study.statistics.summary import Summary


def outcome(result: StudyResult) -> Sheet:
    """Show the compared score: mean and deviation, median, interval, chance of best, reading."""
    say, verdict = Voice(result.language), result.verdict
    measured = measure(result, account.compared(result))
    interval = say("{level} interval", level=percent(0.95))
    headings = [say("arm"), say("mean ± sd"), say("median"), interval]
    readings: dict[str, str] = {}
    if verdict is not None:
        headings += [say("chance of best"), say("reading")]
        readings = {verdict.reference: say("baseline") if verdict.chosen else say("best mean")}
        for one in verdict.comparisons:
            readings[one.first] = reading(result, verdict, one.reading)
    rows: list[list[str | Cell]] = []
    for arm in result.arms:
        row = measured.rows[arm.name]
        cells: list[str | Cell] = [
            arm.label,
            _cell(say, row, measured.places, arm.name in measured.best),
            *_more(say, row, measured.places),
        ]
        if verdict is not None:
            cells += [_share(verdict.probability_best[arm.name]), readings[arm.name]]
        rows.append(cells)
    return sheet(headings, rows, frozenset({say("reading")}))


def costs(result: StudyResult) -> Sheet:
    """Show the other scores, parameters and times."""
    say, others = Voice(result.language), result.columns[:-1]
    columns = [_column(result, column) for column in others]
    times = seconds(arm.train_seconds for arm in result.arms)
    compiling = seconds(arm.compile_seconds for arm in result.arms)
    rows: list[list[str | Cell]] = [
        [arm.label, *(cells[index] for cells in columns), f"{arm.parameters:,}", times[index],
         compiling[index]]
        for index, arm in enumerate(result.arms)
    ]  # fmt: skip
    measured = [column.label for column in others]
    spent = [say("parameters"), say("seconds"), say("compiling")]
    return sheet([say("arm"), *measured, *spent], rows)


def _column(result: StudyResult, column: Column) -> list[Cell]:
    measured, say = measure(result, column), Voice(result.language)
    return [
        _cell(say, row, measured.places, name in measured.best)
        for name, row in measured.rows.items()
    ]


def _cell(say: Voice, row: Summary, places: int, winner: bool) -> Cell:
    if row.diverged:
        return Cell(say("diverged {lost}/{runs}", lost=row.diverged, runs=row.runs), kind="bad")
    spread = f"± {fixed(row.std, places)}" if row.runs > 1 else ""
    return Cell(fixed(row.mean, places), spread, "best" if winner else "")


def _share(chance: float) -> str:
    return "< 1 %" if 0 < chance < 0.005 else f"{100 * chance:.0f} %"


def _more(say: Voice, row: Summary, places: int) -> list[str]:
    if row.diverged or row.runs < 2:
        return ["–", "–"]
    ends = fixed(row.interval.low, places), fixed(row.interval.high, places)
    return [fixed(row.median, places), span(say, *ends)]
