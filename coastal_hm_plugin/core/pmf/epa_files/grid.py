"""Files of EPA PMF 5.0 as rows of cells, whether they are text or a workbook."""

import csv
import io
import os
import warnings
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np

from ...errors import InputError

EXCEL = (".xlsx", ".xlsm")
MISSING = -999.0  # EPA PMF 5.0's mark of a missing value, and of a sample that was left out
DATE_FORMAT = "%m/%d/%y %H:%M"  # as its text files print the time of a sample


@dataclass(frozen=True, eq=False)
class Grid:
    """Rows of cells (text, number, datetime, or None for an empty one; empty ends cut off). place: for messages."""

    place: str
    rows: list

    def find(self, start, first=0):
        """Position of the first row from ``first`` on whose first filled cell starts with a text; None if none does."""
        start = start.lower()
        for number in range(first, len(self.rows)):
            if label(self.rows[number]).lower().startswith(start):
                return number
        return None

    def need(self, start, first=0):
        """As find, but raises InputError where there is no such row."""
        number = self.find(start, first)
        if number is None:
            raise InputError(f"{self.place}: no line starts with '{start}'. Is it the file that EPA PMF 5.0 wrote?")
        return number

    def block(self, first):
        """Positions of the rows from ``first`` on, up to the next empty one."""
        last = first
        while last < len(self.rows) and self.rows[last]:
            last += 1
        return range(first, last)

    def numbers(self, row, cells):
        """Cells of a row as floats: NaN for an empty one and for EPA PMF 5.0's '*'. Raises InputError for any other."""
        return np.array([self.number(row, cell) for cell in cells], dtype=float)

    def number(self, row, cell):
        """One cell as a float; see numbers."""
        if cell is None or cell == "*":
            return np.nan
        try:
            return float(cell)
        except (TypeError, ValueError):
            raise self.wrong(row, "a number", cell) from None

    def wrong(self, row, expected, found):
        """An InputError that names file, line, what was expected and what stands there."""
        return InputError(f"{self.place}, line {row + 1}: expected {expected}, found '{found}'.")


def label(row):
    """The first filled cell of a row as text; empty if there is none."""
    return next((str(cell).strip() for cell in row if cell is not None), "")


def read_grid(path, sheet=None):
    """A text file, or one sheet of a workbook (``sheet`` None: its first), as a Grid."""
    path = Path(path)
    if path.suffix.lower() in EXCEL:
        grids = read_workbook(path)
        name = next(iter(grids)) if sheet is None else sheet
        if name not in grids:
            raise InputError(f"{path.name} has no sheet '{name}', only {', '.join(grids)}.")
        return grids[name]
    return read_text(path)


def read_workbook(path):
    """Every sheet of an .xlsx workbook: name -> Grid."""
    openpyxl = _openpyxl(path)
    _check_there(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # EPA PMF 5.0's workbooks have no default style
        try:
            book = openpyxl.load_workbook(path, data_only=True)
        except Exception as error:  # openpyxl lets through what zip, XML and itself raise
            raise InputError(f"{path.name} is not a workbook that can be read ({error}): save it as .xlsx.") from error
    return {
        sheet.title: Grid(
            f"{path.name}, sheet {sheet.title}", [_trim(row) for row in sheet.iter_rows(values_only=True)]
        )
        for sheet in book.worksheets
    }


def read_text(path):
    """A text file with cells separated by tab, comma or semicolon, as a Grid."""
    path = Path(path)
    if path.suffix.lower() == ".xls":
        raise InputError(f"{path.name} is a workbook of the old kind: open it and save it as .xlsx or .csv.")
    _check_there(path)
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    separator = max("\t,;", key=text.count)
    return Grid(path.name, [_trim(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)])


def write_text(path, rows):
    """Write rows as EPA PMF 5.0's comma-separated text, under a temporary name first."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows([_printed(cell) for cell in row] for row in rows)
    write_whole(path, buffer.getvalue())


def write_whole(path, text):
    """Write a text as it is, under a temporary name first."""
    path = Path(path)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(text.encode("utf-8"))
    os.replace(temporary, path)


def write_workbook(path, sheets):
    """Write sheets (name -> rows) as an .xlsx workbook, under a temporary name first."""
    path = Path(path)
    openpyxl = _openpyxl(path)
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_plain(cell, sheet) for cell in row])
    temporary = path.with_name(path.name + ".part")
    book.save(temporary)
    os.replace(temporary, path)


def scientific(value):
    """A number as EPA PMF 5.0's text files print it: 8.048900E+000."""
    mantissa, exponent = f"{value:.6E}".split("E")
    return f"{mantissa}E{exponent[0]}{int(exponent[1:]):03d}"


def or_missing(values):
    """Values as plain numbers, MISSING in place of NaN."""
    return [MISSING if np.isnan(value) else float(value) for value in values]


def _openpyxl(path):
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{path.name}: reading and writing .xlsx needs the Python package openpyxl, which is not installed. "
            "Install it (python3 -m pip install openpyxl), or use EPA PMF 5.0's text files (.csv, .txt)."
        ) from None
    return openpyxl


def _check_there(path):
    if not path.is_file():
        raise InputError(f"There is no file {path}.")


def _trim(row):
    cells = [(cell.strip() or None) if isinstance(cell, str) else cell for cell in row]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _plain(cell, sheet):
    if isinstance(cell, str) and cell.startswith("="):  # a name is never a formula
        from openpyxl.cell import WriteOnlyCell

        text = WriteOnlyCell(sheet, cell)
        text.data_type = "s"
        return text
    return cell.item() if isinstance(cell, np.generic) else cell


def _printed(cell):
    if cell is None:
        return ""
    if isinstance(cell, (datetime, date)):
        return cell.strftime(DATE_FORMAT)
    if isinstance(cell, (float, np.floating)):
        return scientific(cell)
    return str(cell)
