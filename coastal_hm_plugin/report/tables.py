"""Result tables for a publication: CSV and .xlsx in full precision, LaTeX in a reader's digits."""

import os
import re
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import InputError

ENDINGS = (".csv", ".xlsx", ".tex")
WIDEST = 40  # characters of a column in a spreadsheet


def write_tables(folder, listings):
    """Write tables as ``<stem>.csv``, ``<stem>.xlsx`` and ``<stem>.tex``.

    folder: made if it is not there. listings: stem -> :class:`~.document.Listing`. LaTeX: booktabs rules, texts
    escaped, the listing's digits and caption, and the label ``tab:<stem>``. Each file takes its name once it is whole.
    Returns the paths and, where the .xlsx cannot be written, a warning that says what to install.
    Raises InputError for a stem that is no file name.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written, excel = [], _has_openpyxl()
    for stem, listing in listings.items():
        if not re.fullmatch(r"[A-Za-z0-9_-]+", stem):
            raise InputError(f"'{stem}' cannot name a table's files: use letters, digits, - and _.")
        with _whole(folder / f"{stem}.csv", written) as path:
            listing.table.to_csv(path, index=False, encoding="utf-8")
        if excel:
            with _whole(folder / f"{stem}.xlsx", written) as path:
                _write_xlsx(path, stem, listing.table)
        with _whole(folder / f"{stem}.tex", written) as path:
            path.write_text(to_latex(listing, f"tab:{stem}"), encoding="utf-8")
    missing = (
        "The .xlsx tables were not written: install openpyxl into QGIS's Python (python3 -m pip install openpyxl)."
    )
    return written, (() if excel else (missing,))


def to_latex(listing, label):
    """A :class:`~.document.Listing` as a LaTeX table (needs the package booktabs)."""
    import pandas as pd

    shown, sides = {}, ""
    for name in listing.table.columns:
        column = listing.table[name]
        numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        shown[_escaped(name)] = [_number(value, listing.digits) if numeric else _escaped(value) for value in column]
        sides += "r" if numeric else "l"
    styled = pd.DataFrame(shown).style.hide(axis="index")
    caption = _escaped(listing.caption)
    return styled.to_latex(hrules=True, column_format=sides, caption=caption, label=label, position="htbp")


def _has_openpyxl():
    import importlib.util

    return importlib.util.find_spec("openpyxl") is not None


@contextmanager
def _whole(path, written):
    """A temporary path to write to; the file takes its name, and its place in ``written``, once it is whole."""
    temporary = path.with_name(f"{path.stem}.part{path.suffix}")  # pandas chooses the format by the ending
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    written.append(path)


def _write_xlsx(path, name, table):
    """One sheet: bold header, columns as wide as their texts; a text that looks like a formula stays text."""
    import pandas as pd
    from openpyxl.styles import Font

    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        table.to_excel(writer, sheet_name=name[:31], index=False)  # a sheet's name has 31 characters at most
        sheet = writer.sheets[name[:31]]
        for column in sheet.columns:
            column[0].font = Font(bold=True)
            widest = max(len(str(cell.value)) for cell in column if cell.value is not None)
            sheet.column_dimensions[column[0].column_letter].width = min(widest, WIDEST) + 2
            for cell in column:
                if isinstance(cell.value, str) and cell.data_type == "f":
                    cell.data_type = "s"
        sheet.freeze_panes = "A2"


_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "−": "$-$",
    "–": "--",
    "×": r"$\times$",
    "µ": r"$\mu$",
    "μ": r"$\mu$",
    "β": r"$\beta$",
    "ρ": r"$\rho$",
    "τ": r"$\tau$",
    "²": r"\textsuperscript{2}",
}


def _escaped(value):
    import pandas as pd

    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "--"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "".join(_SPECIAL.get(sign, sign) for sign in str(value))


def _number(value, digits):
    from .document import format_number

    text = format_number(value, digits).replace(",", "{,}").replace("−", "-").replace("–", "--")
    if text == "--":
        return text
    mantissa, power, exponent = text.partition("e")
    return f"${mantissa} \\times 10^{{{int(exponent)}}}$" if power else f"${text}$"
