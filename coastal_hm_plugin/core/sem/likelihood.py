"""The normal likelihood of a structure given a sample, complete or with gaps, and its derivatives."""

from dataclasses import dataclass

import numpy as np

from .numerics import product, scaled_whitener


@dataclass(frozen=True)
class Slopes:
    """value: -2 log likelihood / n without constants; gradient; expected and observed: information per row
    (half the second derivatives), all by the structure's x."""

    value: float
    gradient: np.ndarray
    expected: np.ndarray
    observed: np.ndarray


class Likelihood:
    """-2 log likelihood / n as a function of a structure's parameters x."""

    def __init__(self, structure, sample):
        self.structure, self.sample = structure, sample

    def value(self, x):
        """-2 log likelihood / n without constants in 2 pi; infinite where the covariance is not positive definite."""
        try:
            implied = self.structure.implied(x)
            value = 0.0
            for pattern in self.sample.patterns:
                inverse, log_determinant = _inverse(implied, pattern)
                value += pattern.share * (log_determinant + (inverse * self._total(implied, pattern)[1]).sum())
            return value
        except np.linalg.LinAlgError:
            return np.inf

    def slopes(self, x, observed=True):
        """Value with derivatives; ``observed`` False leaves the second derivatives out (None)."""
        structure = self.structure
        implied = structure.implied(x)
        q, m = structure.size, len(structure.names)
        covariance_slopes, mean_slopes = structure.derivatives(implied)
        value, gradient, expected, second = 0.0, np.zeros(q), np.zeros((q, q)), np.zeros((q, q))
        weight, mean_weight = np.zeros((m, m)), np.zeros(m)
        for pattern in self.sample.patterns:
            seen, share = pattern.index, pattern.share
            inverse, log_determinant = _inverse(implied, pattern)
            gap, total = self._total(implied, pattern)
            value += share * (log_determinant + (inverse * total).sum())
            d = covariance_slopes[:, seen[:, None], seen]
            ratio = inverse @ total @ inverse
            pull = inverse - ratio
            flat, sandwiched = d.reshape(q, -1), inverse @ d
            gradient += share * (flat @ pull.ravel())
            expected += share * 0.5 * product(flat, (sandwiched @ inverse).reshape(q, -1).T)
            weight[np.ix_(seen, seen)] += share * pull
            if observed:
                second += share * product(flat, (sandwiched @ (2 * ratio - inverse)).reshape(q, -1).T)
            if structure.means:
                slope, push = mean_slopes[:, seen], inverse @ gap
                scaled = slope @ inverse
                gradient -= share * 2 * (slope @ push)
                expected += share * (scaled @ slope.T)
                mean_weight[seen] -= share * 2 * push
                if observed:
                    cross = scaled @ (d @ push).T
                    second += share * 2 * (cross + cross.T + scaled @ slope.T)
        if observed:
            second = 0.5 * (second + structure.curvature(implied, weight, mean_weight))
        return Slopes(value, gradient, expected, second if observed else None)

    def scores(self, x):
        """n x q derivatives of every row's log likelihood."""
        structure, sample = self.structure, self.sample
        implied = structure.implied(x)
        covariance_slopes, mean_slopes = structure.derivatives(implied)
        scores = np.empty((sample.n, structure.size))
        for pattern in sample.patterns:
            seen = pattern.index
            inverse, _ = _inverse(implied, pattern)
            d = covariance_slopes[:, seen[:, None], seen]
            gaps = sample.values[np.ix_(pattern.rows, seen)] - self._mean(implied, pattern)
            pushed = gaps @ inverse
            part = 0.5 * (((pushed @ d) * pushed).sum(axis=2).T - d.reshape(len(d), -1) @ inverse.ravel())
            if structure.means:
                part = part + pushed @ mean_slopes[:, seen].T
            scores[pattern.rows] = part
        return scores

    def _mean(self, implied, pattern):
        return implied.mean[pattern.index] if self.structure.means else pattern.mean

    def _total(self, implied, pattern):
        """Difference of means, and second moments about the implied mean."""
        gap = pattern.mean - self._mean(implied, pattern)
        return gap, pattern.covariance + np.outer(gap, gap)


def _inverse(implied, pattern):
    """Inverse of the implied covariance of a pattern's variables, and its log determinant."""
    seen = pattern.index
    half = scaled_whitener(implied.covariance[seen[:, None], seen])
    return half.T @ half, -2 * np.log(np.diag(half)).sum()
