"""How far each profile value can be moved, all else refitted, before the fit gets worse (DISP; Paatero et al. 2014)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...errors import InputError
from ...monitor import SILENT
from ..result import shares
from ..solver import solve
from ..uncertainty import STRONG
from .displaced_paths import FINE, Bases, Paths, follow, join_paths, nearest, small_enough

LEVELS = (4.0, 8.0, 15.0, 25.0)
LARGE_DECREASE = 1.0  # % of Q: a base solution from which it falls so far was no minimum (Norris et al. 2014)
ABORTED = 9  # of EPA PMF 5.0's 6 and 9 for aborted runs, the one its files carry when Q fell by more than 1 %
POLISHED = 1e-11  # relative tolerance of the base solution, from which dQ counts
REFITTED = 3e-9  # that of the displaced solutions
REFIT_ITERATIONS = 2000
NEAR = 0.05  # dQ so near its level, as a share of it, is near enough to interpolate
ATTEMPTS = 20
GROWTH = 1.5  # a displacement grows at most so many times at once, or it jumps over walls of Q to swapped factors
WIDER = 1.5  # the first guess lets the profiles adapt, not yet the contributions
CEILING = 10.0  # no profile value is displaced beyond so many times the mean concentration
CHUNK_BYTES = 2**27  # of displaced solutions held at a time


@dataclass(frozen=True, eq=False)
class Displacement:
    """What the displacements found, by level of dQ (L levels: 4, 8, 15, 25 in EPA PMF 5.0).

    low, high: lowest and highest profile values (L, p, m) among all displaced solutions, in the unit of the
    concentrations; percent_low, percent_high: as % of the species. swaps (L, p): displaced solutions in which the
    contributions of a factor correlate most with those of another base factor. unbounded (p, m): no displacement up to
    10 times the mean concentration raised Q by the highest level. q: what dQ counts from, the base solution's minimum
    of the objective. largest_decrease: how far Q fell below it, 0 where it never did. unfinished: displacements that
    stopped before dQ was at the highest level.
    """

    base: Any
    levels: tuple
    low: np.ndarray
    high: np.ndarray
    percent_low: np.ndarray
    percent_high: np.ndarray
    swaps: np.ndarray
    unbounded: np.ndarray
    q: float
    largest_decrease: float
    unfinished: int = 0
    warnings: tuple = ()

    @property
    def percent_decrease(self):
        """The largest decrease of Q in % of it."""
        return 100 * self.largest_decrease / self.q

    @property
    def error_code(self):
        """EPA PMF 5.0's error code: 0 for no error, 9 where Q fell by 1 % or more, which PMF 5.0 aborts."""
        return 0 if self.valid else ABORTED

    @property
    def valid(self):
        """Whether Q fell by less than 1 %: else the base solution was no minimum, and the ranges mean little."""
        return self.percent_decrease < LARGE_DECREASE

    def verdict(self):
        """What the displacements say, in one sentence."""
        dq, swaps = self.levels[0], self.swaps[0]
        if not self.valid:
            return (
                f"Displacement not valid: Q fell by {self.percent_decrease:.1f} %, so the base solution is not the "
                "best. Use more starts or fewer factors."
            )
        if swaps.any():
            swapped = ", ".join(f"{name} {count}" for name, count in zip(self.base.factors, swaps) if count)
            return f"Rotational ambiguity: factors changed places at dQ {dq:g} ({swapped} times). Use fewer factors."
        return f"No rotational ambiguity: no factors changed places at dQ {dq:g}."

    def swap_table(self):
        """One row per level: dq, a column of swaps per factor."""
        table = pd.DataFrame(self.swaps, columns=list(self.base.factors))
        table.insert(0, "dq", list(self.levels))
        return table

    def diagnostics_table(self):
        """What EPA PMF 5.0's summary lists, quantity and value: error code, largest decrease in Q, %dQ, and the swaps
        by factor at the lowest level.
        """
        values = {
            "Error code": self.error_code,
            "Largest decrease in Q": self.largest_decrease,
            "%dQ": self.percent_decrease,
            **{f"Swaps of {name}": count for name, count in zip(self.base.factors, self.swaps[0])},
        }
        return pd.DataFrame({"quantity": list(values), "value": np.array(list(values.values()), float)})

    def intervals(self, level=None):
        """Long table, a row per factor and species, at a level of dQ (None: the lowest): factor, species, concentration
        and percent_of_species of the base run, disp_low, disp_high, disp_percent_low, disp_percent_high.
        """
        number = 0 if level is None else self.levels.index(level)
        table = self.base.profiles()[["factor", "species", "concentration", "percent_of_species"]]
        for name in ("low", "high", "percent_low", "percent_high"):
            table[f"disp_{name}"] = getattr(self, name)[number].ravel()
        return table


