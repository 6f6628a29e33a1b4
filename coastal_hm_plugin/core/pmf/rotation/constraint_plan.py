"""Constraints as problems for the solver: what they hold, whether they contradict each other, how far pulls reach."""

from dataclasses import replace

import numpy as np

from ...errors import InputError
from ...monitor import SILENT
from .conditions import Conditions, Equations
from .constraint_text import BASE, DOWN, HOLD, LEAST, MOST, TOWARDS

CEILING = 10.0  # a value is pulled up to at most so many times the mean concentration (profiles) or 1 (contributions)
REFITTED = 1e-8  # relative tolerance while the reach of a pull is sought
NEAR = 0.02  # dQ so near below its limit, as a share of it, is near enough
ATTEMPTS = 18
GROWTH = 3.0  # a pull grows at most so many times at once


class Plan:
    """The constraints on a base run. A problem is a dictionary: which constraints count, and the value of each.

    The value of a single constraint is that of its element, the value of an equation its weighted sum; a ratio is the
    equation numerator - ratio x denominator = 0.
    """

    def __init__(self, refits, data, constraints):
        self.refits, self.constraints = refits, constraints
        self.names = list(data.fitted_species)
        self.low = refits.solver.lower_contribution
        self.row = [None if c.sample is None else _row(data, c) for c in constraints]
        self.equation = [i for i, c in enumerate(constraints) if not c.single]
        self.coefficients = np.array([self._coefficients(constraints[i]) for i in self.equation])
        self.target = [self._target(i) for i in range(len(constraints))]
        _refuse_contradictions(self)

    def measured(self, number, g, f):
        """The value of a constraint in a solution."""
        constraint = self.constraints[number]
        k = constraint.factor - 1
        if constraint.sample is not None:
            return float(g[self.row[number], k])
        if constraint.single:
            return float(f[k, self.names.index(constraint.terms[0][0])])
        return float((self.coefficients[self.equation.index(number)] * f[k]).sum())

    def shown(self, number, g, f):
        """What a reader is told of it: its value, or the ratio (NaN where the denominator is 0)."""
        constraint = self.constraints[number]
        if not constraint.divisor:
            return self.measured(number, g, f)
        above, below = (
            f[constraint.factor - 1, self.names.index(n)] for n in (constraint.terms[0][0], constraint.divisor)
        )
        return float(above / below) if below > 0 else np.nan

    def end(self, number, start):
        """Where the way of a pull ends: its target, 0 (or the lowest contribution), or a ceiling."""
        constraint = self.constraints[number]
        if constraint.kind == TOWARDS:
            return self.target[number]
        if constraint.kind == DOWN:
            return self.low if constraint.sample is not None else 0.0
        if constraint.sample is not None:
            count = len(self.refits.g)
            return min(CEILING * max(1.0, start), count - self.low * (count - 1))
        mean = self.refits.x[:, self.names.index(constraint.terms[0][0])].mean()
        return max(CEILING * mean, 2 * start)

    def starts(self, problems, g, f):
        """Starts (batch, n, p), (batch, p, m) from solutions, contributions held put in place at a mean of 1."""
        g = np.array(np.broadcast_to(g, (len(problems), *g.shape[-2:])))
        f = np.array(np.broadcast_to(f, (len(problems), *f.shape[-2:])))
        for number, problem in enumerate(problems):
            held = self._held(problem)
            for k in np.flatnonzero(held.any(axis=0)):
                rows = np.flatnonzero(held[:, k])
                for i, value in problem.items():
                    if self.row[i] is not None and self.constraints[i].factor == k + 1:
                        g[number, self.row[i], k] = value
                above = np.delete(g[number, :, k], rows) - self.low
                room = len(held) * (1 - self.low) - (g[number, rows, k] - self.low).sum()
                free = ~held[:, k]
                g[number, free, k] = self.low + (above * room / above.sum() if above.sum() > 0 else room / free.sum())
        return g, f

    def conditions(self, problems, loose=False):
        """The Conditions of a batch of problems. loose: profile values pulled may go on in the direction of the pull,
        up to their end.
        """
        shape = (len(problems), *self.refits.f.shape)
        low, high = np.zeros(shape), np.full(shape, np.inf)
        for number, problem in enumerate(problems):
            for i, value in problem.items():
                constraint = self.constraints[i]
                if constraint.single and constraint.sample is None:
                    at = number, constraint.factor - 1, self.names.index(constraint.terms[0][0])
                    low[at], high[at] = self._interval(i, value, loose, (low[at], high[at]))
        held = np.array([self._held(problem) for problem in problems])
        return Conditions(low, high, self._equations(problems), held if held.any() else None)

    def _interval(self, number, value, loose, now):
        constraint = self.constraints[number]
        if constraint.kind == LEAST:
            return value, now[1]
        if constraint.kind == MOST:
            return now[0], value
        if not (loose and constraint.pulled):
            return value, value
        end = self.end(number, value)
        return min(value, end), max(value, end)

    def _equations(self, problems):
        if not self.equation:
            return None
        active = np.array([[i in problem for i in self.equation] for problem in problems])
        values = np.array([[problem.get(i, 0.0) for i in self.equation] for problem in problems])
        factor = np.array([self.constraints[i].factor - 1 for i in self.equation])
        return Equations(factor, self.coefficients, values, active)

    def _held(self, problem):
        held = np.zeros(self.refits.g.shape, bool)
        for i in problem:
            if self.row[i] is not None:
                held[self.row[i], self.constraints[i].factor - 1] = True
        return held

    def _coefficients(self, constraint):
        row = np.zeros(len(self.names))
        for name, coefficient in constraint.terms:
            row[self.names.index(name)] = coefficient
        if constraint.divisor:
            row[self.names.index(constraint.divisor)] = -constraint.value
        return row

    def _target(self, number):
        constraint = self.constraints[number]
        if constraint.kind == BASE:
            return self.measured(number, self.refits.result.g, self.refits.result.f)
        return 0.0 if constraint.divisor else constraint.value


