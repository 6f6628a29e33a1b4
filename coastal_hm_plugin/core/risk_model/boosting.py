"""Gradient-boosted trees (XGBoost), set for some tens to some thousands of sites, and the choice of predictors."""

from dataclasses import dataclass

import numpy as np

from ..errors import Cancelled

OBJECTIVES = {"none": "reg:squarederror", "log": "count:poisson"}


@dataclass(frozen=True)
class Trees:
    """How the trees are grown: many small steps of shallow trees, for tables of few sites.

    transform: "none" (squared error) or "log" (a logarithmic link with Poisson deviance: effects multiply, a few very
    high values weigh less, and what is predicted is the mean in the target's own unit: there is nothing to transform
    back, and the predictions of the training sites sum to what was observed). min_child_weight: in sites; reg_lambda:
    the pull of a leaf to zero, in sites.
    """

    transform: str = "none"
    n_trees: int = 200
    max_depth: int = 3
    learning_rate: float = 0.05
    seed: int = 1
    min_child_weight: float = 2.0
    reg_lambda: float = 1.0

    def parameters(self, target, n_predictors):
        """XGBoost's parameters. One thread, so that sums are always added in the same order."""
        mean = float(np.mean(target))
        weight = (
            mean if self.transform == "log" else 1.0
        )  # of one site: the Hessian of the Poisson deviance is the mean
        return {
            "objective": OBJECTIVES[self.transform],
            "base_score": mean,
            "tree_method": "hist",
            "max_depth": self.max_depth,
            "learning_rate": self.learning_rate,
            "min_child_weight": self.min_child_weight * weight,
            "subsample": 0.8,
            # of two predictors each tree would get one, and none could see both
            "colsample_bytree": 0.8 if n_predictors > 2 else 1.0,
            "reg_lambda": self.reg_lambda * weight,
            "max_cat_to_onehot": 1000,  # one category against the rest: few sites for finer partitions
            "seed": self.seed,
            "nthread": 1,
        }


def fit(matrix, target, is_category, trees, is_cancelled=lambda: False):
    """A trained Booster. matrix: n x p float32, NaN where missing, categories as codes; is_category: p bool.

    Raises Cancelled as soon as ``is_cancelled()`` answers yes, between two trees.
    """
    import xgboost

    data = xgboost.DMatrix(
        matrix, target, feature_types=["c" if c else "q" for c in is_category], enable_categorical=True, nthread=1
    )
    # what xgboost.train does, without its callbacks: these are a seventh of the time of so small a table
    booster = xgboost.Booster(trees.parameters(target, matrix.shape[1]), [data])
    for number in range(trees.n_trees):
        if is_cancelled():
            raise Cancelled("Cancelled by the user.")
        booster.update(data, number)
    return booster


def predict(booster, matrix, threads=1):
    """Predictions (n, float32) in the target's unit. Each row alone: the numbers do not depend on ``threads``."""
    if not len(matrix):
        return np.zeros(0, dtype=np.float32)
    booster.set_param({"nthread": threads})
    return booster.inplace_predict(np.ascontiguousarray(matrix, dtype=np.float32), validate_features=False)


def gain_shares(booster, n_predictors):
    """Each predictor's share of the gain of all splits (n_predictors, sums to 1; 0 where no tree ever split)."""
    gains = np.zeros(n_predictors)
    for name, gain in booster.get_score(importance_type="total_gain").items():
        gains[int(name[1:])] = gain
    return gains / gains.sum() if gains.sum() > 0 else gains


def choose_predictors(matrix, target, is_category, trees, most, threshold, is_cancelled=lambda: False):
    """Column numbers of the predictors to keep, best first: gain share above ``threshold``, at most ``most``.

    Ranked by a model of all of them on the rows given, and on nothing else.
    """
    gains = gain_shares(fit(matrix, target, is_category, trees, is_cancelled), matrix.shape[1])
    order = np.argsort(-gains, kind="stable")
    kept = order[gains[order] > threshold][:most]
    return kept if len(kept) else order[:1]
