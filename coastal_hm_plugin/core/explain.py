"""Why a risk model predicts what it predicts: SHAP values by TreeSHAP, from XGBoost itself."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .monitor import SILENT
from .risk_model.predictors import encode

ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Explanation:
    """SHAP values of n rows.

    shap: n x p frame, a column per predictor, in ``unit``; base: the value they add to. data: n x p frame of the
    predictors' values (numbers, or labels). unit: the target's own ("" in a model without transform), or
    "log" where effects multiply: a SHAP value of 0.1 is a factor of exp(0.1). encoded: n x p numbers, categories
    as codes, for colours. gain_shares: p, the share of each predictor in the gain of all splits.
    """

    target: str
    shap: pd.DataFrame
    base: float
    data: pd.DataFrame
    encoded: pd.DataFrame
    unit: str
    gain_shares: np.ndarray

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

    def predictions(self):
        """The model's predictions (n), in the target's unit: base and SHAP values added up."""
        total = self.base + self.shap.to_numpy().sum(axis=1)
        return np.exp(total) if self.unit == "log" else total

    def to_frame(self):
        """A row per explained row: SHAP_<predictor> ..., SHAP_base, and the prediction they add up to."""
        frame = self.shap.add_prefix("SHAP_")
        return frame.assign(SHAP_base=self.base, prediction=self.predictions())


def explain_risk_model(model, table, monitor=SILENT):
    """SHAP values of a :class:`RiskModel` for every row of a table with its predictors: Explanation.

    Path-dependent TreeSHAP (Lundberg et al. 2020, Nature Machine Intelligence 2:56-67) as XGBoost computes it
    (``pred_contribs``). It costs some hundred times a prediction: explain sites, not every cell of a raster.
    Raises InputError for a column that is not there.
    """
    import xgboost

    from .risk_model.boosting import gain_shares

    encoded = encode(table, model.predictors).matrix
    types = ["c" if predictor.is_category else "q" for predictor in model.predictors]
    contributions = np.empty((len(table), len(types) + 1))
    for start in range(0, len(table), ROWS_AT_ONCE):
        monitor.progress(start / len(table))
        part = slice(start, start + ROWS_AT_ONCE)
        rows = xgboost.DMatrix(encoded[part], feature_types=types, enable_categorical=True)
        contributions[part] = model.booster.predict(rows, pred_contribs=True, validate_features=False)
    return Explanation(
        target=model.target,
        shap=pd.DataFrame(contributions[:, :-1], columns=model.names),
        base=float(contributions[:, -1].mean()) if len(table) else float("nan"),
        data=table[model.names].reset_index(drop=True),
        encoded=pd.DataFrame(encoded, columns=model.names),
        unit="log" if model.options.transform == "log" else "",
        gain_shares=gain_shares(model.booster, len(types)),
    )
