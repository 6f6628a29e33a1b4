"""Two end-members, one isotope ratio at a time."""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT

COMPUTED, OUTSIDE = "computed", "outside the two end-members"
REFUSED = "refused: the end-members are nearer to each other ({gap:.3g}) than their errors ({error:.3g})"


def two_end_members(mixture, first, second, draws=100_000, seed=1):
    """Share of the first of two end-members, f = (x - b) / (a - b), for every tracer by itself.

    mixture, first, second: DataFrames indexed by tracer with the columns mean and error (standard uncertainty of
    that mean: the SD of a single sample, SD / sqrt(n) of a mean), in the tracer's unit. draws, seed: of the Monte
    Carlo propagation with normal errors. Returns a DataFrame indexed by tracer: share (not confined to 0..1),
    share_sd (half the central 68 % range), low_95, median, high_95, within (share of the draws in 0..1), verdict.
    Where |a - b| is not above the root of the summed squared errors, no share is given and the verdict says so.
    Raises InputError for negative errors and for tracers that are not in all three tables.
    Source: Wu et al. 2025, Text S1, Eq. 1-1 and 1-2.
    """
    for table in (first, second):
        absent = [tracer for tracer in mixture.index if tracer not in table.index]
        if absent:
            raise InputError(f"An end-member has no value of {', '.join(map(str, absent))}.")
    rng = np.random.default_rng(seed)
    rows = {tracer: _share(mixture.loc[tracer], first.loc[tracer], second.loc[tracer], draws, rng, tracer)
            for tracer in mixture.index}  # fmt: skip
    columns = ["share", "share_sd", "low_95", "median", "high_95", "within", "verdict"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("tracer")


def two_sources(mixtures, sources, groups, seed=1, monitor=SILENT):
    """:func:`two_end_members` of every group of mixtures, from the tables of a mixing model with two sources.

    mixtures: DataFrame (n, tracers); sources: Sources; groups: labels (n,). The errors are those of the means,
    SD / sqrt(n); the SD itself where a source's n is not known, none for a group of one mixture. Returns a DataFrame:
    group, tracer, source (the one the share is of), and the columns of two_end_members.
    Raises InputError unless there are two sources.
    """
    if len(sources.names) != 2:
        raise InputError(f"The two-end-member model needs exactly 2 sources ({len(sources.names)} given).")
    count = np.where(np.isfinite(sources.n), sources.n, 1.0)
    ends = [
        pd.DataFrame({"mean": sources.centre[k], "error": sources.spread[k] / np.sqrt(count[k])}, sources.tracers)
        for k in range(2)
    ]
    labels, found = np.asarray(groups, dtype=object), []
    for name in dict.fromkeys(labels):
        monitor.check()
        chosen = mixtures.loc[labels == name, list(sources.tracers)]
        mixture = pd.DataFrame({"mean": chosen.mean(), "error": chosen.sem().fillna(0.0)})
        table = two_end_members(mixture, *ends, seed=seed).reset_index()
        table.insert(0, "group", name)
        table.insert(2, "source", sources.names[0])
        found.append(table)
    return pd.concat(found, ignore_index=True)


def _share(mixture, first, second, draws, rng, tracer):
    values = np.array([mixture["mean"], first["mean"], second["mean"]], float)
    errors = np.array([mixture["error"], first["error"], second["error"]], float)
    if not (np.isfinite(values).all() and np.isfinite(errors).all()) or (errors < 0).any():
        raise InputError(f"{tracer}: means and errors must be numbers, and errors not negative.")
    gap, error = abs(values[1] - values[2]), np.hypot(errors[1], errors[2])
    if gap <= error:
        return (*[np.nan] * 6, REFUSED.format(gap=gap, error=error))
    x, a, b = values[:, None] + errors[:, None] * rng.standard_normal((3, draws))
    drawn = (x - b) / (a - b)
    low, lower, median, upper, high = np.quantile(drawn, [0.025, 0.1587, 0.5, 0.8413, 0.975])
    share = (values[0] - values[2]) / (values[1] - values[2])
    within = ((drawn >= 0) & (drawn <= 1)).mean()
    return share, (upper - lower) / 2, low, median, high, within, COMPUTED if 0 <= share <= 1 else OUTSIDE
