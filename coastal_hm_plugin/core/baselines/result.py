"""What the estimation of baselines gives."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError
from .bend import Curve
from .options import BaselineOptions

COLUMNS = [
    "element",
    "method",
    "n",
    "missing",
    "n_censored",
    "n_kept",
    "iterations",
    "central",
    "central_low",
    "central_high",
    "upper_limit",
    "upper_low",
    "upper_high",
    "baseline",
    "baseline_low",
    "baseline_high",
    "p_value",
    "note",
]
PASS_COLUMNS = ["element", "method", "pass", "n", "centre", "low", "high", "dropped_low", "dropped_high"]


@dataclass(frozen=True)
class Baselines:
    """Geochemical baselines, mg/kg.

    table: a row per element and method, ``COLUMNS``. central: statistic of the values kept; upper_limit: where the
    baseline range ends (RCF: the bend); baseline: the GeoB, the central value of IMEA, IMED and box plot and the
    bend of RCF; _low and _high: bootstrap 95 % interval; p_value: of the RCF bend; note: what limits the row.
    concentrations: the values used; bends: element -> fitted RCF curve (also where it is not credible).
    passes: the log of the iterations, a row per element, method (IMEA, IMED, box plot) and pass: n (values that went
    in), centre, low and high (limits of the range kept), dropped_low and dropped_high (values outside it).
    """

    table: pd.DataFrame
    concentrations: pd.DataFrame
    bends: dict
    options: BaselineOptions
    passes: pd.DataFrame

    def central(self, method):
        """Central values by one method: Series, element -> mg/kg."""
        return self._column(method, "central")

    def upper_limit(self, method):
        """Upper limits by one method: Series, element -> mg/kg, NaN where there is none."""
        return self._column(method, "upper_limit")

    def baseline(self, method):
        """Geochemical baselines (GeoB) by one method: Series, element -> mg/kg, NaN where there is none."""
        return self._column(method, "baseline")

    def wide(self, column="baseline"):
        """One column of the table as elements x methods."""
        return pd.DataFrame({method: self._column(method, column) for method in self.options.methods})

    def curve(self, element):
        """Cumulative frequency curve of an element: :class:`~.bend.Curve`, at most 200 steps."""
        values = self.concentrations[element].dropna().to_numpy()
        return Curve.of(np.sort(values), self.options.rcf_axes).thinned()

    def compare(self, background):
        """Baselines against background values. background: Series, element -> mg/kg.

        Returns a DataFrame: element, method, baseline, background, ratio (baseline / background), position
        ("above" or "below"; "overlaps" where the background lies inside the baseline's 95 % interval).
        """
        compared = self.table[["element", "method", "baseline", "baseline_low", "baseline_high"]].copy()
        compared["background"] = compared["element"].map(background).astype(float)
        compared["ratio"] = compared["baseline"] / compared["background"]
        ratio = compared["ratio"]
        inside = compared["background"].between(compared["baseline_low"], compared["baseline_high"])
        compared["position"] = np.select(
            [ratio.isna(), inside, ratio > 1, ratio < 1], ["", "overlaps", "above", "below"], "equal"
        )
        return compared.drop(columns=["baseline_low", "baseline_high"])

    def _column(self, method, column):
        if method not in self.options.methods:
            raise InputError(f"Method {method!r} was not estimated; there are {', '.join(self.options.methods)}.")
        rows = self.table[self.table["method"] == method]
        return rows.set_index("element")[column].rename(column)
