"""How far the solution depends on which samples were taken: factorizations of resampled data."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from ... import cluster
from ...errors import InputError
from ...monitor import SILENT
from .. import diagnostics
from ..base_model import SAME_FACTORS, match_factors, random_starts
from ..result import modelled
from ..solver import Fits, solve
from .blocks import draw_groups, draw_rows, members

QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)
STABLE = 0.8  # a factor that comes back in so many runs can be interpreted (Norris et al. 2014)
CHUNK_BYTES = 2**27  # of resampled data and contributions held at a time
PIECES_PER_THREAD, LEAST_RUNS = 4, 5  # on a cluster: none waits long for the last; fewer together are slower
Q_SUMMARY = ("lowest", "p25", "median", "p75", "highest")


@dataclass(frozen=True)
class BootstrapOptions:
    """How to resample. runs: resampled data sets. block: consecutive samples drawn together, 1 for sites without an
    order. min_correlation: of contributions, below which a factor is unmapped. random_restarts: random starts of every
    run beside the one from the base solution, which alone would make the solution look more stable than it is.
    """

    runs: int = 150
    block: int = 1
    min_correlation: float = 0.6
    seed: int = 1
    random_restarts: int = 1


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """What the runs found.

    mapping: (p boot factors, p base factors + unmapped) counts of runs. concentration, percent: quantiles 5, 25, 50,
    75, 95 % of the profiles (5, p, m), in the unit of the concentrations and as % of the species, over the boot factors
    mapped to a base factor; NaN where none is. contributions: the same quantiles of the contributions (5, n kept
    samples, p), over the runs in which the sample was drawn; drawn: their number (n). By run: q_true, q_robust,
    restarted (a random start found a lower Q than the start from the base solution, with other factors), converged.
    profiles: of the runs (runs, p, m), their factors in the base run's order. grouped: whole groups of samples were
    drawn.
    """

    base: Any
    options: BootstrapOptions
    mapping: np.ndarray
    concentration: np.ndarray
    percent: np.ndarray
    contributions: np.ndarray
    drawn: np.ndarray
    q_true: np.ndarray
    q_robust: np.ndarray
    restarted: np.ndarray
    converged: np.ndarray
    profiles: np.ndarray
    grouped: bool = False
    warnings: tuple = ()

    @property
    def reproduced(self):
        """Share of the runs (0 to 1) in which each base factor came back: the diagonal of the mapping."""
        return np.diagonal(self.mapping) / self.options.runs

    @property
    def stable(self):
        """Whether each base factor came back in at least 80 % of the runs."""
        return self.reproduced >= STABLE

    def verdict(self):
        """What the bootstrap says, in one sentence."""
        runs = self.options.runs
        if self.stable.all():
            return f"Stable: every factor came back in at least {100 * STABLE:.0f} % of {runs} bootstrap runs."
        lost = []
        for k in np.flatnonzero(~self.stable):
            unmapped = self.mapping[k, -1] / runs
            lost.append(f"{self.base.factors[k]} ({100 * self.reproduced[k]:.0f} %, unmapped {100 * unmapped:.0f} %)")
        return (
            f"Not stable: fewer than {100 * STABLE:.0f} % of {runs} bootstrap runs brought back {', '.join(lost)}. "
            "Try fewer factors, and do not interpret these alone."
        )

    def mapping_table(self):
        """One row per boot factor: boot_factor, a column of counts per base factor, unmapped."""
        table = pd.DataFrame(self.mapping, columns=[*self.base.factors, "unmapped"])
        table.insert(0, "boot_factor", [f"boot{k}" for k in range(1, len(table) + 1)])
        return table

    def intervals(self):
        """Long table, a row per factor and species: factor, species, concentration and percent_of_species of the base
        run, and of each the bootstrap's quantiles (bs_p5 ... bs_p95, bs_percent_p5 ... bs_percent_p95).
        """
        table = self.base.profiles()[["factor", "species", "concentration", "percent_of_species"]]
        for prefix, values in (("bs_p", self.concentration), ("bs_percent_p", self.percent)):
            for quantile, value in zip(QUANTILES, values):
                table[f"{prefix}{100 * quantile:.0f}"] = value.ravel()
        return table

    def contribution_intervals(self):
        """Long table, a row per kept sample and factor: row (position in the table given), factor, contribution of the
        base run (mean 1), drawn (runs that hold the sample), and the bootstrap's quantiles bs_p5 ... bs_p95.
        """
        n, p = self.base.g.shape
        table = pd.DataFrame(
            {
                "row": np.repeat(self.base.data.row, p),
                "factor": list(self.base.factors) * n,
                "contribution": self.base.g.ravel(),
                "drawn": np.repeat(self.drawn, p),
            }
        )
        for quantile, value in zip(QUANTILES, self.contributions):
            table[f"bs_p{100 * quantile:.0f}"] = value.ravel()
        return table

    def q_table(self):
        """Distribution of Q over the runs: q, base, then lowest, p25, median, p75, highest."""
        rows = []
        for name, base, values in (
            ("Q(robust)", self.base.q_robust, self.q_robust),
            ("Q(true)", self.base.q_true, self.q_true),
        ):
            summary = dict(zip(Q_SUMMARY, np.quantile(values, (0, 0.25, 0.5, 0.75, 1))))
            rows.append({"q": name, "base": base, **summary})
        return pd.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Resamples:
    """The runs: rows drawn (runs, n), solutions g (runs, n, p) and f (runs, p, m) with their factors in the base run's
    order, objective; mapped (runs, p): the base factor each goes with, p where none; q_true, q_robust, restarted,
    converged (runs).
    """

    rows: np.ndarray
    g: np.ndarray
    f: np.ndarray
    objective: np.ndarray
    mapped: np.ndarray
    q_true: np.ndarray
    q_robust: np.ndarray
    restarted: np.ndarray
    converged: np.ndarray


def bootstrap(data, result, options=None, monitor=SILENT, groups=None):
    """Factorize resampled data and see whether the factors of ``result`` come back: a Bootstrap.

    data: PmfData; result: its PmfResult. Samples are drawn with replacement in blocks that do not overlap (Norris et
    al. 2014, section 6.1): options.block consecutive samples, or the samples that have one label in ``groups`` (one per
    sample given, as from spatial_blocks). A boot factor is mapped to the base factor with whose contributions, on the
    samples drawn, its own correlate most, if at least min_correlation. Of the starts of a run the one with the lowest Q
    counts. Raises InputError for options that the data cannot meet.
    """
    options = options or BootstrapOptions()
    runs = resample(data, result, options, monitor, groups)
    p = len(result.f)
    mapping = np.array([np.bincount(column, minlength=p + 1) for column in runs.mapped.T])
    percent = 100 * runs.f / np.maximum(runs.f.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    quantiles = (_quantiles(values, runs.mapped, p) for values in (runs.f, percent))
    contributions, drawn = _contributions(runs, result)
    by_run = (runs.q_true, runs.q_robust, runs.restarted, runs.converged)
    found = Bootstrap(result, options, mapping, *quantiles, contributions, drawn, *by_run, runs.f, groups is not None)
    warnings = tuple(_warnings(found))
    for warning in warnings:
        monitor.warn(warning)
    return replace(found, warnings=warnings)


def resample(data, result, options, monitor=SILENT, groups=None):
    """The factorizations of resampled data that error estimates rest on: Resamples. Parameters as for bootstrap."""
    x, u = data.fitted_x, data.fitted_u
    n, m = x.shape
    p = len(result.f)
    _check(options, n)
    together = None if groups is None else members(groups, data, options.block)
    per_run = 8 * (1 + options.random_restarts) * n * (2 * m + 2 * p)
    size = int(max(1, min(options.runs, CHUNK_BYTES // per_run)))
    shared = x, u, result, options, together
    parts = (_on_cluster if cluster.current() else _here)(shared, options.runs, size, monitor)
    return Resamples(*(np.concatenate(column) for column in zip(*parts)))


def _here(shared, runs, size, monitor):
    parts = []
    for piece in _pieces(runs, size):
        share = monitor.part(piece.start / runs, piece.stop / runs)
        parts.append(_resampled(*shared, piece, share))
    return parts


def _on_cluster(shared, runs, size, monitor):
    workers = cluster.current()
    size = min(size, max(LEAST_RUNS, -(-runs // (PIECES_PER_THREAD * max(1, workers.threads(monitor))))))
    return workers.all(_resampled, shared, _pieces(runs, size), monitor)


def _pieces(runs, size):
    """The numbers of the runs, so many solved together."""
    return [range(start, min(start + size, runs)) for start in range(0, runs, size)]


def _resampled(x, u, result, options, together, runs, monitor=SILENT):
    """The fields of Resamples for runs solved together."""
    p = len(result.f)
    starts = 1 + options.random_restarts
    rows = np.empty((len(runs), len(x)), int)
    g, f = np.empty((starts, len(runs), len(x), p)), np.empty((starts, len(runs), *result.f.shape))
    for i, run in enumerate(runs):
        rng = np.random.default_rng([options.seed, run])
        rows[i] = draw_rows(len(x), options.block, rng) if together is None else draw_groups(together, len(x), rng)
        g[0, i], f[0, i] = result.g[rows[i]], result.f
        g[1:, i], f[1:, i] = random_starts(x[rows[i]], p, options.random_restarts, int(rng.integers(2**32)))
    fits = _solve_starts(x[rows], u[rows], g, f, result.options.solver, monitor)
    q = fits.objective.reshape(starts, -1)
    best = np.argmin(q, axis=0)
    pick = best * len(runs) + np.arange(len(runs))
    g, f = fits.g[pick], fits.f[pick]
    residuals = (x[rows] - modelled(g, f)) / u[rows]
    restarted = best > 0
    mapped = np.empty((len(runs), p), int)
    for i in range(len(runs)):
        # the boot factors' own order means nothing: each takes the place of its partner, then it is mapped
        own = result.g[rows[i]]
        if restarted[i]:
            restarted[i] = match_factors(g[i], fits.g[i])[1].min() < SAME_FACTORS
        partner = match_factors(g[i], own)[0]
        g[i], f[i] = g[i][:, partner], f[i][partner]
        mapped[i] = _mapped(correlations(g[i], own), options.min_correlation)
    qs = diagnostics.q_true(residuals), diagnostics.q_robust(residuals)
    return rows, g, f, fits.objective[pick], mapped, *qs, restarted, fits.converged[pick]


def _solve_starts(x, u, g, f, solver, monitor):
    """The starts from the base solution, which need no warm-up, then the random ones, as one Fits."""
    starts = len(g)
    warm = solve(x, u, g[0], f[0], replace(solver, warm_up=0), monitor=monitor.part(0.0, 1 / (starts + 1)))
    parts = [warm]
    for start in range(1, starts):
        share = monitor.part((start + 0.5) / (starts + 0.5), (start + 1.5) / (starts + 0.5))
        parts.append(solve(x, u, g[start], f[start], solver, monitor=share))
    columns = ("g", "f", "objective", "iterations", "converged")
    return Fits(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


def correlations(g, base):
    """Correlation of every boot factor (row) with every base factor (column); 0 for a constant one."""
    scaled = []
    for one in (g, base):
        centred = one - one.mean(axis=0)
        length = np.sqrt((centred**2).sum(axis=0))
        scaled.append(centred / np.where(length > 0, length, 1.0))
    return np.einsum("ik,il->kl", *scaled)


def _mapped(correlation, least):
    """Position of the base factor each boot factor goes with; their number where none correlates enough."""
    return np.where(correlation.max(axis=1) >= least, correlation.argmax(axis=1), correlation.shape[1])


def _quantiles(values, mapped, p):
    """Quantiles (5, p, m) over the boot factors mapped to each base factor."""
    found = np.full((len(QUANTILES), p, values.shape[2]), np.nan)
    for k in range(p):
        own = values[mapped == k]
        if len(own):
            found[:, k] = np.quantile(own, QUANTILES, axis=0)
    return found


def _contributions(runs, result):
    """Quantiles (5, n, p) of the contributions over the runs that drew a sample, and the number of those runs (n).

    A boot factor's mean over the samples drawn is set to that of the base factor it is mapped to, over the same.
    """
    (count, n), p = runs.rows.shape, len(result.f)
    values = np.full((count, n, p), np.nan)
    number = np.arange(count)[:, None]
    values[number, runs.rows] = runs.g  # rows drawn twice have equal contributions
    drawn = np.isfinite(values[..., 0])
    means = result.g[runs.rows].mean(axis=1)  # (runs, p)
    found = np.full((len(QUANTILES), n, p), np.nan)
    for k in range(p):
        run, factor = np.nonzero(runs.mapped == k)
        own = values[run, :, factor] * means[run, k, None]
        found[:, :, k] = _known_quantiles(own)
    return found, drawn.sum(axis=0)


def _known_quantiles(values):
    """Quantiles (5, columns) of the values (rows, columns) that are not NaN; NaN where all are."""
    ordered = np.sort(values, axis=0)  # NaN last
    known = np.isfinite(values).sum(axis=0)
    found = np.full((len(QUANTILES), values.shape[1]), np.nan)
    columns = np.flatnonzero(known)
    for number, quantile in enumerate(QUANTILES):
        place = quantile * (known[columns] - 1)
        below = place.astype(int)
        above = np.minimum(below + 1, known[columns] - 1)
        low, high = ordered[below, columns], ordered[above, columns]
        found[number, columns] = low + (place - below) * (high - low)
    return found


def _check(options, samples):
    if options.runs < 1:
        raise InputError(f"{options.runs} bootstrap runs: there must be at least 1; 100 or more give steady intervals.")
    if not 1 <= options.block <= samples:
        raise InputError(f"Blocks of {options.block} samples: the size must be from 1 to the {samples} samples fitted.")
    if not 0 <= options.min_correlation <= 1:
        raise InputError(f"The least correlation for mapping is {options.min_correlation:g}: it must be from 0 to 1.")
    if options.random_restarts < 0:
        raise InputError(f"{options.random_restarts} random restarts: there must be 0 or more.")


def _warnings(found):
    if not found.converged.all():
        yield f"{(~found.converged).sum()} of {len(found.converged)} bootstrap runs did not converge."
    for name, count in zip(found.base.factors, (found.mapping[:, :-1].sum(axis=0))):
        if count == 0:
            yield f"No boot factor was mapped to {name}: it has no bootstrap intervals."