def join_intervals(*estimates):
    """Intervals of a Bootstrap and a Displacement of one base run (either may be None) side by side, as one table."""
    tables = [estimate.intervals() for estimate in estimates if estimate is not None]
    joined = tables[0]
    for table in tables[1:]:
        joined = joined.join(table.drop(columns=joined.columns.intersection(table.columns)))
    return joined


@dataclass(frozen=True, eq=False)
class Base:
    """The base solution, polished: x, u (n x m), g (n x p), f (p x m), its objective q, and how to refit."""

    x: np.ndarray
    u: np.ndarray
    g: np.ndarray
    f: np.ndarray
    q: float
    solver: Any


def displace(data, result, levels=LEVELS, monitor=SILENT):
    """Displace every profile value of the strong species up and down, refit all else: a Displacement.

    data: PmfData; result: its PmfResult; levels: rises of Q (of the objective: Huber's in robust mode) at which a
    displacement ends, ascending. The ranges of weak species are what the displacements of the strong ones make of
    them, as in EPA PMF 5.0 (Paatero et al. 2014; Norris et al. 2014, section 6.2). Raises InputError for levels that
    are not above 0 and ascending.
    """
    levels = ascending(levels)
    columns = displaced_species(data)
    x, u, solver = data.fitted_x, data.fitted_u, result.options.solver
    base = polished(x, u, result.g, result.f, solver, monitor.part(0.0, 0.02))
    elements = elements_of(base.f, columns)
    paths = trace(base, elements, levels, monitor.part(0.02, 1.0))
    monitor.progress(1.0)
    low, high, share_low, share_high = extremes(base.f, paths.f)
    swaps = (paths.nearest != np.arange(len(base.f))).sum(axis=0)
    bounds = (np.minimum(low, result.f), np.maximum(high, result.f))
    own = 100 * shares(result.f)
    percents = (np.minimum(share_low, own), np.maximum(share_high, own))
    free = elements[paths.at_limit & (elements[:, 2] > 0)]
    unbounded = np.zeros(base.f.shape, bool)
    unbounded[free[:, 0], free[:, 1]] = True
    decrease = max(0.0, base.q - float(paths.least.min()))
    stopped = int(paths.unfinished.sum())
    whole = Displacement(result, levels, *bounds, *percents, swaps, unbounded, base.q, decrease, stopped)
    warnings = tuple(_warnings(whole))
    for warning in warnings:
        monitor.warn(warning)
    return replace(whole, warnings=warnings)


def ascending(levels):
    """The levels of dQ as a tuple. Raises InputError unless they are above 0 and each above the one before."""
    levels = tuple(float(level) for level in levels)
    if not levels or not all(one < two for one, two in zip((0.0, *levels), levels)):
        raise InputError(f"The levels of dQ are {levels}: they must be above 0, and each above the one before.")
    return levels


def displaced_species(data, names=()):
    """Positions, among the fitted species, of those to displace: the named, or all strong ones (Norris et al. 2014)."""
    strong = [number for number, j in enumerate(data.fitted) if data.category[j] == STRONG]
    if not strong:
        raise InputError("No species is strong: there is nothing to displace. Name those to keep strong.")
    fitted = data.fitted_species
    unfit = [name for name in names if name not in [fitted[j] for j in strong]]
    if unfit:
        raise InputError(f"Only strong species can be displaced, these are not: {', '.join(unfit)}.")
    return [j for j in strong if not names or fitted[j] in names]


def polished(x, u, g, f, solver, monitor=SILENT):
    """The minimum near a solution g (n x p), f (p x m), from which displacements start."""
    exact = replace(solver, tolerance=POLISHED, warm_up=0)
    fit = solve(x, u, g[None], f[None], exact, monitor=monitor)
    refit = replace(exact, tolerance=REFITTED, max_iterations=min(solver.max_iterations, REFIT_ITERATIONS))
    return Base(x, u, fit.g[0], fit.f[0], float(fit.objective[0]), refit)


