"""Constraints on a base run: profile values, ratios and contributions held or pulled, all else refitted."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...errors import InputError
from ...monitor import SILENT
from ..result import PmfResult
from ..solver import OUTLIER
from .constraint_plan import Plan, furthest
from .constraint_text import DOWN, TOWARDS, UP, parse_constraints
from .refits import ACCEPTED, polished

REACHED = 1e-3  # a pull is met when so little of its way is left


@dataclass(frozen=True, eq=False)
class Constrained:
    """A constrained solution.

    result: it as a PmfResult, its factors in the order of the base run. Its solver options carry the constraints on
    profiles, so that bootstrap and displacement of it keep to them: values held stay, values pulled do not fall back
    behind where they were pulled to, equations hold at the value reached. Constraints on contributions belong to
    samples and are not carried. q, q_robust: objective (Huber's function in robust mode) and Q(robust) of the base
    run's minimum, from which dQ counts; dq: rise of the objective. By constraint: base_value, value, reached_dq (rise
    with this constraint alone; of a pull, on top of what is held), q_aux, met.
    """

    base: PmfResult
    result: PmfResult
    constraints: tuple
    base_value: np.ndarray
    value: np.ndarray
    reached_dq: np.ndarray
    q_aux: np.ndarray
    met: np.ndarray
    q: float
    q_robust: float
    dq: float
    warnings: tuple = ()

    @property
    def percent_dq(self):
        """The rise of the objective in % of the base run's."""
        return 100 * self.dq / self.q

    def to_frame(self):
        """One row per constraint: constraint, factor, what, demand, limit_percent (NaN if held), base_value, value, dq
        and percent_dq (of this constraint alone; of a pull, on top of what is held), q_aux, met.
        """
        return pd.DataFrame(
            {
                "constraint": [str(c) for c in self.constraints],
                "factor": [f"factor{c.factor}" for c in self.constraints],
                "what": [c.what for c in self.constraints],
                "demand": [c.demand for c in self.constraints],
                "limit_percent": [c.limit if c.pulled else np.nan for c in self.constraints],
                "base_value": self.base_value,
                "value": self.value,
                "dq": self.reached_dq,
                "percent_dq": 100 * self.reached_dq / self.q_robust,
                "q_aux": self.q_aux,
                "met": self.met,
            }
        )

    def summary(self):
        """One row, as EPA PMF 5.0 sums a run up: dq_robust, percent_dq_robust, q_robust, q_true, q_aux, dq and
        percent_dq (rise of what is minimized), converged, iterations.
        """
        result = self.result
        dq_robust = result.q_robust - self.q_robust
        row = {
            "dq_robust": dq_robust,
            "percent_dq_robust": 100 * dq_robust / self.q_robust,
            "q_robust": result.q_robust,
            "q_true": result.q_true,
            "q_aux": float(np.nansum(self.q_aux)),
            "dq": self.dq,
            "percent_dq": self.percent_dq,
            "converged": bool(result.runs.converged[0]),
            "iterations": int(result.runs.iterations[0]),
        }
        return pd.DataFrame([row])

    def comparison(self):
        """Long table: factor, species, then concentration and percent_of_species, base run's and constrained."""
        columns = ["concentration", "percent_of_species"]
        base, own = (one.profiles()[["factor", "species", *columns]] for one in (self.base, self.result))
        return base.rename(columns={c: f"base_{c}" for c in columns}).assign(
            **{f"constrained_{c}": own[c] for c in columns}
        )

    def verdict(self):
        """What the constraints cost and which were not met, in words."""
        count, lost = len(self.constraints), np.flatnonzero(~self.met)
        if len(lost):
            ends = "; ".join(f"'{self.constraints[i]}' stopped at {self.value[i]:.4g}" for i in lost)
            text = f"{len(lost)} of {count} constraints not met within the limit ({ends})."
        else:
            text = f"All {count} constraints are met." if count > 1 else "The constraint is met."
        text += f" Q rose by {self.dq:.1f} ({self.percent_dq:.2f} %)."
        if self.percent_dq > ACCEPTED:
            text += f" That is more than {ACCEPTED:g} %: the data speak against them."
        return text


