"""What came out of a study, an arm a row: the compared score, then everything else."""

from bital.report import account
from bital.report.measured import measure
from bital.report.number import fixed, seconds
from bital.report.sheet import Cell, Sheet, sheet
from bital.report.verdict import reading
from bital.study.result import Column, StudyResult
from bital.study.statistics.summary import Summary


def outcome(result: StudyResult) -> Sheet:
    """Show the compared score: mean and deviation, median, interval, chance of best, reading."""
    column, verdict = account.compared(result), result.verdict
    measured = measure(result, column)
    headings = ["arm", "mean ± sd", "median", "95 % interval"]
    readings: dict[str, str] = {}
    if verdict is not None:
        headings += ["chance of best", "reading"]
        readings = {verdict.reference: "baseline" if verdict.chosen else "best mean"}
        readings |= {one.first: reading(verdict, one.reading) for one in verdict.comparisons}
    rows: list[list[str | Cell]] = []
    for arm in result.arms:
        row = measured.rows[arm.name]
        cells: list[str | Cell] = [
            arm.label,
            _cell(row, measured.places, arm.name in measured.best),
            *_more(row, measured.places),
        ]
        if verdict is not None:
            cells += [_share(verdict.probability_best[arm.name]), readings[arm.name]]
        rows.append(cells)
    return sheet(headings, rows, frozenset({"reading"}))


def costs(result: StudyResult) -> Sheet:
    """Show the other scores, parameters and times."""
    others = result.columns[:-1]
    columns = [_column(result, column) for column in others]
    times = seconds(arm.train_seconds for arm in result.arms)
    compiling = seconds(arm.compile_seconds for arm in result.arms)
    rows: list[list[str | Cell]] = [
        [arm.label, *(cells[index] for cells in columns), f"{arm.parameters:,}", times[index],
         compiling[index]]
        for index, arm in enumerate(result.arms)
    ]  # fmt: skip
    headings = [column.label for column in others]
    return sheet(["arm", *headings, "parameters", "seconds", "compiling"], rows)


def _column(result: StudyResult, column: Column) -> list[Cell]:
    measured = measure(result, column)
    return [
        _cell(row, measured.places, name in measured.best) for name, row in measured.rows.items()
    ]


def _cell(row: Summary, places: int, winner: bool) -> Cell:
    if row.diverged:
        return Cell(f"diverged {row.diverged}/{row.runs}", kind="bad")
    spread = f"± {fixed(row.std, places)}" if row.runs > 1 else ""
    return Cell(fixed(row.mean, places), spread, "best" if winner else "")


def _share(chance: float) -> str:
    return "< 1 %" if 0 < chance < 0.005 else f"{100 * chance:.0f} %"


def _more(row: Summary, places: int) -> list[str]:
    if row.diverged or row.runs < 2:
        return ["–", "–"]
    span = row.interval
    return [fixed(row.median, places), f"{fixed(span.low, places)} to {fixed(span.high, places)}"]
