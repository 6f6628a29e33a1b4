"""What a model implies: covariances and means as functions of its parameters, with first and second derivatives.

Reticular action model (McArdle and McDonald 1984): all variables v, observed ones first, follow
v = m + A v + e with cov(e) = S, so that cov(v) = B S B' and mean(v) = B m with B = inv(I - A).
"""

from copy import copy
from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .expressions import Combine
from .numerics import eliminate, paths_inverse
from .specification import given
from .syntax import INTERCEPT, Relation
from .tokens import ADDED


@dataclass(frozen=True)
class Implied:
    """paths: inv(I - A); covariance, mean: of all m variables; residual: S."""

    paths: np.ndarray
    covariance: np.ndarray
    mean: np.ndarray
    residual: np.ndarray
    coefficients: np.ndarray


class Structure:
    """Where each parameter stands, and the linear constraints between them.

    x: one value per estimated relation; u = x[independent]: the free ones: x = offset + basis u.
    """

    def __init__(self, relations, names, observed, exogenous=(), means=False):
        self.relations, self.names, self.observed, self.means = tuple(relations), tuple(names), observed, means
        self.exogenous = tuple(exogenous)
        place = {name: number for number, name in enumerate(self.names)}
        cells = [_cell(one, place) for one in self.relations]
        self.kinds = np.array([kind for kind, _, _ in cells])
        self.rows = np.array([row for _, row, _ in cells], dtype=int)
        self.columns = np.array([column for _, _, column in cells], dtype=int)
        self.estimated = np.array([one.fixed is None for one in self.relations])
        self.parameter = np.where(self.estimated, np.cumsum(self.estimated) - 1, -1)
        self.fixed = np.array([0.0 if one.fixed is None else one.fixed for one in self.relations])
        self.size = int(self.estimated.sum())
        self.offset, self.basis, self.independent = np.zeros(self.size), np.eye(self.size), np.arange(self.size)
        self._free = {kind: np.flatnonzero(self.estimated & (self.kinds == kind)) for kind in "ASM"}

    def with_exogenous(self, sample):
        """The same structure with the moments of the exogenous covariates taken from the sample."""
        if not self.exogenous:
            return self
        taken, place = copy(self), {name: sample.names.index(name) for name in self.exogenous}
        values = sample.values[:, list(place.values())]  # without gaps
        mean = dict(zip(place, values.mean(axis=0)))
        covariance = np.cov(values.T, ddof=0).reshape(len(place), -1)
        order = {name: number for number, name in enumerate(place)}
        taken.fixed = self.fixed.copy()
        for number, one in enumerate(self.relations):
            if one.op == "~1" and one.lhs in place:
                taken.fixed[number] = mean[one.lhs]
            elif one.op == "~~" and one.lhs in place and one.rhs in place:
                taken.fixed[number] = covariance[order[one.lhs], order[one.rhs]]
        return taken

    def with_constraints(self, constraints):
        """The same structure with equal labels and linear ``==`` constraints. Raises InputError for others."""
        equations = [*self._equal_labels(), *(self._linear(one) for one in constraints)]
        if not equations:
            return self
        solved = eliminate([one for one, _ in equations], [one for _, one in equations])
        if solved is None:
            raise InputError("The constraints of the model contradict each other.")
        bound = copy(self)
        bound.offset, bound.basis, bound.independent = solved
        return bound

    def _equal_labels(self):
        """Estimated relations of one label are equal, and as large as a fixed one of that label."""
        unit = np.eye(self.size)
        numbers = {}
        for number, one in enumerate(self.relations):
            if one.label:
                numbers.setdefault(one.label, []).append(number)
        for alike in numbers.values():
            first = next((number for number in alike if not self.estimated[number]), alike[0])
            for number in alike:
                if number == first or not self.estimated[number]:
                    continue
                if self.estimated[first]:
                    yield unit[self.parameter[number]] - unit[self.parameter[first]], 0.0
                else:
                    yield unit[self.parameter[number]], self.fixed[first]

    def _linear(self, constraint):
        zero = Combine("-", constraint.left, constraint.right)
        places = (np.zeros(self.size), np.full(self.size, 0.7), np.linspace(-1, 2, self.size))
        with np.errstate(all="ignore"):
            found = [zero.evaluate(self.label_values(place)) for place in places]
        slopes = [np.broadcast_to(slope, self.size) for _, slope in found]
        if not (np.all(np.isfinite(slopes)) and np.allclose(slopes[0], slopes)):
            raise InputError(
                f"The constraint '{constraint.text}' is not linear: only linear constraints are supported."
            )
        return slopes[0], -found[0][0]

    def label_values(self, x):
        """label -> (value, derivatives by x), for expressions."""
        values, slopes = self.all_values(x), np.eye(self.size)
        found = {}
        for number, one in enumerate(self.relations):
            if one.label and one.label not in found:
                free = self.parameter[number]
                found[one.label] = (values[number], slopes[free] if free >= 0 else np.zeros(self.size))
        return found

    def all_values(self, x):
        """The value of every relation, fixed or estimated."""
        values = self.fixed.copy()
        values[self.estimated] = x
        return values

    def implied(self, x):
        """Covariance and mean of all variables. Raises numpy's LinAlgError where paths run in a closed circle of 1."""
        m, values = len(self.names), self.all_values(x)
        coefficients, residual, intercept = np.zeros((m, m)), np.zeros((m, m)), np.zeros(m)
        for kind, matrix in (("A", coefficients), ("S", residual)):
            chosen = self.kinds == kind
            matrix[self.rows[chosen], self.columns[chosen]] = values[chosen]
        chosen = self.kinds == "S"
        residual[self.columns[chosen], self.rows[chosen]] = values[chosen]
        chosen = self.kinds == "M"
        intercept[self.rows[chosen]] = values[chosen]
        paths = paths_inverse(coefficients)
        return Implied(paths, paths @ residual @ paths.T, paths @ intercept, residual, coefficients)

    def derivatives(self, implied):
        """By each parameter: of the covariance (q x m x m) and of the mean (q x m) of all variables."""
        m = len(self.names)
        b, p = implied.paths, implied.covariance
        left, right, mean = np.zeros((self.size, m)), np.zeros((self.size, m)), np.zeros((self.size, m))
        a, s, c = self._free["A"], self._free["S"], self._free["M"]
        rows, columns, parameter = self.rows, self.columns, self.parameter
        left[parameter[a]], right[parameter[a]] = b[:, rows[a]].T, p[columns[a]]
        half = np.where(rows[s] == columns[s], 0.5, 1.0)[:, None]
        left[parameter[s]], right[parameter[s]] = b[:, rows[s]].T, half * b[:, columns[s]].T
        mean[parameter[a]] = b[:, rows[a]].T * implied.mean[columns[a]][:, None]
        mean[parameter[c]] = b[:, rows[c]].T
        outer = left[:, :, None] * right[:, None, :]
        return outer + outer.transpose(0, 2, 1), mean

    def curvature(self, implied, weight, mean_weight):
        """Second derivatives (q x q) of tr(weight covariance) + mean_weight . mean of all variables."""
        b, p = implied.paths, implied.covariance
        a, s, c = self._free["A"], self._free["S"], self._free["M"]
        k = p @ weight @ b
        g = b.T @ weight @ b
        h = b.T @ mean_weight
        i, j = self.rows[a], self.columns[a]
        turn = b[np.ix_(j, i)]  # B between the end of one path and the start of another
        circle = turn * k[np.ix_(j, i)].T
        twice = 2 * (circle + circle.T + p[np.ix_(j, j)] * g[np.ix_(i, i)])
        if self.means:
            through = h[i][:, None] * turn * implied.mean[j][None, :]
            twice = twice + through + through.T
        second = np.zeros((self.size, self.size))
        pa, ps, pc = self.parameter[a], self.parameter[s], self.parameter[c]
        second[np.ix_(pa, pa)] = twice
        r, t = self.rows[s], self.columns[s]
        half = np.where(r == t, 0.5, 1.0)[None, :]
        cross = 2 * half * (b[np.ix_(j, r)] * g[np.ix_(t, i)].T + b[np.ix_(j, t)] * g[np.ix_(r, i)].T)
        second[np.ix_(pa, ps)], second[np.ix_(ps, pa)] = cross, cross.T
        if self.means and len(c):
            cross = h[i][:, None] * b[np.ix_(j, self.rows[c])]
            second[np.ix_(pa, pc)], second[np.ix_(pc, pa)] = cross, cross.T
        return second

    def extended(self, relations):
        """All present relations estimated and more behind them, without constraints."""
        freed = [Relation(one.lhs, one.op, one.rhs, ADDED) for one in self.relations]
        return Structure([*freed, *relations], self.names, self.observed, self.exogenous, self.means)


