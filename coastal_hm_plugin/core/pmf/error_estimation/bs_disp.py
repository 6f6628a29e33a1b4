"""Random errors and rotational ambiguity together: displacements in every resample (BS-DISP; Paatero et al. 2014)."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ...monitor import SILENT
from .bootstrap import STABLE, BootstrapOptions, resample
from .displaced_paths import QUICK, follow, join_paths
from .displacement import (
    LARGE_DECREASE,
    ascending,
    can_be_followed,
    displaced_species,
    elements_of,
    extremes,
    limits_of,
    polished,
    scaled_bases,
    trace,
)

LEVELS = (0.5, 1.0, 2.0, 4.0)
LOWEST, HIGHEST = 0.05, 0.95  # percentiles over the cases, of the lowest and of the highest values
MANY_UNFINISHED = 0.05  # share of displacements stopped early that is worth a warning


@dataclass(frozen=True, eq=False)
class BsDisp:
    """What the cases found: a case is a resample whose own solution was displaced, by level of dQ (L levels).

    A case is rejected when its factors do not map one to one to the base run's (remapped, by case), when a
    displacement lowered its Q by 1 % or more (fallen, by case), or when factors changed places in a displacement at
    the level or a lower one (swapped, L x cases); accepted (L, cases): all others. swaps (L, p): displaced solutions
    in which the contributions of a factor correlate most with those of another, over all cases not remapped.
    low, high (L, p, m): 5th percentile of the lowest and 95th of the highest profile values of the accepted cases, in
    the unit of the concentrations; percent_low, percent_high: as % of the species; NaN where no case was accepted.
    largest_decrease: in % of a case's Q. unfinished: displacements, of ``displaced``, that stopped before their level.
    """

    base: Any
    options: BootstrapOptions
    levels: tuple
    species: tuple
    remapped: np.ndarray
    fallen: np.ndarray
    swapped: np.ndarray
    swaps: np.ndarray
    low: np.ndarray
    high: np.ndarray
    percent_low: np.ndarray
    percent_high: np.ndarray
    largest_decrease: float
    unfinished: int
    displaced: int
    warnings: tuple = ()

    @property
    def accepted(self):
        """Whether each case counts, by level (L, cases)."""
        return ~(self.remapped | self.fallen | self.swapped)

    @property
    def percent_accepted(self):
        """Share of the cases accepted at each level (L), in %."""
        return 100 * self.accepted.mean(axis=1)

    def verdict(self):
        """What the cases say, in one sentence: stable if at least 80 % are accepted at the lowest level of dQ."""
        runs, dq = self.options.runs, self.levels[0]
        share = f"{self.percent_accepted[0]:.0f} % of {runs} resamples were accepted at dQ {dq:g}"
        if self.percent_accepted[0] >= 100 * STABLE:
            return f"Stable under random errors and rotation together: {share}."
        table = self.cases_table()
        unmapped, fell, swapped = (int(table[name][0]) for name in ("unmapped", "q_fell", "swapped"))
        return (
            f"Not stable under random errors and rotation together: {share} (factors unmapped {unmapped}, "
            f"Q fell {fell}, factors changed places {swapped}). Use fewer factors."
        )

    def cases_table(self):
        """One row per level: dq, cases, accepted, percent_accepted, and the cases rejected by their first reason:
        unmapped, q_fell, swapped.
        """
        fallen = self.fallen & ~self.remapped
        return pd.DataFrame(
            {
                "dq": list(self.levels),
                "cases": self.options.runs,
                "accepted": self.accepted.sum(axis=1),
                "percent_accepted": self.percent_accepted,
                "unmapped": int(self.remapped.sum()),
                "q_fell": int(fallen.sum()),
                "swapped": (self.swapped & ~(self.remapped | fallen)).sum(axis=1),
            }
        )

    def swap_table(self):
        """One row per level: dq, a column of swaps per factor."""
        table = pd.DataFrame(self.swaps, columns=list(self.base.factors))
        table.insert(0, "dq", list(self.levels))
        return table

    def intervals(self, level=None):
        """Long table, a row per factor and species, at a level of dQ (None: the lowest): factor, species, concentration
        and percent_of_species of the base run, bsdisp_low, bsdisp_high, bsdisp_percent_low, bsdisp_percent_high.
        """
        number = 0 if level is None else self.levels.index(level)
        table = self.base.profiles()[["factor", "species", "concentration", "percent_of_species"]]
        for name in ("low", "high", "percent_low", "percent_high"):
            table[f"bsdisp_{name}"] = getattr(self, name)[number].ravel()
        return table


def bootstrap_displace(data, result, options=None, species=(), levels=LEVELS, monitor=SILENT, groups=None):
    """Displace the profile values of ``species`` in the solution of every resample: a BsDisp.

    data: PmfData; result: its PmfResult; options and groups: how to resample, as for bootstrap; species: names of those
    displaced, by default all strong ones, fewer make it faster; levels: rises of Q at which a displacement ends,
    ascending. The ranges of the other species are what these displacements make of them. Resamples whose factors do not
    map one to one to the base run's are not displaced. Raises InputError for levels that do not ascend from above 0 and
    for species that are not strong.
    """
    options = options or BootstrapOptions()
    levels = ascending(levels)
    columns = displaced_species(data, species)
    _tell_how_long(result, len(columns) * options.runs, monitor)
    runs = resample(data, result, options, monitor.part(0.0, 0.1), groups)
    p = len(result.f)
    remapped = (runs.mapped != np.arange(p)).any(axis=1)
    chosen = np.flatnonzero(~remapped)
    cases = _Cases(options.runs, levels, result.f.shape)
    if len(chosen):
        elements = [elements_of(runs.f[case], columns) for case in chosen]
        paths = _paths(data, result, (runs, chosen), elements, levels, monitor.part(0.1, 1.0))
        cases.add(runs, chosen, elements, paths)
    accepted = ~(remapped | cases.fallen | cases.swapped)
    quantiles = cases.quantiles(accepted)
    names = tuple(data.fitted_species[j] for j in columns)
    own = (remapped, cases.fallen, cases.swapped, cases.swaps)
    found = BsDisp(
        result, options, levels, names, *own, *quantiles, cases.decrease.max(), cases.unfinished, cases.displaced
    )
    warnings = tuple(_warnings(found))
    for warning in warnings:
        monitor.warn(warning)
    monitor.progress(1.0)
    return replace(found, warnings=warnings)


def _paths(data, result, cases, elements, levels, monitor):
    """The displaced solutions of all cases as Paths. cases: Resamples and the numbers of those displaced."""
    runs, chosen = cases
    solver = result.options.solver
    x, u = data.fitted_x, data.fitted_u
    if can_be_followed(result.f, solver):
        solutions = runs.f[chosen], runs.objective[chosen]
        bases, scale = scaled_bases(x, x[runs.rows[chosen]], u[runs.rows[chosen]], runs.g[chosen], solutions)
        numbered = np.concatenate([np.insert(own, 0, number, axis=1) for number, own in enumerate(elements)])
        paths = follow(bases, numbered, levels, limits_of(bases.f, numbered), (solver, QUICK), monitor)
        return replace(paths, f=paths.f * scale)
    parts = []
    for number, (case, own) in enumerate(zip(chosen, elements)):
        rows = runs.rows[case]
        base = polished(x[rows], u[rows], runs.g[case], runs.f[case], solver)
        share = monitor.part(number / len(chosen), (number + 1) / len(chosen))
        parts.append(trace(base, own, levels, share))
    return join_paths(parts)


class _Cases:
    """Extremes, swaps and falls of Q, by case."""

    def __init__(self, count, levels, shape):
        self.levels = levels
        self.values = np.full((4, len(levels), count, *shape), np.nan)  # lowest, highest, both as shares
        self.swapped = np.zeros((len(levels), count), bool)
        self.swaps = np.zeros((len(levels), shape[0]), int)
        self.decrease, self.fallen = np.zeros(count), np.zeros(count, bool)
        self.unfinished = self.displaced = 0

    def add(self, runs, chosen, elements, paths):
        """Gather the displaced solutions of the chosen cases; elements: those of each."""
        p = runs.f.shape[1]
        self.unfinished, self.displaced = int(paths.unfinished.sum()), len(paths.f)
        swapped = paths.nearest != np.arange(p)  # (elements, L, p)
        self.swaps += swapped.sum(axis=0)
        ends = np.cumsum([0, *map(len, elements)])
        for number, case in enumerate(chosen):
            own = slice(ends[number], ends[number + 1])
            self.swapped[:, case] = np.maximum.accumulate(swapped[own].any(axis=(0, 2)))
            self.decrease[case] = 100 * max(0.0, 1 - paths.least[own].min() / runs.objective[case])
            for store, extreme in zip(self.values, extremes(runs.f[case], paths.f[own])):
                store[:, case] = extreme
        self.fallen = self.decrease >= LARGE_DECREASE

    def quantiles(self, accepted):
        """low, high, percent_low, percent_high (L, p, m) over the accepted cases."""
        found = np.full((4, len(self.levels), *self.values.shape[3:]), np.nan)
        for which, quantile in enumerate((LOWEST, HIGHEST, LOWEST, HIGHEST)):
            for number, good in enumerate(accepted):
                if good.any():
                    found[which, number] = np.quantile(self.values[which, number, good], quantile, axis=0)
        return found


def _tell_how_long(result, size, monitor):
    """Announce what cannot be followed fast and must be refitted value by value."""
    if can_be_followed(result.f, result.options.solver):
        return
    why = "With constraints" if result.options.solver.conditions is not None else "With so many profile values"
    monitor.warn(
        f"{why} the displacements' paths are not followed: {size * len(result.f):,} profile values are refitted one by "
        "one, which may take hours. Name fewer species, the key ones."
    )


def _warnings(found):
    if not found.accepted[0].any():
        yield "No resample was accepted: there are no intervals of the bootstrap with displacement."
    if found.displaced and found.unfinished > MANY_UNFINISHED * found.displaced:
        yield (
            f"{100 * found.unfinished / found.displaced:.0f} % of the displacements in resamples stopped before dQ "
            f"{found.levels[-1]:g}: their ranges are at least as wide as shown."
        )
