"""What a risk model is trained on: sites with a target, and the predictors that may be offered."""

from dataclasses import dataclass, replace
from typing import Optional

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from . import scores
from .predictors import (
    Encoded,
    LeftOut,
    circular_predictors,
    default_predictors,
    describe_predictors,
    encode,
    require_columns,
)

FEWEST_SITES = 20


@dataclass(frozen=True)
class TrainingData:
    """What the folds work on: matrix (n x p), y (n), predictors (p), places (n x 2, metres on a plane) if known."""

    matrix: np.ndarray
    y: np.ndarray
    predictors: tuple
    places: Optional[np.ndarray] = None

    @property
    def is_category(self):
        return np.array([predictor.is_category for predictor in self.predictors])

    @property
    def n_labels(self):
        return [len(predictor.labels) for predictor in self.predictors]

    def columns(self, chosen):
        """These columns alone."""
        predictors = tuple(self.predictors[index] for index in chosen)
        return replace(self, matrix=self.matrix[:, chosen], predictors=predictors)


@dataclass(frozen=True)
class Offered:
    """The predictors offered at the sites: data for the folds, encoded (with counts), left_out (with reasons)."""

    data: TrainingData
    encoded: Encoded
    left_out: tuple

    @property
    def names(self):
        """Names of the predictors."""
        return [predictor.name for predictor in self.data.predictors]


def training_data(used, values, target, predictors, options, manifest, places, monitor=SILENT):
    """Sites and the predictors that may be offered: Offered.

    used: the table's rows with a target, of these values; predictors: names, None for all that can serve; manifest: its
    rasters of classes are categories.
    """
    names, left_out = offered_predictors(used, target, predictors, options, monitor)
    of_classes = [covariate.name for covariate in manifest.covariates if covariate.is_categorical] if manifest else []
    described = describe_predictors(used, names, {*options.categories, *of_classes})
    encoded = encode(used, described)
    return Offered(TrainingData(encoded.matrix, values, described, places), encoded, left_out)


def usable_target(table, target, options, monitor):
    """Rows with a target, its values there, and the options with the transform decided."""
    require_columns(table, [target] + ([options.groups] if options.groups else []))
    numbers = pd.to_numeric(table[target], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    usable = np.isfinite(numbers)
    rows = np.flatnonzero(usable)
    if len(rows) < len(table):
        lost = np.flatnonzero(~usable)
        monitor.warn(f"{len(lost)} of {len(table)} rows have no number in '{target}', left out: {name_rows(lost)}.")
    if len(rows) < FEWEST_SITES:
        raise InputError(
            f"Column '{target}' has a number in {len(rows)} rows; a risk model needs {FEWEST_SITES} sites at least."
        )
    values = numbers[rows]
    if np.ptp(values) <= 1e-9 * np.abs(values).max():
        raise InputError(f"Column '{target}' has the same value ({values[0]:g}) in every row: nothing to predict.")
    if options.transform == "auto":
        options = replace(options, transform="log" if values.min() > 0 and _skewness(values) > 1 else "none")
    if options.transform == "log" and values.min() <= 0:
        raise InputError(
            f"Column '{target}' has values of 0 or less (rows {name_rows(rows[values <= 0])}), which have no "
            "logarithm. Choose no transform."
        )
    outlier = scores.dominant_site(values)
    if outlier is not None:
        monitor.warn(
            f"Row {rows[outlier] + 1} ({target} {values[outlier]:g}) alone makes more than half of the variance of "
            f"'{target}': R² and RMSE tell mostly about that row. Check it."
        )
    return rows, values, options


def _skewness(values):
    return np.mean((values - values.mean()) ** 3) / values.std() ** 3


def offered_predictors(used, target, names, options, monitor):
    """The predictors to offer, and everything left out with its reason."""
    if names is None:
        allowed, left_out = default_predictors(used, target, options.medium, options.groups, options.elements)
    else:
        require_columns(used, names)
        allowed = [name for name in dict.fromkeys(names) if name not in (target, options.groups)]
        left_out = circular_predictors(allowed, target, options.medium, options.elements)
    left_out = {entry.name: entry for entry in left_out}
    for name in options.circular:
        left_out[name] = LeftOut(name, "circular", f"named as circular: '{target}' is computed from it")
    if options.selection == "wu2025":
        allowed += [name for name, entry in left_out.items() if entry.kind == "circular" and name not in allowed]
        allowed = [name for name in allowed if name in used.columns]
        left_out = {name: entry for name, entry in left_out.items() if entry.kind != "circular"}
    for name in allowed:
        if name not in left_out and used[name].dropna().nunique() < 2:
            left_out[name] = LeftOut(name, "unsuitable", "constant or empty")
    allowed = [name for name in allowed if name not in left_out]
    circular = [name for name, entry in left_out.items() if entry.kind == "circular"]
    if circular:
        monitor.warn(f"Left out because '{target}' is computed from them (circular): {', '.join(circular)}.")
    if not allowed:
        reasons = "; ".join(f"{entry.name}: {entry.reason}" for entry in left_out.values()) or "no column given"
        raise InputError(f"No predictor is left for '{target}' ({reasons}). Add columns or rasters.")
    return allowed, tuple(left_out.values())
