"""Bayesian mixing model: the shares of n sources in mixtures, from several tracers."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from .checks import outside_sources, predictive_check
from .model import MixingModel, MixingOptions
from .sampler import sample
from .sources import correlation_matrix

ROWS = 512  # chains of all groups that are sampled together
QUANTILES = {"q2_5": 0.025, "q5": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95, "q97_5": 0.975}
PLOTTED = 4000
DISAGREE = 1.05
MOST_CHECKED = 20  # groups with a predictive check of their own; single samples need none


@dataclass(frozen=True)
class MixingResult:
    """Posterior shares of K sources in G groups of mixtures.

    table: a row per group and source: group, source, samples, mean, sd, quantiles (q2_5 .. q97_5; the 95 %
    interval is q2_5 to q97_5), r_hat, ess, error (the error model used). correlation: a row per
    group and pair of sources. predictive: posterior predictive check (see checks). outside: DataFrame, a row per
    mixture: inside (share of simulated source polygons that hold it), outside (bool). draws: tuple of arrays
    (draws, K), one a group, for plots. mixtures: DataFrame (n, tracers); groups: labels (n,). warnings: tuple of texts.
    """

    table: pd.DataFrame
    correlation: pd.DataFrame
    predictive: pd.DataFrame
    outside: pd.DataFrame
    draws: tuple
    mixtures: pd.DataFrame
    groups: np.ndarray
    sources: object
    options: MixingOptions
    warnings: tuple

    @property
    def group_names(self):
        return tuple(dict.fromkeys(self.table["group"]))

    def wide(self):
        """A row per group: <source>_mean, _sd, _low95, _high95 of every source, then the worst r_hat and ess."""
        rows = []
        for _, part in self.table.groupby("group", sort=False):
            row = {}
            for one in part.itertuples():
                row.update({f"{one.source}_mean": one.mean, f"{one.source}_sd": one.sd,
                            f"{one.source}_low95": one.q2_5, f"{one.source}_high95": one.q97_5})  # fmt: skip
            rows.append({**row, "r_hat": part["r_hat"].max(), "ess": part["ess"].min()})
        return pd.DataFrame(rows)


def mixing_model(mixtures, sources, options=None, groups=None, monitor=SILENT):
    """Posterior shares of the sources in mixtures.

    mixtures: DataFrame (n, tracers), the sources' tracers; sources: :class:`Sources`; groups: labels (n,), each group
    with shares and an error of its own (fixed effect); None: one group. A group of one mixture cannot tell its
    residual error, so its error is the process error. Returns :class:`MixingResult`.
    Model: x_i ~ N(sum_k w_k (mu_k + lambda_k), V), mu_k ~ N(mean_k, SD_k^2 / n_k), p ~ Dirichlet(alpha); w = p, or
    p x concentration, normalised; V = sum_k w_k^2 (omega_k^2 + tau_k^2), times a factor for each tracer, or a
    covariance (see :class:`MixingOptions`). Raises InputError when tracers or numbers do not fit.
    Sources: Wu et al. 2025, Text S1, Eq. 1-5; Moore and Semmens 2008 (doi:10.1111/j.1461-0248.2008.01163.x); Stock
    et al. 2018 (doi:10.7717/peerj.5096); Phillips and Koch 2002 (doi:10.1007/s004420100786).
    """
    options = options or MixingOptions()
    alpha = np.array(options.prior or [1.0] * len(sources.names))
    if len(alpha) != len(sources.names):
        raise InputError(f"The prior has {len(alpha)} parameters for {len(sources.names)} sources.")
    values = _values(mixtures, sources)
    labels = np.array(["all"] * len(values) if groups is None else [str(label) for label in groups], dtype=object)
    if len(labels) != len(values):
        raise InputError(f"{len(labels)} groups for {len(values)} mixtures.")
    fitted = _fit(values, labels, sources, options, alpha, monitor.part(0.0, 0.9))
    outside = outside_sources(values, sources, options.seed, monitor=monitor)
    predictive = pd.concat([part.predictive for part in fitted], ignore_index=True)
    table = pd.concat([part.table for part in fitted], ignore_index=True)
    warnings = tuple(_warnings(table, outside, predictive, sources))
    for text in warnings:
        monitor.warn(text)
    correlation = pd.concat([part.correlation for part in fitted], ignore_index=True)
    draws = tuple(part.draws for part in fitted)
    frame = pd.DataFrame(values, columns=list(sources.tracers))
    return MixingResult(table, correlation, predictive, outside, draws, frame, labels, sources, options, warnings)


def per_sample(mixtures, sources, options=None, monitor=SILENT):
    """The mixing model of every mixture by itself (process error): :class:`MixingResult` with groups "1", "2" ...

    Draws fewer than for one group: an effective sample size of 400 is enough for a mean and an interval.
    """
    options = replace(options or MixingOptions(), error="process", chains=16, ess=400, r_hat=1.03)
    labels = [str(number + 1) for number in range(len(mixtures))]
    return mixing_model(mixtures, sources, options, labels, monitor)


@dataclass(frozen=True)
class _Group:
    table: pd.DataFrame
    correlation: pd.DataFrame
    predictive: pd.DataFrame
    draws: np.ndarray


def _values(mixtures, sources):
    absent = [tracer for tracer in sources.tracers if tracer not in mixtures.columns]
    if absent:
        raise InputError(f"The mixtures have no tracer {', '.join(absent)}.")
    values = mixtures[list(sources.tracers)].to_numpy(float)
    if not len(values) or not np.isfinite(values).all():
        raise InputError("The mixtures must be numbers without gaps, one row or more.")
    return values


def _fit(values, labels, sources, options, alpha, monitor):
    """Every group, in the order of first appearance; batches keep groups with the same error together."""
    names = list(dict.fromkeys(labels))
    members = {name: values[labels == name] for name in names}
    single = [name for name in names if len(members[name]) == 1]
    size = max(1, ROWS // options.chains)
    batches = [(some[start : start + size], error)
               for some, error in (([n for n in names if n not in set(single)], options.error), (single, "process"))
               for start in range(0, len(some), size)]  # fmt: skip
    found = {}
    for number, (some, error) in enumerate(batches):
        rng = np.random.default_rng([options.seed, number])
        model = MixingModel([members[name] for name in some], sources, options, alpha, error)
        chains = sample(model, options, rng, monitor.part(number / len(batches), (number + 1) / len(batches)))
        for place, name in enumerate(some):
            monitor.check()
            checked = len(members[name]) > 1 or len(names) <= MOST_CHECKED
            found[name] = _group(place, name, members[name], model, chains, rng if checked else None)
    return [found[name] for name in names]


def _group(place, name, values, model, chains, rng):
    sources, shares = model.sources.names, chains.shares[place].reshape(-1, len(model.alpha))
    table = pd.DataFrame(
        {
            "group": name,
            "source": sources,
            "samples": len(values),
            "mean": shares.mean(axis=0),
            "sd": shares.std(axis=0, ddof=1),
            **dict(zip(QUANTILES, np.quantile(shares, list(QUANTILES.values()), axis=0))),
            "r_hat": chains.r_hat[place],
            "ess": chains.ess[place],
            "error": model.error,
        }
    )
    matrix = correlation_matrix(shares)
    first, second = np.triu_indices(len(sources), 1)
    pairs = {"group": name, "a": np.array(sources)[first], "b": np.array(sources)[second], "r": matrix[first, second]}
    predictive = pd.DataFrame()
    if rng is not None:
        count = chains.z.shape[1] // len(chains.shares)
        rows = slice(place * count, (place + 1) * count)
        predictive = predictive_check(name, values, model, chains.z[:, rows], chains.log_variance[:, :, rows], rng)
    thinned = shares[:: max(1, len(shares) // PLOTTED)]
    return _Group(table, pd.DataFrame(pairs), predictive, thinned)


def _warnings(table, outside, predictive, sources):
    far = np.flatnonzero(outside["outside"])
    if len(far):
        yield (
            f"{len(far)} of {len(outside)} mixtures lie outside their sources ({name_rows(far)}): a source is "
            "missing, or a mean or discrimination is wrong. Their shares are forced to sum to 1 all the same."
        )
    poor = table[(table["r_hat"] > DISAGREE) | (table["ess"] < 100)]
    if len(poor):
        groups = list(dict.fromkeys(poor["group"]))
        named = ", ".join(groups[:5]) + (f" and {len(groups) - 5} more" if len(groups) > 5 else "")
        yield (
            f"The chains of {named} do not agree yet (R-hat up to "
            f"{poor['r_hat'].max():.2f}, effective sample size down to {poor['ess'].min():.0f}): draw more."
        )
    if len(predictive):
        odd = predictive[predictive["doubtful"]]
        if len(odd):
            named = ", ".join(f"{row.group} {row.statistic} of {row.tracer}" for row in odd.head(5).itertuples())
            yield f"The model does not predict the mixtures it was fitted to: {named}."
    if len(sources.names) > len(sources.tracers) + 1:
        yield (
            f"{len(sources.names)} sources for {len(sources.tracers)} tracers: several mixes explain the same mixture, "
            "so intervals are wide and the prior matters."
        )
