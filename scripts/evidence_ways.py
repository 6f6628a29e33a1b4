"""Other ways to predict than the risk model's, for the comparison in docs/risk_model.md."""

from dataclasses import replace

import numpy as np

from coastal_hm_plugin.core.risk_model import TrainingOptions, boosting, kriging
from coastal_hm_plugin.core.risk_model.folds import deal


class Ways:
    """Other ways to predict, each learned from the training rows alone; called with rows, target, places."""

    def __init__(self, transform, is_category):
        self.transform, self.is_category = transform, is_category
        self.trees = TrainingOptions(transform=transform).trees

    def named(self):
        """Name in the table -> way."""
        small = replace(self.trees, max_depth=1, min_child_weight=8.0, reg_lambda=10.0)
        return {
            "XGBoost, default": self.xgboost,
            "stumps, strongly regularised": lambda *given: self.xgboost(*given, trees=small),
            "trees of ln y, smearing": self.logarithms,
            "XGBoost and kriging of its residuals": self.residual_kriging,
            "mean of XGBoost and kriging": lambda *given: (self.xgboost(*given) + self.kriging(*given)) / 2,
            "kriging": self.kriging,
        }

    def learned(self, matrix, y, trees):
        """A function of new rows: predictors chosen, trees fitted."""
        chosen = boosting.choose_predictors(matrix, y, self.is_category, trees, 10, 0.01)
        booster = boosting.fit(matrix[:, chosen], y, self.is_category[chosen], trees)
        return lambda new: boosting.predict(booster, new[:, chosen]).astype(float)

    def out_of_fold(self, matrix, y, trees):
        """Predictions of the training rows by trees that did not see them (five random folds)."""
        fold_of = deal(np.arange(len(y)), 5, 1, np.random.default_rng(3))[0]
        predicted = np.empty(len(y))
        for fold in range(5):
            seen = fold_of != fold
            predicted[~seen] = self.learned(matrix[seen], y[seen], trees)(matrix[~seen])
        return predicted

    def xgboost(self, matrix, y, _, new, __, trees=None):
        return self.learned(matrix, y, trees or self.trees)(new)

    def logarithms(self, matrix, y, _, new, __):
        trees, logs = replace(self.trees, transform="none"), np.log(y)
        smearing = np.mean(np.exp(logs - self.out_of_fold(matrix, logs, trees)))
        return np.exp(self.learned(matrix, logs, trees)(new)) * smearing

    def kriging(self, _, y, places, __, new_places):
        kriged = kriging.kriged_predictions(places, y, new_places, self.transform)
        return np.full(len(new_places), y.mean()) if kriged is None else kriged

    def residual_kriging(self, matrix, y, places, new, new_places):
        """Ratios to the prediction are kriged under a logarithmic link, differences otherwise."""
        unseen, predicted = self.out_of_fold(matrix, y, self.trees), self.xgboost(matrix, y, places, new, new_places)
        if self.transform == "log":
            return predicted * self.kriging(matrix, y / unseen, places, new, new_places)
        return predicted + self.kriging(matrix, y - unseen, places, new, new_places)
