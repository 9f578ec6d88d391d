"""What a study found, as a terminal table, as JSON and as one HTML file.

Pure functions from a `bital.study.result.StudyResult` to text; nothing here prints or saves.
Rich and matplotlib are imported inside the functions that draw with them.

- `bital.report.table.render`: the table for a terminal or a pipe
- `bital.report.verdict.sentence`: how the variants compare
- `bital.report.document.document`: the result as JSON-ready values
- `bital.report.page.page`: the result as one self-contained HTML file
- `bital.report.figures.panels`: learning curves as SVG
"""
