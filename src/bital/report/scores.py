"""The study's table as HTML."""

from html import escape

from bital.report import account
from bital.report.measured import measure
from bital.report.number import fixed, seconds
from bital.study.result import StudyResult
from bital.study.statistics.summary import Summary


def scores(result: StudyResult) -> str:
    """Show every column of every variant; the best of a column is bold and has a star.

    Args:
        result: a study with at least one variant.

    Returns:
        A `<table>`.
    """
    columns = [_column(result, index) for index in range(len(result.columns))]
    times = seconds(variant.train_seconds for variant in result.arms)
    rows = "\n".join(
        f'<tr><th scope="row">{escape(variant.label)}</th>{"".join(cells)}'
        f'<td class="number">{variant.parameters:,}</td><td class="number">{time}</td></tr>'
        for variant, time, *cells in zip(result.arms, times, *columns, strict=True)
    )
    headings = [*(column.label for column in result.columns), "parameters", "seconds"]
    heads = "".join(f'<th scope="col" class="number">{escape(text)}</th>' for text in headings)
    return (
        f'<table>\n<thead><tr><th scope="col">variant</th>{heads}</tr></thead>\n'
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def legend(result: StudyResult) -> str:
    """Say what the table's marks, columns and seconds mean."""
    said = []
    if len(result.arms) > 1:
        said.append("★ best of its column.")
    if len(result.seeds) > 1:
        said.append(f"Mean ± standard deviation over {len(result.seeds)} seeds.")
    return " ".join([*said, account.measures(result), f"Time: {account.times(result)}"])


def _column(result: StudyResult, index: int) -> list[str]:
    measured = measure(result, result.columns[index])
    return [
        _cell(row, measured.places, name in measured.best) for name, row in measured.rows.items()
    ]


def _cell(row: Summary, places: int, winner: bool) -> str:
    if row.diverged:
        return f'<td class="number bad">diverged {row.diverged}/{row.runs}</td>'
    spread = f' <span class="spread">± {fixed(row.std, places)}</span>' if row.runs > 1 else ""
    mean = fixed(row.mean, places)
    if winner:
        return f'<td class="number best"><b>★ {mean}</b>{spread}</td>'
    return f'<td class="number">{mean}{spread}</td>'