def saturated(names, exogenous, means, sample):
    """Every covariance and mean free, but for those of exogenous covariates; and its parameters."""
    pairs = [
        (i, j) for i in range(len(names)) for j in range(i, len(names)) if not {names[i], names[j]} <= set(exogenous)
    ]
    mean = sample.mean if means else None
    return _simple(names, exogenous, sample, pairs, sample.covariance, mean)


def independence(names, exogenous, means, sample):
    """The baseline model: variances and means alone; and its parameters."""
    pairs = [(i, i) for i, name in enumerate(names) if name not in exogenous]
    variance, mean = np.diag(np.nanvar(sample.values, axis=0)), np.nanmean(sample.values, axis=0)
    return _simple(names, exogenous, sample, pairs, variance, mean if means else None)


def _simple(names, exogenous, sample, pairs, covariance, mean):
    relations = [Relation(names[i], "~~", names[j], ADDED) for i, j in pairs]
    x = [covariance[i, j] for i, j in pairs]
    means = mean is not None
    if means:
        relations += [Relation(name, "~1", INTERCEPT, ADDED) for name in names if name not in exogenous]
        x += [mean[i] for i, name in enumerate(names) if name not in exogenous]
    relations += given(exogenous, means)
    structure = Structure(relations, names, len(names), exogenous, means).with_exogenous(sample)
    return structure, np.array(x)


def _cell(relation, place):
    if relation.op == "=~":
        return "A", place[relation.rhs], place[relation.lhs]
    if relation.op == "~":
        return "A", place[relation.lhs], place[relation.rhs]
    if relation.op == "~~":
        return "S", place[relation.lhs], place[relation.rhs]
    return "M", place[relation.lhs], 0
