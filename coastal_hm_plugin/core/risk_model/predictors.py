"""Which columns may predict a risk: circular ones named and left out, numbers and categories encoded alike."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..chemistry.elements import HEAVY_METALS
from ..chemistry.fields import describe_field
from ..errors import InputError

MOST_LABELS = 40
_FROM_CONCENTRATIONS = {
    "concentration": "concentration",
    "log concentration": "concentration",
    "species": "concentration",
    "CF": "contamination factor",
    "Er": "ecological risk factor",
    "Igeo": "geoaccumulation index",
    "EF": "enrichment factor",
    "index": "index of the same metals",
    "reference": "reference value in the index",
}
# conservative elements that an EF may be divided by; which one it was, its name does not say
_REFERENCE_ELEMENTS = ("Al", "Cs", "Fe", "Li", "Mn", "Rb", "Sc", "Th", "Ti", "Zr")
_MEASUREMENT = ("uncertainty", "limit", "flag")
_PMF = re.compile(r"(?i)(^|[_ ])(pmf|factor|contribution)s?[_ ]?\d+")
_COORDINATE = re.compile(
    r"(?i)(x|y|lon|lat|long|longitude|latitude|easting|northing|east|north)|[xy][_ ]?(loc|coord|utm|m|wgs84|proj)"
    r"|(coord|point|utm)[_ ]?[xy]"
)
_IDENTIFIER = re.compile(
    r"(?i)(.*[_ ])?(fid|gid|uid|oid|id|objectid|no|nr|name|index|row)"
    r"|(site|station|sample|state|lab|plot|point|object|ogc_f)[_ ]?(id|no|nr|name|code|number)?"
)
_DATE = re.compile(r"(?i)(.*[_ ])?(date|time|datetime|year|month|day|colldate)")


@dataclass(frozen=True)
class LeftOut:
    """A column that does not serve as predictor. kind: "circular" or "unsuitable"; reason: why, in words."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Predictor:
    """One predictor. labels: the categories seen in training, in code order; empty for a number."""

    name: str
    labels: tuple = ()

    @property
    def is_category(self):
        """Whether the values are labels, not numbers."""
        return bool(self.labels)


@dataclass(frozen=True)
class Encoded:
    """Predictors as a matrix. matrix: n x p float32, categories as codes, NaN where missing.

    unseen: n x p bool, a label that training did not see; unreadable: n x p bool, text where a number is needed.
    Both are NaN in the matrix.
    """

    matrix: np.ndarray
    unseen: np.ndarray
    unreadable: np.ndarray


def circular_predictors(names, target, medium=None, elements=HEAVY_METALS):
    """Those of ``names`` that the target is computed from, with the reason: a tuple of LeftOut.

    PERI is the sum of Tr x CF over ``elements`` (Hakanson 1980) and those with an Er among ``names``, CF =
    concentration / background: a concentration, CF, Er, Igeo, EF or index of the same medium would predict a part of
    the target from itself. So it is with the indices of one element and with a concentration, whose own fields are
    circular, and all indices; an EF has a reference element beside. Kd carries the sediment's concentration in its
    numerator, a PMF contribution is a weighted sum of them.
    ``medium`` (soil, sediment, water): the target's, where its name does not say. A target that is no index and no
    concentration by its name has no circular predictors.
    """
    goal = describe_field(target)
    if goal.quantity not in _FROM_CONCENTRATIONS:
        return ()
    if goal.element:
        goal_elements = {goal.element, *(_REFERENCE_ELEMENTS if goal.quantity == "EF" else ())}
    else:
        meanings = map(describe_field, names)
        goal_elements = {*elements, *(one.element for one in meanings if one.quantity == "Er" and one.element)}
    medium = medium or goal.medium
    found = []
    for name in names:
        if name == target:
            continue
        reason = _circular_reason(name, goal_elements, medium)
        if reason:
            found.append(LeftOut(name, "circular", f"{reason}: '{target}' is computed from it"))
    return tuple(found)


def _circular_reason(name, goal_elements, medium):
    meaning = describe_field(name)
    if meaning.element and meaning.element not in goal_elements:
        return None
    if meaning.quantity == "Kd":
        # sediment over water: its numerator is the sediment's concentration
        return None if medium == "soil" else "partition coefficient, with the sediment's concentration in it"
    if _PMF.search(name):
        return "PMF contribution, a weighted sum of the same concentrations"
    if meaning.quantity in _MEASUREMENT and meaning.element:
        kind = f"{meaning.quantity} of a concentration"
    elif meaning.quantity in _FROM_CONCENTRATIONS:
        kind = _FROM_CONCENTRATIONS[meaning.quantity]
    else:
        return None
    # risk indices are of a solid: without a word on the target's medium, only water is surely another one
    same = meaning.fits(medium) if medium else meaning.medium != "water"
    return kind if same else None