def constrain(data, result, constraints, monitor=SILENT):
    """Refit a base run under constraints, starting from it: a Constrained.

    data: PmfData; result: its PmfResult; constraints: a text (see parse_constraints) or Constraints. What is held, by
    ``=``, ``>=`` or ``<=``, holds exactly, whatever it costs. What is pulled goes as far as Q, minimized over all else,
    stays within the limit above the minimum under what is held: the farthest value with dQ at the limit, where a soft
    pull (f - target)^2 / s^2 of the strength that spends the limit comes to rest (Paatero and Hopke 2009). Each pull's
    reach is sought alone; then all are applied, and shortened by the same share if together they would cost more than
    the sum of their limits. Limits are in % of the base run's Q(robust), 0.5 % unless given (Norris et al. 2014).

    q_aux of a pull to a value is what the pulling equation carries at rest: half the slope of Q times the way left,
    0 once met; NaN for what is held and for pulls without a target. Raises InputError for constraints that cannot be
    read, name what is not there, or contradict each other.
    """
    if isinstance(constraints, str):
        constraints = parse_constraints(constraints, data.fitted_species, len(result.f))
    constraints = tuple(constraints)
    if not constraints:
        raise InputError("There is no constraint to apply.")
    refits = polished(data, result, monitor.part(0.0, 0.05))
    plan = Plan(refits, data, constraints)
    held = {i: plan.target[i] for i, c in enumerate(constraints) if not c.pulled}
    dq, origin = _held(plan, held, monitor.part(0.05, 0.25))
    dq, problem = _pulled(plan, held, dq, origin, monitor)
    conditions = plan.conditions([problem], loose=True)
    fits = refits.solve(*plan.starts([problem], *origin[:2]), conditions, monitor.part(0.9, 1.0))
    monitor.progress(1.0)
    return _told(plan, fits, dq, monitor)


def _held(plan, held, monitor):
    """dQ by constraint of each that is held alone, NaN for pulls; and the solution with all of them, (g, f, q)."""
    refits, dq = plan.refits, np.full(len(plan.constraints), np.nan)
    if not held:
        return dq, (refits.g, refits.f, refits.q)
    problems = [{i: value} for i, value in held.items()] + [held]
    fits = refits.solve(*plan.starts(problems, refits.g, refits.f), plan.conditions(problems), monitor)
    dq[list(held)] = np.maximum(fits.objective[:-1] - refits.q, 0)
    return dq, (fits.g[-1], fits.f[-1], float(fits.objective[-1]))


def _pulled(plan, held, dq, origin, monitor):
    """dQ of each pull alone filled in, and the problem with all constraints at the values they reach together."""
    pulls = [i for i, c in enumerate(plan.constraints) if c.pulled]
    start = {i: plan.measured(i, *origin[:2]) for i in pulls}
    way = {i: plan.end(i, start[i]) - start[i] for i in pulls}
    dq[pulls] = 0.0
    pulls = [i for i in pulls if way[i] != 0]
    if not pulls:
        return dq, {**held, **start}

    def alone(number, share):
        i = pulls[number]
        return {**held, i: start[i] + share * way[i]}

    limits = [plan.constraints[i].limit / 100 * plan.refits.q_robust for i in pulls]
    first = [_first(plan, i, start[i], way[i]) for i in pulls]
    reach, dq[pulls] = furthest(plan, origin, alone, limits, first, monitor.part(0.25, 0.7))
    reached = dict(zip(pulls, reach))

    def together(_, share):
        return {**held, **{i: start[i] + share * reached.get(i, 0.0) * way[i] for i in start}}

    share = 1.0
    if len(pulls) > 1:
        share = furthest(plan, origin, together, [sum(limits)], [1.0], monitor.part(0.7, 0.9))[0][0]
    return dq, together(0, share)


def _first(plan, number, start, way):
    """The share of its way a pull is tried at first: all of it, but of the way up without a target a small step."""
    if plan.constraints[number].kind != UP:
        return 1.0
    return 0.25 * max(start, 0.01 * (start + way)) / way


