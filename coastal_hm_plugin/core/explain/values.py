"""SHAP values of sites: importance, the dominant driver of each site, and what they add up to."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

from ..monitor import SILENT
from ..risk_model import Skill
from ..risk_model.predictors import encode
from .trees import contributions, explained

RAISES, LOWERS = "raises", "lowers"


@dataclass(frozen=True)
class Explanation:
    """SHAP values of n rows.

    shap: n x p frame, a column per predictor, in ``unit``; base: the value they add to. data: n x p frame of the
    predictors' values (numbers, or labels). unit: the target's own ("" in a model without transform), or
    "log" where effects multiply: a SHAP value of 0.1 is a factor of exp(0.1). encoded: n x p numbers, categories
    as codes, for colours. gain_shares: p, the share of each predictor in the gain of all splits. margins: n, what the
    trees themselves add up to, in ``unit``. skill: the model's.
    """

    target: str
    shap: pd.DataFrame
    base: float
    data: pd.DataFrame
    encoded: pd.DataFrame
    unit: str
    gain_shares: np.ndarray
    margins: np.ndarray
    skill: Optional[Skill] = None

    def importance(self):
        """A row per predictor, most important first: gain_share, mean_abs_shap, shap_share (of their sum)."""
        size = self.shap.abs().mean().to_numpy()
        frame = pd.DataFrame(
            {
                "predictor": list(self.shap.columns),
                "gain_share": self.gain_shares,
                "mean_abs_shap": size,
                "shap_share": size / size.sum() if size.sum() > 0 else size,
            }
        )
        return frame.sort_values("mean_abs_shap", ascending=False, kind="stable", ignore_index=True)

    def sums(self):
        """Base and SHAP values added up (n), in ``unit``."""
        return self.base + self.shap.to_numpy().sum(axis=1)

    def predictions(self):
        """The model's predictions (n), in the target's unit: base and SHAP values added up."""
        return np.exp(self.sums()) if self.unit == "log" else self.sums()

    def additivity_error(self):
        """How far base and SHAP values fail to add up to what the trees say: the largest difference of a row.

        A share of the largest margin, or of 1 where that is smaller. XGBoost adds in 32 bits: some 1e-7 are rounding.
        """
        if not len(self.margins):
            return 0.0
        return float(np.abs(self.sums() - self.margins).max() / max(1.0, np.abs(self.margins).max()))

    def drivers(self):
        """What decides each row: a frame of n rows, a row per row explained.

        driver: the predictor of the largest |SHAP value| (None where all are 0); driver_shap: that value;
        driver_direction: whether it "raises" or "lowers" the prediction; driver_share: its share of the sum of
        |SHAP values|.
        """
        place, value, share = dominant(self.shap.to_numpy())
        names = np.asarray(self.shap.columns, dtype=object)
        found = place >= 0
        return pd.DataFrame(
            {
                "driver": np.where(found, names[place], None),
                "driver_shap": np.where(found, value, np.nan),
                "driver_direction": np.where(found, np.where(value > 0, RAISES, LOWERS), None),
                "driver_share": share,
            }
        )

    def driver_counts(self):
        """A row per driver, most frequent first: rows, share (of the rows), raises and lowers (rows)."""
        frame = self.drivers()
        numbers = pd.Categorical(frame["driver"], categories=list(self.shap.columns)).codes
        raises = (frame["driver_direction"] == RAISES).to_numpy()
        return count_drivers(list(self.shap.columns), numbers, raises, "rows")

    def to_frame(self):
        """A row per explained row: SHAP_<predictor> ..., SHAP_base, and the prediction they add up to."""
        frame = self.shap.add_prefix("SHAP_")
        return frame.assign(SHAP_base=self.base, prediction=self.predictions())


def explain_risk_model(model, table, monitor=SILENT, threads=0):
    """SHAP values of a :class:`RiskModel` for every row of a table with its predictors: Explanation.

    Path-dependent TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2:56-67) as XGBoost computes it
    (``pred_contribs``). It costs some hundred times a prediction: explain sites, or a coarse grid (explain_raster).
    ``threads``: 0 for all cores; the numbers do not depend on it. Raises InputError for a column that is not there.
    """
    from ..risk_model.boosting import gain_shares

    matrix = encode(table, model.predictors).matrix
    values = contributions(model, matrix, threads, monitor).astype(np.float64)
    margins = np.zeros(len(table))
    for part, found in explained(model, matrix, threads, SILENT, output_margin=True):
        margins[part] = found
    return Explanation(
        target=model.target,
        shap=pd.DataFrame(values[:, :-1], columns=model.names),
        base=float(values[0, -1]) if len(table) else float("nan"),
        data=table[model.names].reset_index(drop=True),
        encoded=pd.DataFrame(matrix.astype(np.float64), columns=model.names),
        unit="log" if model.options.transform == "log" else "",
        gain_shares=gain_shares(model.booster, len(model.names)),
        margins=margins,
        skill=model.skill,
    )


def by_gain(model):
    """The predictors of a :class:`RiskModel`, those of the largest gain first: an order that belongs to the model."""
    from ..risk_model.boosting import gain_shares

    return [model.names[place] for place in np.argsort(-gain_shares(model.booster, len(model.names)), kind="stable")]


def dominant(shap):
    """The largest |SHAP value| of each row (n x p): its column (-1 where all are 0), the value, its share of the sum.

    Of equal ones the first column. The share is NaN where all are 0.
    """
    size = np.abs(shap)
    total = size.sum(axis=1)
    place = size.argmax(axis=1)
    rows = np.arange(len(shap))
    share = np.divide(size[rows, place], total, out=np.full(len(shap), np.nan), where=total > 0)
    return np.where(total > 0, place, -1), shap[rows, place], share


def count_drivers(names, numbers, raises, unit):
    """How often each of ``names`` dominates: a frame of driver, ``unit``, share, raises, lowers, most frequent first.

    numbers: index into names, -1 for none; raises: whether the prediction is raised there. Drivers of nothing are
    left out.
    """
    known = numbers >= 0
    every = np.bincount(numbers[known], minlength=len(names))
    up = np.bincount(numbers[known & raises], minlength=len(names))
    return driver_table(names, every, up, unit)


def driver_table(names, counts, raises, unit):
    """The table of :func:`count_drivers` from the counts of each name."""
    frame = pd.DataFrame({"driver": names, unit: counts, "share": counts / max(1, counts.sum())})
    frame = frame.assign(raises=raises, lowers=counts - raises)
    frame = frame[frame[unit] > 0]
    return frame.sort_values(unit, ascending=False, kind="stable", ignore_index=True)
