"""Numbers as laboratories and spreadsheets write them: "0,05", "<0.1", "n.d.", "1,234.5", "-"."""

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows

NUMBER, EMPTY, BELOW, ABOVE, UNREADABLE = range(5)


def _texts(joined):
    return frozenset(joined.split("|"))


_EMPTY = _texts(
    "|-|--|—|–|/|*|.|?|na|n/a|n.a.|n.a|nan|null|none|ns|n.s.|n.s|ins|nodata|no data|no sample|missing|"
    "not analysed|not analyzed|insufficient sample|#n/a|#null!|#value!|<na>"  # the first is ""
)
_NOT_DETECTED = _texts(
    "nd|n.d.|n.d|n/d|bdl|b.d.l.|b.d.l|bd|b.d.|bld|bql|blq|udl|lod|<|<lod|<loq|<dl|<mdl|<rl|<ld|<lld|tr|trace|"
    "not detected|non-detect|nondetect|non detect|below detection|below detection limit|未检出"
)
# U: analysed for but not detected; J: estimated (US EPA data qualifiers)
_VALUE = re.compile(r"(<=|>=|<|>|≤|≥)?\s*([+-]?(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d+)?)\s*([uj])?")


@dataclass(frozen=True, eq=False)
class Readings:
    """n values as read: numbers (NaN if none; for BELOW and ABOVE the bound), kinds, and an unreadable text or None."""

    numbers: np.ndarray
    kinds: np.ndarray
    unreadable: object = None


def read_values(column, name):
    """Readings of a column of numbers or texts; raises InputError if it can hold no measurements at all."""
    series = pd.Series(column).reset_index(drop=True)
    if pd.api.types.is_bool_dtype(series) or pd.api.types.is_datetime64_any_dtype(series):
        raise InputError(f"Column '{name}' holds {series.dtype} values, not measurements. Choose another field.")
    if pd.api.types.is_numeric_dtype(series):
        numbers = series.to_numpy(dtype=float, na_value=np.nan).copy()
        return Readings(numbers, np.where(np.isnan(numbers), EMPTY, NUMBER))
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=float, na_value=np.nan).copy()
    kinds = np.full(len(series), NUMBER)
    rest = np.flatnonzero(np.isnan(numbers))
    codes, texts = pd.factorize(series.iloc[rest].map(str, na_action="ignore"))
    texts = [_tidy(text) for text in texts]
    commas = _decimal_comma(texts, name, rest, codes)
    # One reading per distinct text; the last entry answers the code -1, which is NULL
    read = [_read_text(text, commas) for text in texts] + [(EMPTY, np.nan)]
    kinds[rest] = np.array([kind for kind, _ in read])[codes]
    numbers[rest] = np.array([number for _, number in read])[codes]
    unreadable = next((text for text, (kind, _) in zip(texts, read) if kind == UNREADABLE), None)
    if unreadable is not None and np.isin(kinds, (EMPTY, UNREADABLE)).all():
        raise InputError(f"Column '{name}' holds text, such as '{unreadable}', and no number. Choose another field.")
    return Readings(numbers, kinds, unreadable)


def _tidy(text):
    return unicodedata.normalize("NFKC", text).replace("−", "-").strip().lower()


def _read_text(text, decimal_comma):
    """Kind and number of one tidy text."""
    if text in _EMPTY:
        return EMPTY, np.nan
    if re.sub(r"(?<=[<.])\s+", "", text) in _NOT_DETECTED:
        return BELOW, np.nan
    match = _VALUE.fullmatch(text)
    if not match:
        return UNREADABLE, np.nan
    sign, digits, qualifier = match.groups()
    digits = digits.replace(".", "").replace(",", ".") if decimal_comma else digits.replace(",", "")
    try:
        number = float(digits)
    except ValueError:
        return UNREADABLE, np.nan
    if sign in ("<", "<=", "≤") or qualifier == "u":
        return BELOW, abs(number)
    return (ABOVE if sign else NUMBER), number


def _decimal_comma(texts, name, rows, codes):
    """Whether a comma in this column is a decimal comma; raises InputError where "1,234" can be read both ways."""
    doubtful = []
    for code, text in enumerate(texts):
        if "," not in text:
            continue
        if "." in text:
            return text.rfind(",") > text.rfind(".")
        whole, _, decimals = re.sub(r"[^\d,]", "", text).partition(",")
        if "," in decimals:
            return False
        if len(decimals) != 3 or not 1 <= len(whole) <= 3 or whole.startswith("0"):
            return True
        doubtful.append(code)
    if doubtful:
        where = rows[np.isin(codes, doubtful)]
        raise InputError(
            f"Column '{name}' writes numbers such as '{texts[doubtful[0]]}' (rows {name_rows(where)}): the comma can "
            "be a decimal comma or a thousands separator. Write them with a decimal point."
        )
    return False
