"""Measurements with non-detects: "<0.1", "n.d.", negative codes, laboratory flags, detection limits."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from .texts import ABOVE, BELOW, EMPTY, UNREADABLE, read_values

SUBSTITUTIONS = ("half", "sqrt2", "zero", "drop")
NEGATIVES = ("auto", "nondetect", "missing", "error")

# Numbers that stand for "no value" in the files of laboratories and GIS programs
MISSING_CODES = (-99.0, -999.0, -999.9, -9999.0, -99999.0, -32768.0, float(np.finfo(np.float32).min))

# Past this share of non-detects substitution decides the statistics (Helsel 2012, Statistics for Censored
# Environmental Data, 2nd ed.)
HIGH_SHARE = 0.5

# A negative value this small beside the smallest detected one is no detection limit but a blank subtracted to below 0
NOISE_SHARE = 0.1

_CENSORED_FLAGS = frozenset(
    ("<", "<=", "nd", "n.d.", "bdl", "bd", "bld", "bql", "u", "lt", "<lod", "<loq", "<dl", "<mdl")
)
_CENSORED_FLAGS |= {"true", "yes", "1", "1.0"}


@dataclass(frozen=True, eq=False)
class Loss:
    """Values of a column that were not plain numbers.

    column: its name in the table; reason: what they were and how they were taken; rows: their positions, from 0;
    doubtful: whether someone should look at them (text, negative, infinite) or they are in order (empty, "n.d.").
    """

    column: str
    reason: str
    rows: np.ndarray
    doubtful: bool = False

    @property
    def count(self):
        """How many rows."""
        return len(self.rows)

    def __str__(self):
        return f"{self.column}: {self.count:,} {self.reason} (row{'s'[: self.count > 1]} {name_rows(self.rows)})"


@dataclass(frozen=True, eq=False)
class Measured:
    """A column of n measurements after reading, in the column's own unit.

    values: floats, NaN where missing, non-detects substituted; censored: bool, True for a non-detect;
    limits: detection limits, NaN where unknown; losses: all that was not a plain number.
    """

    values: np.ndarray
    censored: np.ndarray
    limits: np.ndarray
    losses: tuple = ()

    @property
    def nondetect_share(self):
        """Non-detects among the samples with a result (0 to 1); NaN if there is no result."""
        results = np.count_nonzero(~np.isnan(self.values) | self.censored)
        return np.count_nonzero(self.censored) / results if results else float("nan")


def read_measured(column, name, limit=None, flags=None, nondetects="half", negative="auto"):
    """Measurements from a column as it stands in a table: a Measured in the column's own unit.

    column: n numbers or texts ("<0.1", "0,05", "n.d.", "BDL", ">100", NULL ...).
    limit: one detection limit, or n of them; values at or below it are non-detects (as in EPA PMF 5.0).
    flags: n laboratory qualifiers; "<", "U", "ND" ... mark the value beside them as the limit of a non-detect.
    nondetects: "half" the limit, "sqrt2" (limit / sqrt 2), "zero", or "drop" (NaN).
    negative: "auto" reads a negative number as coded non-detect (-0.1 is <0.1) if it is no larger than the median of
    the detected values and refuses it otherwise; close to zero it is a non-detect of unknown limit (a blank too large
    was subtracted). "nondetect", "missing" and "error" treat all alike.

    Non-detects without a limit, and zeros, take the highest limit known in the column, or else its smallest detected
    value; where nothing was detected either, value and limit are NaN. Raises InputError naming column and rows.
    """
    factor = substitution_factor(nondetects)
    _check_choice(negative, NEGATIVES, "negative values")
    read = read_values(column, name)
    state = _State(name, read.numbers, read.kinds == BELOW)
    state.texts(read)
    state.missing_codes()
    state.flagged(flags)
    state.negative(negative)
    state.below(limit)
    state.unknown_limits()
    values = np.where(state.censored, factor * state.limits, state.values)
    return Measured(values, state.censored, state.limits, tuple(state.losses))


def read_numbers(column, name):
    """Plain numbers (pH, salinity, coordinates ...): n floats, and a tuple of Loss for all that was none.

    Raises InputError if the column holds text and no number.
    """
    read = read_values(column, name)
    state = _State(name, read.numbers, np.zeros(len(read.numbers), dtype=bool))
    state.texts(read)
    state.drop(read.kinds == BELOW, "below a detection limit, taken as missing")
    state.missing_codes()
    return state.values, tuple(state.losses)


def substitution_factor(nondetects):
    """What a detection limit is multiplied by to stand for a non-detect; NaN for "drop"."""
    _check_choice(nondetects, SUBSTITUTIONS, "non-detects")
    return {"half": 0.5, "sqrt2": 1 / np.sqrt(2), "zero": 0.0, "drop": np.nan}[nondetects]


def _check_choice(choice, choices, what):
    if choice not in choices:
        raise InputError(f"'{choice}' is no way to treat {what}: choose one of {', '.join(choices)}.")


class _State:
    """A column on its way to Measured. Each step records what it took as what."""

    def __init__(self, name, numbers, censored):
        self.name = name
        self.values = np.where(censored, np.nan, numbers)
        self.censored = censored.copy()
        self.limits = np.where(censored, numbers, np.nan)
        self.losses = []

    def note(self, mask, reason, doubtful=False):
        rows = np.flatnonzero(mask)
        if len(rows):
            self.losses.append(Loss(self.name, reason, rows, doubtful))

    def drop(self, mask, reason, doubtful=False):
        self.note(mask, reason, doubtful)
        self.values[mask] = np.nan

    def censor(self, mask, limits):
        self.censored |= mask
        self.limits[mask] = limits[mask]
        self.values[mask] = np.nan

    def texts(self, read):
        self.note(read.kinds == EMPTY, "empty")
        self.note(read.kinds == UNREADABLE, f"not a number, such as '{read.unreadable}', taken as missing", True)
        self.note(read.kinds == ABOVE, "above the measuring range ('>'), taken at its bound", True)
        self.drop(np.isinf(self.values), "infinite, taken as missing", True)

    def missing_codes(self):
        self.drop(np.isin(self.values, MISSING_CODES), "a code for missing values such as -9999")

    def flagged(self, flags):
        """Values that a qualifier beside them marks as detection limits."""
        if flags is None:
            return
        codes, texts = pd.factorize(pd.Series(flags).reset_index(drop=True).map(str, na_action="ignore"))
        marks = np.array([text.strip().lower() in _CENSORED_FLAGS for text in texts] + [False])
        marked = marks[codes] & ~self.censored & (self.values > 0)
        self.note(marked, "flagged as non-detects")
        self.censor(marked, self.values)

    def negative(self, way):
        mask = self.values < 0
        if not mask.any():
            return
        if way == "missing":
            self.drop(mask, "negative, taken as missing", True)
            return
        size, detected = -self.values, self.values[self.values > 0]
        wrong = mask if way == "error" else np.zeros_like(mask)
        if way == "auto" and len(detected):
            wrong = mask & (size > np.median(detected))
            noise = mask & (size < NOISE_SHARE * detected.min())
            self.note(noise, "negative but close to zero, taken as non-detects without a limit", True)
            self.censor(noise, np.full_like(size, np.nan))
            mask = mask & ~noise
        if wrong.any():
            self._refuse_negative(np.flatnonzero(wrong), way)
        self.note(mask, "negative, read as coded non-detects", True)
        self.censor(mask, size)

    def _refuse_negative(self, rows, way):
        hint = "" if way == "error" else ", and too large to be the code of a non-detect (-0.1 for <0.1)"
        raise InputError(
            f"Column '{self.name}' has negative values, such as {self.values[rows[0]]:g} (rows {name_rows(rows)})"
            f"{hint}. Correct them, or choose how to treat negative values: as non-detects or as missing."
        )

    def below(self, limit):
        """Values at or below a given detection limit."""
        if limit is None:
            return
        limits = np.broadcast_to(np.asarray(limit, dtype=float), self.values.shape)
        limits = np.where(limits > 0, limits, np.nan)
        below = ~np.isnan(self.values) & (self.values <= limits)
        self.note(below & (self.values > 0), "at or below the given detection limit, taken as non-detects")
        self.censor(below, limits)
        self.limits = np.where(np.isnan(self.limits), limits, self.limits)

    def unknown_limits(self):
        """Zeros and "n.d." where nobody gives the limit."""
        zero = self.values == 0
        self.note(zero, "zero, taken as non-detects")
        self.censor(zero, np.full_like(self.values, np.nan))
        unknown = self.censored & ~(self.limits > 0)
        if not unknown.any():
            return
        known = self.limits[self.limits > 0]
        detected = self.values[self.values > 0]
        if not len(known) and not len(detected):
            self.note(unknown, "non-detects; nothing was detected and no detection limit is known", True)
            return
        limit = known.max() if len(known) else detected.min()
        source = "the highest limit of the column" if len(known) else "its smallest detected value"
        self.note(unknown, f"non-detects without a limit, taken as below {limit:g}, {source}")
        self.limits[unknown] = limit
