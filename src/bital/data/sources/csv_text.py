"""The cells of a user's CSV file as text, and what keeps them from being read."""

import csv
import io
import unicodedata
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bital.data.sources.regular_file import check_regular
from bital.errors import InvalidInput

if TYPE_CHECKING:
    import polars as pl

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_OTHERS = {
    b"PK\x03\x04": "an Excel workbook or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
}
"how files begin that are no text"
_GUESSES = {"cp949": "CP949 or EUC-KR", "cp1252": "Windows-1252 or Latin-1"}


def read(path: Path) -> "pl.DataFrame":
    """Read a CSV file with a header, every cell as text, an empty one as null.

    Names and cells lose the blanks around them. Names are in Unicode's composed form (NFC), as
    they are typed.

    Args:
        path: the file: UTF-8, with or without a byte order mark; cells separated by commas.

    Returns:
        At least one row; columns of distinct names, in the order of the file.

    Raises:
        InvalidInput: no regular file; another encoding or separator; a name twice; a row with more
            cells than the header; a quotation mark that is not closed; no row.
    """
    import polars as pl

    check_regular(path, "data")
    try:
        text = _decoded(path, path.read_bytes())
    except OSError as error:
        raise InvalidInput(
            f"data must be a CSV file; reading {path} gave {type(error).__name__}: {error}."
        ) from error
    names = _header(path, text)
    try:
        frame = pl.read_csv(io.StringIO(text), infer_schema_length=0)
    except pl.exceptions.PolarsError as error:
        raise InvalidInput(_explained(path, text, len(names))) from error
    if frame.width != len(names) or not frame.height:
        raise InvalidInput(
            f"data must have a row below its header; {path.name} has none. Add the rows."
            if not frame.height
            else _explained(path, text, len(names))
        )
    frame.columns = names
    cells = pl.all().str.strip_chars()
    return frame.select(pl.when(cells == "").then(None).otherwise(cells).name.keep())


def _decoded(path: Path, content: bytes) -> str:
    if not content.strip():
        raise InvalidInput(f"data must be a CSV file with a header; {path.name} is empty.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = ""
    if text and "\0" not in text:
        return text.replace("\r\n", "\n").replace("\r", "\n")
    for start, said in _OTHERS.items():
        if content.startswith(start):
            raise InvalidInput(
                f"data must be a CSV file; {path.name} is {said}, whatever its name ends in. Save "
                'or export its table as "CSV UTF-8".'
            )
    if text and content[:2] not in _UTF16 and 8 * text.count("\0") < len(text):
        line = text[: text.index("\0")].count("\n") + 1
        raise InvalidInput(
            f"a CSV file must be text; line {line} of {path.name} holds a zero byte, as damaged "
            "files do. Export it again."
        )
    if content[:2] in _UTF16 or b"\0" in content[:1000]:
        name, said = "utf-16", "UTF-16"
    else:
        name = next(guess for guess in _GUESSES if guess == "cp1252" or _reads(content, guess))
        said = _GUESSES[name]
    raise InvalidInput(
        f"a CSV file must be UTF-8; {path.name} is not, and looks like {said}. Save it as "
        '"CSV UTF-8" in the spreadsheet, or convert it in Python: '
        f"path.write_text(path.read_text(encoding={name!r}), encoding='utf-8')."
    )


def _reads(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _header(path: Path, text: str) -> list[str]:
    body = text.lstrip("\n")
    try:
        first = next(csv.reader(io.StringIO(body), strict=True), [])
    except csv.Error:
        raise InvalidInput(_explained(path, text, 0)) from None
    names = [unicodedata.normalize("NFC", name.strip()) for name in first]
    for separator, said in _SEPARATORS.items():
        if len(next(csv.reader(io.StringIO(body), delimiter=separator), [])) > len(names):
            raise InvalidInput(
                f"cells must be separated by commas; the header of {path.name} has {said}. "
                "Save the file with commas, or convert it in Python: "
                f"polars.read_csv(path, separator={separator!r}).write_csv(path)."
            )
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice or "" in names:
        what = (
            f"{twice[0]!r} {names.count(twice[0])} times"
            if twice and twice[0]
            else "a column without a name"
        )
        raise InvalidInput(
            f"every column must have a name of its own; {path.name} has {what}. Rename or remove "
            "columns in its first line."
        )
    return names


def _explained(path: Path, text: str, width: int) -> str:
    """Return what is wrong with a file that cannot be divided into rows and cells."""
    reader = csv.reader(io.StringIO(text), strict=True)
    lines, start = text.split("\n"), 0
    try:
        for row in reader:
            raw, start = "\n".join(lines[start : reader.line_num]), reader.line_num
            if any(cell.replace('"', '""') not in raw for cell in row):
                return (
                    f"quotation marks must stand around a whole cell; in {path.name}, line "
                    f"{reader.line_num} has one inside of a cell. Put that cell in quotation marks "
                    "and double those inside of it."
                )
            if width and len(row) > width:
                return (
                    f"every row must have as many cells as the header; {path.name} has {width} "
                    f"columns, and line {reader.line_num} has {len(row)} cells. Put text that "
                    'holds a comma in quotation marks ("a, b"), or correct that line.'
                )
    except csv.Error as error:
        return (
            f"quotation marks must be closed; in {path.name} reading stopped in line "
            f"{reader.line_num} ({error}). Close them, or double those inside of a text."
        )
    return f"data must be a CSV file with a header; {path.name} cannot be divided into cells."
