"""TreeSHAP of XGBoost, a batch of rows at a time: short ones, so that Cancel is heard."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

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
    """Batches of rows and what XGBoost predicts of them: ``pred_contribs=True``, ``pred_interactions=True``.

    Batches run side by side, each in one thread: XGBoost's own threads wait for each other, which is slow where other
    programs run. Predictions of trees are thread-safe.
    """
    import xgboost

    threads = threads or os.cpu_count() or 1
    types = ["c" if predictor.is_category else "q" for predictor in model.predictors]
    width = len(types) + 1
    most = max(1, MOST_VALUES // threads // (width**2 if "pred_interactions" in what else width))
    model.booster.set_param({"nthread": 1})

    def explain(part):
        rows = xgboost.DMatrix(matrix[part], feature_types=types, enable_categorical=True, nthread=1)
        return model.booster.predict(rows, validate_features=False, **what)

    start, size = 0, min(FIRST_ROWS, most)
    with ThreadPoolExecutor(threads) as pool:
        while start < len(matrix):
            monitor.progress(start / len(matrix))
            began = time.perf_counter()
            stop = min(start + threads * size, len(matrix))
            parts = [slice(first, min(first + size, stop)) for first in range(start, stop, size)]
            found = list(pool.map(explain, parts))
            pace = BATCH_SECONDS / max(time.perf_counter() - began, 1e-6)
            yield from zip(parts, found)
            start, size = stop, int(min(max(size * min(pace, 4.0), 1), most))