def elements_of(f, columns):
    """What is displaced: rows of factor, species and direction (1 up, -1 down; a value of 0 goes up only)."""
    k, j = (each.ravel() for each in np.meshgrid(np.arange(len(f)), columns, indexing="ij"))
    down = f[k, j] > 0
    up = np.ones(len(k), int)
    return np.concatenate([np.column_stack([k, j, up]), np.column_stack([k, j, -up])[down]])


def extremes(f, displaced):
    """Lowest and highest profile values, and shares of the species in %, (L, p, m) each, of the solution f (p, m) and
    its displaced ones (elements, L, p, m).
    """
    every = np.concatenate([np.broadcast_to(f, (1, *displaced.shape[1:])), displaced])
    share = 100 * every / np.maximum(every.sum(axis=2, keepdims=True), np.finfo(float).tiny)
    return every.min(axis=0), every.max(axis=0), share.min(axis=0), share.max(axis=0)


def can_be_followed(f, solver):
    """Whether the paths outwards are followed: profiles few enough, and no conditions beside the bounds."""
    return small_enough(f) and solver.conditions is None


def trace(base, elements, levels, monitor=SILENT):
    """The displaced solutions of a Base as Paths: followed where that can be done, else refitted at trial sizes."""
    if not can_be_followed(base.f, base.solver):
        return _searched(base, elements, levels, monitor)
    bases, scale = scaled_bases(base.x, base.x[None], base.u[None], base.g[None], (base.f[None], np.array([base.q])))
    numbered = np.column_stack([np.zeros(len(elements), int), elements])
    paths = follow(bases, numbered, levels, limits_of(bases.f, numbered), (base.solver, FINE), monitor)
    return replace(paths, f=paths.f * scale)