def furthest(plan, origin, problem, limits, first, monitor):
    """How far, from 0 to 1, ways can be gone from a solution before dQ passes their limits: shares, and dQ there.

    origin: (g, f, q), where dQ counts from. problem(number, share): the problem at a share of way ``number``. limits:
    of dQ, by way; first: shares to try first.
    """
    search = _Search(plan, origin, problem, np.asarray(limits, float), np.asarray(first, float))
    for _ in range(ATTEMPTS):
        monitor.progress(1 - search.moving.mean())
        if not search.moving.any():
            break
        search.step(replace(monitor, on_progress=SILENT.on_progress))
    monitor.progress(1.0)
    return search.under, search.under_root**2


class _Search:
    """The root of dQ, nearly linear in the share, met by the Illinois method inside the bracket once there is one."""

    def __init__(self, plan, origin, problem, limits, first):
        self.plan, self.problem, self.limits, self.first = plan, problem, limits, first
        self.g, self.f, self.q = origin
        count = len(limits)
        self.goal = np.sqrt((1 - NEAR / 4) * limits)
        self.under, self.under_root = np.zeros(count), np.zeros(count)
        self.over = np.full(count, np.inf)
        # how far the root is from the goal at the ends of the bracket; halved for an end that stays
        self.short, self.excess = -self.goal, np.full(count, np.inf)
        self.side = np.zeros(count, int)
        self.last = np.ones(count)
        self.last_g, self.last_f = (np.repeat(each[None], count, axis=0) for each in (self.g, self.f))
        self.moving = np.ones(count, bool)

    def step(self, monitor):
        """One refit of all ways still sought, each starting on the line to its last refit."""
        i = np.flatnonzero(self.moving)
        share = self._next(i)
        problems = [self.problem(number, one) for number, one in zip(i, share)]
        ratio = (share / self.last[i])[:, None, None]
        g = np.maximum(self.g + ratio * (self.last_g[i] - self.g), self.plan.low)
        f = np.maximum(self.f + ratio * (self.last_f[i] - self.f), 0)
        g, f = self.plan.starts(problems, g, f)
        fits = self.plan.refits.solve(g, f, self.plan.conditions(problems), monitor, REFITTED)
        self.last[i], self.last_g[i], self.last_f[i] = share, fits.g, fits.f
        self._note(i, share, np.sqrt(np.maximum(fits.objective - self.q, 0)))

    def _next(self, i):
        under, root, over = self.under[i], self.under_root[i], self.over[i]
        with np.errstate(divide="ignore", invalid="ignore"):
            ahead = np.where(under > 0, np.minimum(GROWTH * under, under * self.goal[i] / root), self.first[i])
            inside = under - self.short[i] * (over - under) / (self.excess[i] - self.short[i])
        return np.where(np.isfinite(over), inside, np.minimum(np.nan_to_num(ahead, nan=1.0), 1.0))

    def _note(self, i, share, root):
        below = root**2 <= self.limits[i]
        a, b = i[below], i[~below]
        self.under[a], self.under_root[a] = share[below], root[below]
        self.short[a], self.excess[b] = np.minimum(root[below] - self.goal[a], 0), root[~below] - self.goal[b]
        self.over[b] = share[~below]
        self.excess[a[self.side[a] < 0]] /= 2
        self.short[b[self.side[b] > 0]] /= 2
        self.side[a], self.side[b] = -1, 1
        self.moving[a] = (root[below] ** 2 < (1 - NEAR) * self.limits[a]) & (share[below] < 1)