def _told(plan, fits, dq, monitor):
    refits, g, f = plan.refits, fits.g[0], fits.f[0]
    numbers = range(len(plan.constraints))
    base_value = np.array([plan.shown(i, refits.result.g, refits.result.f) for i in numbers])
    met = np.array([_met(plan, i, g, f) for i in numbers])
    warnings = [*refits.result.data.warnings]
    if not fits.converged[0]:
        warnings.append("The constrained run did not converge.")
    if any(c.sample is not None for c in plan.constraints):
        warnings.append(
            "Bootstrap and displacement of the constrained run do not keep the constraints on contributions."
        )
    told = warnings[len(refits.result.data.warnings) :]
    for warning in told:
        monitor.warn(warning)
    carried = plan.conditions([_reached(plan, g, f)], loose=True)
    carried = replace(carried, held=None)
    return Constrained(
        base=refits.result,
        result=refits.kept(fits, 0, carried, warnings),
        constraints=plan.constraints,
        base_value=base_value,
        value=np.array([plan.shown(i, g, f) for i in numbers]),
        reached_dq=dq,
        q_aux=_q_aux(plan, g, f),
        met=met,
        q=refits.q,
        q_robust=refits.q_robust,
        dq=max(float(fits.objective[0]) - refits.q, 0.0),
        warnings=tuple(told),
    )


def _reached(plan, g, f):
    """All constraints at the values of a solution, bounds at their own."""
    return {i: plan.measured(i, g, f) if c.pulled else plan.target[i] for i, c in enumerate(plan.constraints)}


def _met(plan, number, g, f):
    constraint = plan.constraints[number]
    base, value = (plan.measured(number, *one) for one in ((plan.refits.g, plan.refits.f), (g, f)))
    if constraint.kind in (UP, DOWN):
        return (value - base) * (1 if constraint.kind == UP else -1) > 0 or base == plan.end(number, base)
    if constraint.kind == TOWARDS or not constraint.single:
        target = plan.target[number]
        return abs(target - value) <= REACHED * max(abs(target - base), 1e-9 * (abs(target) + abs(base)))
    return True


def _q_aux(plan, g, f):
    """Q(aux) of every pull to a value at rest, NaN for the other constraints."""
    refits = plan.refits
    residuals = refits.scaled(g, f)
    if refits.solver.robust:
        residuals = residuals * OUTLIER / np.maximum(np.abs(residuals), OUTLIER)
    force = residuals / refits.u
    on_f, on_g = -np.einsum("ik,ij->kj", g, force), -np.einsum("ij,kj->ik", force, f)
    found = np.full(len(plan.constraints), np.nan)
    for i, constraint in enumerate(plan.constraints):
        if constraint.kind == TOWARDS:
            slope = _slope(plan, i, on_f[constraint.factor - 1], on_g[:, constraint.factor - 1], (g, f))
            found[i] = max(0.0, slope * (plan.target[i] - plan.measured(i, g, f)))
    return found


def _slope(plan, number, on_f, on_g, solution):
    """Half the slope of Q along a constraint's value: the multiplier with which it is held."""
    constraint, (g, f) = plan.constraints[number], solution
    k = constraint.factor - 1
    if constraint.sample is not None:
        rows = [plan.row[i] for i, c in enumerate(plan.constraints) if c.sample is not None and c.factor == k + 1]
        free = np.delete(np.arange(len(g)), rows)
        free = free[g[free, k] > plan.low]
        return on_g[plan.row[number]] - on_g[free].mean()
    if constraint.single:
        return on_f[plan.names.index(constraint.terms[0][0])]
    own = [i for i in plan.equation if plan.constraints[i].factor == k + 1]
    tied = {c.what for c in plan.constraints if c.single and c.factor == k + 1}
    free = (f[k] > 0) & np.array([name not in tied for name in plan.names])
    a = np.array([plan.coefficients[plan.equation.index(i)] for i in own])[:, free]
    return np.linalg.lstsq(a.T, on_f[free], rcond=None)[0][own.index(number)]
