"""Checks of a mixing model: do the mixtures lie among their sources, does the model predict them."""

import numpy as np
import pandas as pd

from ..monitor import SILENT

POLYGONS = 1000
RARELY = 0.05
DOUBTFUL = 0.01


def outside_sources(values, sources, seed=1, polygons=POLYGONS, monitor=SILENT):
    """How many simulated source polygons hold each mixture.

    values: array (n, J). Each polygon has a corner per source, drawn from its mean and spread, discrimination
    included; a mixture in fewer than 5 % of them is outside. Where the sources are not more than the tracers, the
    polygon is flat and each tracer must lie between the drawn sources instead. Concentrations, which bend the
    polygon's sides, are not regarded. Returns a DataFrame with inside (0..1) and outside (bool), a row per mixture.
    Source: Smith et al. 2013 (doi:10.1111/2041-210X.12048).
    """
    values = np.asarray(values, float)
    rng = np.random.default_rng(seed)
    corners = sources.centre + sources.spread * rng.standard_normal((polygons, *sources.mean.shape))
    if sources.mean.shape[0] <= sources.mean.shape[1] or sources.mean.shape[1] == 1:
        inside = _of_each(values, _between(corners), monitor)
    elif sources.mean.shape[1] == 2:
        inside = _of_each(values, _in_polygon(corners), monitor)
    else:
        unit = np.sqrt((sources.spread**2).mean(axis=0))
        inside = _of_each(values, _in_hull(corners[: polygons // 5], unit), monitor)
    return pd.DataFrame({"inside": inside, "outside": inside < RARELY})


def _of_each(values, share_that_holds, monitor):
    found = np.empty(len(values))
    for number, value in enumerate(values):
        monitor.check()
        found[number] = share_that_holds(value)
    return found


def _between(corners):
    low, high = corners.min(axis=1), corners.max(axis=1)
    return lambda value: ((low <= value) & (value <= high)).all(axis=1).mean()


def _in_polygon(corners):
    """A point is in the hull when no half-plane through it is free of corners: no angular gap above 180 degrees."""

    def share(value):
        away = corners - value
        angles = np.sort(np.arctan2(away[:, :, 1], away[:, :, 0]), axis=1)
        gaps = np.diff(angles, axis=1, append=angles[:, :1] + 2 * np.pi)
        return (gaps.max(axis=1) <= np.pi).mean()

    return share


def _in_hull(corners, unit):
    """By non-negative least squares: a point of the hull is a convex combination of the corners."""
    from scipy.optimize import nnls

    systems = [np.vstack([one.T / unit[:, None], np.full(len(one), 100.0)]) for one in corners]
    return lambda value: np.mean([nnls(one, np.append(value / unit, 100.0))[1] < 1e-6 for one in systems])


def predictive_check(name, values, model, z, log_variance, rng):
    """Mean and SD of every tracer in the mixtures, beside those of mixtures that the fitted model draws.

    z: (size, chains, S), log_variance: (J, K, chains, S) as kept by the sampler. Returns a DataFrame, a row per
    statistic and tracer: observed, low_95, median, high_95, p (two-sided share of replicates as extreme), doubtful.
    """
    simulated = _replicates(len(values), model, z, log_variance, rng)
    observed = {"mean": values.mean(axis=0)}
    drawn = {"mean": simulated.mean(axis=1)}
    if len(values) > 1:
        observed["SD"], drawn["SD"] = values.std(axis=0, ddof=1), simulated.std(axis=1, ddof=1)
    rows = []
    for statistic, found in observed.items():
        for j, tracer in enumerate(model.sources.tracers):
            some = drawn[statistic][:, j]
            p = 2 * min((some <= found[j]).mean(), (some >= found[j]).mean())
            rows.append((name, tracer, statistic, found[j], *np.quantile(some, [0.025, 0.5, 0.975]), min(p, 1.0)))
    columns = ["group", "tracer", "statistic", "observed", "low_95", "median", "high_95", "p"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(doubtful=frame["p"] < DOUBTFUL)


def _replicates(count, model, z, log_variance, rng):
    """(draws, count, J): new mixtures, each draw with a shift of its own."""
    found = []
    for s in range(z.shape[-1]):
        mean, shift, single = model.moments(z[:, :, s], log_variance[:, :, :, s])
        common = mean.T + _normal(shift, 1, rng)[:, 0]
        found.append(common[:, None] + _normal(single, count, rng))
    return np.concatenate(found)


def _normal(covariance, count, rng):
    """count draws of N(0, V) for each of R covariances (J, J, R): (R, count, J)."""
    eigen, vectors = np.linalg.eigh(np.moveaxis(covariance, -1, 0))
    root = vectors * np.sqrt(np.maximum(eigen, 0))[:, None, :]
    return np.einsum("rcj,rij->rci", rng.standard_normal((len(root), count, len(covariance))), root)
