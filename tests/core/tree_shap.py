"""Shapley values of XGBoost's trees from their definition: every subset of predictors, without TreeSHAP.

The value of a subset S is the expectation of each tree with the predictors of S known: a split on one of them is
followed, at any other both sides are weighted with their cover (Lundberg et al. 2020, algorithm 1).
"""

import json
from itertools import combinations
from math import factorial

import numpy as np


class TreesByDefinition:
    """The trees of a booster, read from its JSON."""

    def __init__(self, booster):
        content = json.loads(bytes(booster.save_raw("json")))
        self.trees = content["learner"]["gradient_booster"]["model"]["trees"]
        for tree in self.trees:
            starts = zip(tree["categories_nodes"], tree["categories_segments"], tree["categories_sizes"])
            tree["right"] = {node: set(tree["categories"][start : start + size]) for node, start, size in starts}

    def shapley(self, row):
        """SHAP values (p) of a row of the model matrix."""
        p, value = len(row), self._values(row)
        found = np.zeros(p)
        for i in range(p):
            for subset in _subsets(set(range(p)) - {i}):
                weight = factorial(len(subset)) * factorial(p - len(subset) - 1) / factorial(p)
                found[i] += weight * (value[subset | {i}] - value[subset])
        return found

    def interactions(self, row):
        """SHAP interaction values (p x p) of a row; the diagonal is what they leave of the SHAP values."""
        p, value = len(row), self._values(row)
        found = np.zeros((p, p))
        for i, j in combinations(range(p), 2):
            for subset in _subsets(set(range(p)) - {i, j}):
                weight = factorial(len(subset)) * factorial(p - len(subset) - 2) / (2 * factorial(p - 1))
                both = value[subset | {i, j}] - value[subset | {i}] - value[subset | {j}] + value[subset]
                found[i, j] += weight * both
        found += found.T
        np.fill_diagonal(found, self.shapley(row) - found.sum(axis=1))
        return found

    def _values(self, row):
        subsets = _subsets(set(range(len(row))))
        return {subset: sum(_expectation(tree, 0, row, subset) for tree in self.trees) for subset in subsets}


def _subsets(numbers):
    return [frozenset(one) for size in range(len(numbers) + 1) for one in combinations(sorted(numbers), size)]


def _expectation(tree, node, row, known):
    left, right = tree["left_children"][node], tree["right_children"][node]
    if left == -1:
        return tree["split_conditions"][node]
    if tree["split_indices"][node] in known:
        return _expectation(tree, left if _goes_left(tree, node, row) else right, row, known)
    cover = tree["sum_hessian"]
    sides = cover[left] * _expectation(tree, left, row, known) + cover[right] * _expectation(tree, right, row, known)
    return sides / cover[node]


def _goes_left(tree, node, row):
    value = row[tree["split_indices"][node]]
    if np.isnan(value):
        return bool(tree["default_left"][node])
    if node in tree["right"]:
        return int(value) not in tree["right"][node]
    return np.float32(value) < np.float32(tree["split_conditions"][node])
