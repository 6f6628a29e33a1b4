"""TreeSHAP of XGBoost, a batch of rows at a time: short ones, so that Cancel is heard."""

import os
import time

import numpy as np

from ..monitor import SILENT

BATCH_SECONDS = 0.25
FIRST_ROWS = 50
MOST_VALUES = 8_000_000  # of a batch's result: memory does not grow with the number of predictors


def contributions(model, matrix, threads=0, monitor=SILENT):
    """SHAP values of a model matrix (n x p float32, as ``encode`` makes it): n x (p + 1) float32, the base last.

    ``threads``: 0 for all cores. Each row alone: the numbers depend neither on threads nor on batches.
    """
    values = np.empty((len(matrix), matrix.shape[1] + 1), dtype=np.float32)
    for part, found in explained(model, matrix, threads, monitor, pred_contribs=True):
        values[part] = found
    return values


def explained(model, matrix, threads, monitor, **what):
    """Batches of rows and what XGBoost predicts of them: ``pred_contribs=True``, ``pred_interactions=True``."""
    import xgboost

    threads = threads or os.cpu_count() or 1
    types = ["c" if predictor.is_category else "q" for predictor in model.predictors]
    model.booster.set_param({"nthread": threads})
    width = len(types) + 1
    most = max(1, MOST_VALUES // (width**2 if "pred_interactions" in what else width))
    for part in _batches(len(matrix), most, monitor):
        rows = xgboost.DMatrix(matrix[part], feature_types=types, enable_categorical=True, nthread=threads)
        yield part, model.booster.predict(rows, validate_features=False, **what)


def _batches(n, most, monitor):
    """Slices of n rows, each as long as takes about a quarter of a second."""
    start, size = 0, min(FIRST_ROWS, most)
    while start < n:
        monitor.progress(start / n)
        began = time.perf_counter()
        yield slice(start, min(start + size, n))
        start += size
        pace = BATCH_SECONDS / max(time.perf_counter() - began, 1e-6)
        size = int(min(max(size * min(pace, 4.0), 1), most))
