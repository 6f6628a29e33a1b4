"""Held-out predictions: in every fold everything is learned anew from its training sites."""

import os
import threading
from concurrent import futures

import numpy as np

from ..errors import Cancelled
from . import boosting, linear, scores


def cross_validate(data, schemes, options, monitor):
    """Held-out predictions, scheme -> model -> repeats x n, and how often each predictor was chosen (p)."""
    from threadpoolctl import threadpool_limits

    shape = (options.repeats, len(data.y))
    held_out = {s.scheme: {model: np.empty(shape) for model in scores.MODELS} for s in schemes}
    jobs = [(scheme.scheme, *split) for scheme in schemes for split in scheme.splits()]
    stop = threading.Event()
    times_chosen = np.zeros(len(data.predictors))

    def work(job):
        return job, _one_fold(data, job[2], job[3], options, stop.is_set)

    # one thread for each fold's algebra: more would only wait for each other, and could round sums differently
    with threadpool_limits(1), futures.ThreadPoolExecutor(_workers()) as pool:
        waiting = {pool.submit(work, job) for job in jobs}
        try:
            while waiting:
                done, waiting = futures.wait(waiting, timeout=0.2, return_when=futures.FIRST_COMPLETED)
                for future in done:
                    (scheme, repeat, _, test), (predicted, chosen) = future.result()
                    for model, values in predicted.items():
                        held_out[scheme][model][repeat, test] = values
                    times_chosen[chosen] += 1
                monitor.progress(1 - len(waiting) / len(jobs))
        except BaseException:
            stop.set()
            for future in waiting:
                future.cancel()
            raise
    return held_out, times_chosen / len(jobs)


def _one_fold(data, train, test, options, is_cancelled):
    """Everything a fold learns it learns from its training rows: the choice of predictors too."""
    if is_cancelled():
        raise Cancelled("Cancelled by the user.")
    x_train, y_train, x_test = data.matrix[train], data.y[train], data.matrix[test]
    chosen = np.arange(len(data.predictors))
    if options.selection == "nested":
        chosen = boosting.choose_predictors(
            x_train,
            y_train,
            data.is_category,
            options.trees,
            options.max_predictors,
            options.importance_threshold,
            is_cancelled,
        )
    booster = boosting.fit(x_train[:, chosen], y_train, data.is_category[chosen], options.trees, is_cancelled)
    predicted = {
        scores.XGBOOST: boosting.predict(booster, x_test[:, chosen]),
        scores.LINEAR: linear.ridge_predictions(x_train, y_train, x_test, data.n_labels, options.transform),
        scores.MEAN: y_train.mean(),
    }
    return predicted, chosen


def _workers():
    """Folds trained side by side; every fold's numbers are its own, however many."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)


def chosen_on_all(data, options, is_cancelled):
    """Column numbers of the final model's predictors, best first."""
    if options.selection == "none":
        return np.arange(len(data.predictors))
    most, threshold = options.max_predictors, options.importance_threshold
    return boosting.choose_predictors(
        data.matrix, data.y, data.is_category, options.trees, most, threshold, is_cancelled
    )