def scaled_bases(data, x, u, g, solutions):
    """Bases of problems x, u (batch, n, m), g (batch, n, p), solutions (f and q), and the scale of the species, their
    mean in ``data`` (n, m).
    """
    scale = data.mean(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    f, q = solutions
    x, u, g = (np.ascontiguousarray(values.transpose(0, 2, 1)) for values in (x / scale, u / scale, g))
    return Bases(x, u, g, f / scale, q), scale


def limits_of(f, elements):
    """How far each element (problem, factor, species, direction) of profiles f in units of the mean may go."""
    start = f[elements[:, 0], elements[:, 1], elements[:, 2]]
    return np.where(elements[:, 3] < 0, start, np.maximum(CEILING, 2 * start))


def _searched(base, elements, levels, monitor):
    """Displacements in chunks, refitted by the solver at trial sizes."""
    per_element = 8 * 6 * (base.g.size + base.f.size)
    size = int(max(1, min(len(elements), CHUNK_BYTES // per_element)))
    parts = []
    for start in range(0, len(elements), size):
        search = _Search(base, *elements[start : start + size].T)
        count = len(search.k)
        f = np.empty((count, len(levels), *base.f.shape))
        partner = np.empty((count, len(levels), len(base.f)), np.int16)
        for number, level in enumerate(levels):
            done = (start + count * number / len(levels)) / len(elements)
            share = monitor.part(done, done + count / len(levels) / len(elements))
            f[:, number] = search.move_to(level, share)
            partner[:, number] = nearest(search.g.transpose(0, 2, 1), base.g.T[None])
        at_limit = search.at_limit & (search.root < np.sqrt(levels[-1]) * (1 - NEAR))
        parts.append(Paths(f, partner, at_limit, np.zeros(count, bool), np.full(count, search.least)))
    return join_paths(parts)


class _Search:
    """Displacements of many elements, moved outwards. size: how far; root: of dQ there, nearly linear in the size."""

    def __init__(self, base, k, j, direction):
        self.base, self.k, self.j, self.direction = base, k, j, direction
        self.start = base.f[k, j]
        room = np.maximum(CEILING * base.x.mean(axis=0)[j], 2 * self.start)
        self.limit = np.where(direction < 0, self.start, room)
        self.g = np.repeat(base.g[None], len(k), axis=0)
        self.f = np.repeat(base.f[None], len(k), axis=0)
        self.size, self.root = np.zeros(len(k)), np.zeros(len(k))
        self.slope = 1 / (WIDER * _standard_errors(base)[k, j])
        self.least = base.q

    @property
    def at_limit(self):
        """Which displacements can go no further."""
        return self.size >= self.limit

    def move_to(self, level, monitor):
        """Profiles (elements, p, m) where dQ reaches the level, or at the limit if it never does.

        Secant steps on the root of dQ, kept inside the bracket once there is one; what is left is interpolated.
        """
        goal = np.sqrt(level)
        below, below_root = self.size.copy(), self.root.copy()
        above, above_root = np.full_like(below, np.inf), np.full_like(below, np.inf)
        moving = ~self.at_limit
        for _ in range(ATTEMPTS):
            i = np.flatnonzero(moving)
            monitor.progress(1 - len(i) / len(moving))
            if not len(i):
                break
            step = (goal - below_root[i]) / self.slope[i]
            size = np.minimum(below[i] + step, np.where(below[i] > 0, GROWTH * below[i], self.limit[i]))
            caught = np.isfinite(above[i])
            c = i[caught]
            size[caught] = below[c] + (goal - below_root[c]) * (above[c] - below[c]) / (above_root[c] - below_root[c])
            self._refit(i, np.minimum(size, self.limit[i]), monitor)
            under = self.root[i] < goal
            below[i[under]], below_root[i[under]] = self.size[i[under]], self.root[i[under]]
            above[i[~under]], above_root[i[~under]] = self.size[i[~under]], self.root[i[~under]]
            self.slope[i] = np.maximum(self.root[i], 1e-3 * goal) / self.size[i]
            moving[i] = (np.abs(self.root[i] ** 2 - level) > NEAR * level) & ~(under & self.at_limit[i])
        # a rise of Q in one jump is never near its level: the last displacement below it counts
        scale = np.where(moving, below / self.size, goal / np.maximum(self.root, 1e-3 * goal))
        scale = np.where(self.at_limit & (self.root < goal), 1.0, np.minimum(scale, self.limit / self.size))
        return np.maximum(self.base.f + scale[:, None, None] * (self.f - self.base.f), 0)

    def _refit(self, i, size, monitor):
        """Hold elements ``i`` at ``size`` from the base value and refit, starting along the line of the last refit."""
        base, number = self.base, np.arange(len(i))
        ratio = np.where(self.size[i] > 0, size / np.where(self.size[i] > 0, self.size[i], 1.0), 1.0)[:, None, None]
        g = base.g + ratio * (self.g[i] - base.g)
        f = np.maximum(base.f + ratio * (self.f[i] - base.f), 0)
        low, high = np.zeros_like(f), np.full_like(f, np.inf)
        held = (number, self.k[i], self.j[i])
        low[held] = high[held] = np.maximum(self.start[i] + self.direction[i] * size, 0)
        quiet = replace(monitor, on_progress=SILENT.on_progress)
        fits = solve(base.x, base.u, g, f, base.solver, (low, high), quiet)
        self.g[i], self.f[i], self.size[i] = fits.g, fits.f, size
        self.root[i] = np.sqrt(np.maximum(fits.objective - base.q, 0))
        self.least = min(self.least, float(fits.objective.min()))


def _standard_errors(base):
    """Standard errors of the profile values (p, m) at the base contributions, other values of the species free."""
    errors = np.empty_like(base.f)
    for j in range(base.f.shape[1]):
        scaled = base.g / base.u[:, j, None]
        errors[:, j] = np.sqrt(np.maximum(np.diag(np.linalg.pinv(np.einsum("ik,il->kl", scaled, scaled))), 0))
    return np.maximum(errors, np.finfo(float).tiny)


def _warnings(found):
    if found.unfinished:
        yield (
            f"{found.unfinished} displacements stopped before dQ {found.levels[-1]:g}: their ranges are at least as "
            "wide as shown."
        )
    if not found.valid:
        yield f"Displacing the profiles lowered Q by {found.percent_decrease:.1f} %: the base solution is not the best."
    if found.unbounded.any():
        names = found.base.data.fitted_species
        lost = [f"{names[j]} in {found.base.factors[k]}" for k, j in np.argwhere(found.unbounded)]
        yield f"No limit of the profile value was found up to {CEILING:g} times the mean of: {', '.join(lost)}."