def default_predictors(table, target, medium=None, groups=None, elements=HEAVY_METALS):
    """The columns that can predict ``target``, and those that cannot with the reason: (names, tuple of LeftOut).

    Left out: circular ones, coordinates, identifiers, dates, the field of groups, constant and empty columns, text
    that is no category (more than 40 labels, or more than a third of the rows).
    """
    others = [name for name in table.columns if name != target]
    left_out = {entry.name: entry for entry in circular_predictors(others, target, medium, elements)}
    for name in others:
        reason = name not in left_out and _unsuitable(name, table[name], groups)
        if reason:
            left_out[name] = LeftOut(name, "unsuitable", reason)
    return [name for name in others if name not in left_out], tuple(left_out.values())


def _unsuitable(name, column, groups):
    if name == groups:
        return "groups the folds"
    if _COORDINATE.fullmatch(name):
        return "a coordinate"
    if _IDENTIFIER.fullmatch(name):
        return "an identifier"
    if _DATE.fullmatch(name) or pd.api.types.is_datetime64_any_dtype(column):
        return "a date"
    distinct = column.dropna().nunique()
    if distinct < 2:
        return "empty" if distinct == 0 else "constant"
    if not _is_number(column) and distinct > min(MOST_LABELS, max(2, len(column) // 3)):
        return f"text with {distinct} different values"
    return None


def _is_number(column):
    if pd.api.types.is_bool_dtype(column) or isinstance(column.dtype, pd.CategoricalDtype):
        return False
    if pd.api.types.is_numeric_dtype(column):
        return True
    present = column.dropna()
    return len(present) > 0 and bool(pd.to_numeric(present, errors="coerce").notna().mean() > 0.9)


def label_of(value):
    """A category's label as text: 3 and 3.0 are the same class."""
    if isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_)):
        return f"{value:g}"
    return str(value)


def describe_predictors(table, names, categories=()):
    """The predictors of a training table. ``categories``: number columns that hold class codes.

    Raises InputError for a column that is not there, and for text with too many different values.
    """
    require_columns(table, names)
    predictors = []
    for name in names:
        column = table[name]
        if name not in categories and _is_number(column):
            predictors.append(Predictor(name))
            continue
        labels = tuple(sorted({label_of(value) for value in column.dropna()}))
        if len(labels) > MOST_LABELS:
            raise InputError(
                f"Column '{name}' holds text with {len(labels)} different values; that is no category (at most "
                f"{MOST_LABELS}). Leave it out of the predictors, or group its values."
            )
        if not labels:
            raise InputError(f"Column '{name}' is empty. Leave it out of the predictors.")
        predictors.append(Predictor(name, labels))
    return tuple(predictors)


def require_columns(table, names):
    """Raise InputError naming the columns that the table does not have."""
    absent = [name for name in names if name not in table.columns]
    if absent:
        raise InputError(
            f"The table has no column {', '.join(repr(name) for name in absent)}. "
            f"It has: {', '.join(str(name) for name in table.columns)}."
        )


def tell_missing(table, predictors, encoded, monitor):
    """Warn of every predictor that has no usable value in some rows of a table, and say why."""
    for index, predictor in enumerate(predictors):
        missing = int(np.isnan(encoded.matrix[:, index]).sum())
        if not missing:
            continue
        text = f"'{predictor.name}': {missing} of {len(table)} rows without a value"
        unseen, unreadable = encoded.unseen[:, index], int(encoded.unreadable[:, index].sum())
        if unseen.any():
            labels = sorted({label_of(value) for value in table[predictor.name][unseen]})
            text += (
                f", {unseen.sum()} of them with a category that training did not see ({_some(labels)}; it saw "
                f"{_some(predictor.labels)})"
            )
        if unreadable:
            text += f", {unreadable} of them with text where a number is needed"
        monitor.warn(f"{text}. They are predicted as missing.")


def _some(labels, most=5):
    return ", ".join(labels[:most]) + (" ..." if len(labels) > most else "")


def encode(table, predictors):
    """The predictors of a table as Encoded. Raises InputError for a missing column."""
    require_columns(table, [predictor.name for predictor in predictors])
    shape = (len(table), len(predictors))
    matrix = np.full(shape, np.nan, dtype=np.float32)
    unseen, unreadable = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for index, predictor in enumerate(predictors):
        column = table[predictor.name]
        present = column.notna().to_numpy()
        if predictor.is_category:
            codes = {label: code for code, label in enumerate(predictor.labels)}
            values = column.map(lambda value, codes=codes: codes.get(label_of(value), np.nan), na_action="ignore")
            values = values.to_numpy(dtype=np.float64, na_value=np.nan)
            unseen[:, index] = present & np.isnan(values)
        else:
            values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            values = np.where(np.isinf(values), np.nan, values)
            unreadable[:, index] = present & np.isnan(values)
        matrix[:, index] = values
    return Encoded(matrix, unseen, unreadable)