def _row(data, constraint):
    found = np.flatnonzero(data.row == constraint.sample - 1)
    if not len(found):
        why = "was left out" if constraint.sample <= data.given else f"is not there: the table has {data.given} rows"
        raise InputError(f"'{constraint}': sample {constraint.sample} {why}.")
    return int(found[0])


def _refuse_contradictions(plan):
    """Raise InputError for constraints that cannot all be met."""
    elements = {}
    for number, constraint in enumerate(plan.constraints):
        _refuse_impossible(plan, number)
        species = frozenset(name for name, _ in constraint.terms) | {constraint.divisor}
        before = elements.setdefault((constraint.factor, constraint.sample, species), [])
        kinds = {constraint.kind, *(plan.constraints[other].kind for other in before)}
        if before and not (kinds == {LEAST, MOST} and len(before) == 1):
            pair = f"'{plan.constraints[before[0]]}' and '{constraint}'"
            raise InputError(f"{pair} are on the same {'value' if constraint.single else 'species'}: keep one of them.")
        before.append(number)
    for pair in elements.values():
        bound = {plan.constraints[i].kind: plan.constraints[i].value for i in pair}
        if len(pair) == 2 and bound[LEAST] > bound[MOST]:
            raise InputError(f"'{plan.constraints[pair[0]]}' and '{plan.constraints[pair[1]]}' leave no value between.")
    _refuse_dependent_equations(plan)
    _refuse_all_held(plan)


def _refuse_impossible(plan, number):
    constraint, value = plan.constraints[number], plan.target[number]
    if not 1 <= constraint.factor <= len(plan.refits.f):
        raise InputError(f"'{constraint}': there is no factor{constraint.factor}, only {len(plan.refits.f)} factors.")
    if value is None:
        return
    least = plan.low if constraint.sample is not None else 0.0
    if constraint.single and value < least:
        raise InputError(f"'{constraint}': the value must be {least:g} or more.")
    if constraint.divisor and constraint.value <= 0:
        raise InputError(f"'{constraint}': a ratio must be above 0; hold {constraint.terms[0][0]} at 0 instead.")
    if not constraint.single:
        a = plan.coefficients[plan.equation.index(number)]
        if ((a >= 0).all() and value < 0) or ((a <= 0).all() and value > 0):
            raise InputError(f"'{constraint}' cannot be met by profile values of 0 or more.")
    if constraint.sample is not None and constraint.kind in (LEAST, MOST):
        raise InputError(f"'{constraint}': contributions can be held or pulled, not bounded.")


def _refuse_dependent_equations(plan):
    """Equations must leave room to each other, and to the values held or pulled."""
    for k in {plan.constraints[i].factor for i in plan.equation}:
        own = [i for i in plan.equation if plan.constraints[i].factor == k]
        set_ = {c.what for c in plan.constraints if c.factor == k and c.single and c.kind not in (LEAST, MOST)}
        free = np.array([name not in set_ for name in plan.names])
        a = plan.coefficients[[plan.equation.index(i) for i in own]] * free
        a /= np.maximum(np.abs(a).max(axis=1, keepdims=True), np.finfo(float).tiny)
        if np.linalg.matrix_rank(a) < len(own):
            texts = ", ".join(f"'{plan.constraints[i]}'" for i in own)
            raise InputError(f"{texts}: with what else is held they repeat or contradict each other. Leave one out.")


def _refuse_all_held(plan):
    p, count = len(plan.refits.f), len(plan.refits.g)
    for name in plan.names:
        zero = [c for c in plan.constraints if c.single and c.what == name and c.kind == HOLD and c.value == 0]
        if len(zero) == p:
            raise InputError(f"{name} is held at 0 in every factor: nothing is left to model it. Leave one free.")
    for k in range(1, p + 1):
        own = [i for i, c in enumerate(plan.constraints) if c.sample is not None and c.factor == k]
        held = [plan.target[i] for i in own if not plan.constraints[i].pulled]
        if own and (len(own) >= count or sum(held) + plan.low * (count - len(held)) >= count):
            raise InputError(f"factor{k}: with so many contributions held the others cannot bring their mean to 1.")
