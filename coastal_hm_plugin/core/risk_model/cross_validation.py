"""Held-out predictions: in every fold everything is learned anew from its training sites."""

from dataclasses import dataclass

import numpy as np

from . import boosting, kriging, linear, scores
from .parallel import run_all


@dataclass(frozen=True)
class HeldOut:
    """Held-out predictions of every model.

    predictions: scheme -> model -> repeats x n. chosen_share: p, share of the folds that chose each predictor.
    folds, without_kriging: how many folds there were, and in how many the mean stood in for kriging.
    """

    predictions: dict
    chosen_share: np.ndarray
    folds: int
    without_kriging: int


@dataclass(frozen=True)
class Fold:
    """One split: rows to learn from, rows held back, and how the trees are grown."""

    scheme: str
    repeat: int
    train: np.ndarray
    test: np.ndarray
    trees: boosting.Trees


def splits(schemes, options):
    """Every fold of every repeat of every scheme, with the trees of the options."""
    return [Fold(scheme.scheme, *split, options.trees) for scheme in schemes for split in scheme.splits()]


def cross_validate(data, jobs, options, monitor):
    """Held-out predictions of these folds: HeldOut. Every site of a scheme must be held back once in each repeat."""
    found = run_all(predict_fold, (data, options), jobs, monitor)
    models = scores.models_for(data)
    repeats = {fold.scheme: fold.repeat + 1 for fold in jobs}
    held_out = {
        scheme: {model: np.full((count, len(data.y)), np.nan) for model in models} for scheme, count in repeats.items()
    }
    times_chosen = np.zeros(len(data.predictors))
    for fold, (predicted, chosen, _) in zip(jobs, found):
        for model, values in predicted.items():
            held_out[fold.scheme][model][fold.repeat, fold.test] = values
        times_chosen[chosen] += 1
    without = sum(not kriged for _, _, kriged in found) if data.places is not None else 0
    return HeldOut(held_out, times_chosen / len(jobs), len(jobs), without)


def predict_fold(data, options, fold, is_cancelled=lambda: False):
    """Predictions of the held-back rows by model, the columns chosen, and whether they could be kriged.

    Everything is learned from the training rows: the choice of predictors and the variogram too.
    """
    matrix, target = data.matrix[fold.train], data.y[fold.train]
    new = data.matrix[fold.test]
    chosen = choose(matrix, target, data, options, is_cancelled)
    booster = boosting.fit(matrix[:, chosen], target, data.is_category[chosen], fold.trees, is_cancelled)
    predicted = {
        scores.XGBOOST: boosting.predict(booster, new[:, chosen]),
        scores.LINEAR: linear.ridge_predictions(matrix, target, new, data.n_labels, options.transform),
        scores.MEAN: target.mean(),
    }
    kriged = None
    if data.places is not None:
        kriged = kriging.kriged_predictions(data.places[fold.train], target, data.places[fold.test], options.transform)
        predicted[scores.KRIGING] = target.mean() if kriged is None else kriged
    return predicted, chosen, kriged is not None


def choose(matrix, target, data, options, is_cancelled=lambda: False):
    """Column numbers of the predictors that rows to learn from choose, best first; all unless chosen inside folds."""
    if options.selection != "nested":
        return np.arange(matrix.shape[1])
    most, threshold = options.max_predictors, options.importance_threshold
    return boosting.choose_predictors(matrix, target, data.is_category, options.trees, most, threshold, is_cancelled)


def chosen_on_all(data, options, is_cancelled):
    """Column numbers of the final model's predictors, best first."""
    if options.selection == "none":
        return np.arange(len(data.predictors))
    most, threshold = options.max_predictors, options.importance_threshold
    return boosting.choose_predictors(
        data.matrix, data.y, data.is_category, options.trees, most, threshold, is_cancelled
    )
