"""Which predictors act together: SHAP interaction values, averaged over the sites."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..monitor import SILENT
from ..risk_model.predictors import encode
from .trees import explained

MOST_ROWS = 1000
NOTHING = 1e-5  # share of all effects below which an interaction is rounding


@dataclass(frozen=True)
class Interactions:
    """Mean size of main effects and interactions.

    strength: p x p frame; off the diagonal the mean |interaction| of two predictors (both halves of the symmetric
    SHAP interaction value together), on it the mean |main effect|; in ``unit`` ("" or "log", as in Explanation).
    n_rows: how many rows they are averaged over; of: how many there were.
    """

    strength: pd.DataFrame
    n_rows: int
    of: int
    unit: str

    def to_frame(self):
        """A row per pair, strongest first: predictor, partner, mean_abs_interaction, share.

        share: of the sum of all mean |main effects| and |interactions|.
        """
        first, second = np.triu_indices(len(self.strength), 1)
        names, values = np.asarray(self.strength.columns, dtype=object), self.strength.to_numpy()
        size = values[first, second]
        total = self._total()
        frame = pd.DataFrame(
            {
                "predictor": names[first],
                "partner": names[second],
                "mean_abs_interaction": size,
                "share": size / total if total > 0 else size,
            }
        )
        return frame.sort_values("mean_abs_interaction", ascending=False, kind="stable", ignore_index=True)

    def partner(self, name):
        """The predictor that interacts most with this one; None where there is no interaction."""
        others = self.strength[name].drop(name)
        if others.empty or others.max() <= NOTHING * self._total():
            return None
        return others.idxmax()

    def partners(self):
        """A row per predictor: mean_abs_main_effect, its partner (None without) and mean_abs_interaction with it."""
        rows = []
        for name in self.strength.columns:
            partner = self.partner(name)
            size = self.strength.loc[name, partner] if partner else 0.0
            rows.append((name, self.strength.loc[name, name], partner, size))
        return pd.DataFrame(rows, columns=["predictor", "mean_abs_main_effect", "partner", "mean_abs_interaction"])

    def _total(self):
        return float(np.triu(self.strength.to_numpy()).sum())


def explain_interactions(model, table, monitor=SILENT, most_rows=MOST_ROWS, threads=0):
    """SHAP interaction values of a :class:`RiskModel`, averaged over the rows of a table: Interactions.

    Path-dependent (Lundberg et al. 2020, Nature Machine Intelligence 2:56-67, Eq. 3-5) as XGBoost computes them
    (``pred_interactions``): of each row a symmetric matrix whose rows add up to the SHAP values. They cost p times a
    SHAP value: of more than ``most_rows`` rows so many are taken, evenly spread. ``threads``: 0 for all cores; the
    numbers do not depend on it. Raises InputError for a column that is not there.
    """
    n = len(table)
    rows = np.arange(n) if n <= most_rows else np.linspace(0, n - 1, most_rows).astype(int)
    matrix = encode(table.iloc[rows], model.predictors).matrix
    p = matrix.shape[1]
    total = np.zeros((p, p))
    for _, found in explained(model, matrix, threads, monitor, pred_interactions=True):
        for one in np.abs(found[:, :-1, :-1]):  # row by row: the sum does not depend on the batches
            total += one
    mean = total / max(1, len(rows))
    mean = mean + mean.T
    np.fill_diagonal(mean, np.diagonal(mean) / 2)
    return Interactions(
        strength=pd.DataFrame(mean, index=model.names, columns=model.names),
        n_rows=len(rows),
        of=n,
        unit="log" if model.options.transform == "log" else "",
    )
