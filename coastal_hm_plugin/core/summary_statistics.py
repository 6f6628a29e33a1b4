"""Summary statistics of concentrations with non-detects: Kaplan-Meier and regression on order statistics."""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .errors import InputError

METHODS = ("ros", "km", "substitute")
FEW_DETECTED = 3
MOST_CENSORED = 0.8  # beyond, neither method is trusted (Helsel 2012)
COLUMNS = ["element", "n", "nondetects", "method", "mean", "sd", "minimum", "q25", "median", "q75", "maximum",
           "skewness", "note"]  # fmt: skip


def summary_statistics(concentrations, censored=None, limits=None, method="ros"):
    """A row per element: n, nondetects, how they were treated, mean, sd, minimum, quartiles, maximum, skewness, note.

    concentrations: DataFrame (n, m), NaN where missing, non-detects substituted; censored: bool, like it; limits:
    detection limits, like it. method, for elements with non-detects: "ros", robust regression on order statistics on
    lognormal axes; "km", Kaplan-Meier; "substitute", the substitutes as they are. With fewer than 3 detected values or
    more than 80 % of non-detects the substitutes are used, and the note says so.
    Sources: Helsel and Cohn 1988 (doi:10.1029/WR024i012p01997); Helsel 2012, Statistics for Censored Environmental
    Data, 2nd ed., chapters 6 and 7.
    """
    if method not in METHODS:
        raise InputError(f"Non-detects are treated by one of {', '.join(METHODS)} (got {method!r}).")
    rows = [_row(name, concentrations, censored, limits, method) for name in concentrations]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(name, concentrations, censored, limits, method):
    values = concentrations[name].to_numpy(float)
    flags = np.zeros(len(values), bool) if censored is None else censored[name].to_numpy(bool)
    bounds = np.full(len(values), np.nan) if limits is None else limits[name].to_numpy(float)
    used = np.isfinite(values) | (flags & np.isfinite(bounds))
    values, flags, bounds = values[used], flags[used], bounds[used]
    row = {"element": name, "n": len(values), "nondetects": int(flags.sum()), "method": "measured", "note": ""}
    if flags.any():
        row["method"], row["note"] = method, _obstacle(values, flags, bounds)
        if row["note"]:
            row["method"] = "substitute"
    if row["method"] == "km":
        return {**row, **_km_statistics(values[~flags], bounds[flags])}
    if row["method"] == "ros":
        values = np.concatenate([values[~flags], impute_by_ros(values[~flags], bounds[flags])])
    return {**row, **_plain(values[np.isfinite(values)])}


def _obstacle(values, flags, bounds):
    if not np.isfinite(bounds[flags]).all():
        return "detection limits are not known: substitutes used"
    if (~flags).sum() < FEW_DETECTED or flags.mean() > MOST_CENSORED:
        return "too few detected values: substitutes used"
    if (values[~flags] <= 0).any():
        return "values of 0 have no logarithm: substitutes used"
    return ""


def _plain(values):
    if not len(values):
        return {}
    quartiles = np.percentile(values, [0, 25, 50, 75, 100])
    sd = values.std(ddof=1) if len(values) > 1 else np.nan
    centred = values - values.mean()
    second = (centred**2).mean()
    skewness = (centred**3).mean() / second**1.5 if second > 0 else np.nan
    return {"mean": values.mean(), "sd": sd, "skewness": skewness,
            **dict(zip(("minimum", "q25", "median", "q75", "maximum"), quartiles))}  # fmt: skip


def impute_by_ros(detected, limits):
    """Values for non-detects from a line through the logarithms of the detected values against normal scores.

    detected: (d,), above 0; limits: (c,), of the non-detects. Returns (c,), in the order of the sorted limits.
    Source: Helsel and Cohn 1988; plotting positions for several limits after Hirsch and Stedinger 1987.
    """
    detected, limits = np.sort(detected), np.sort(limits)
    edges = np.concatenate([[0.0], np.unique(limits), [np.inf]])
    exceeded = np.zeros(len(edges))  # probability to exceed each edge; nothing exceeds infinity
    group = np.searchsorted(edges, detected, side="right") - 1
    for j in range(len(edges) - 2, -1, -1):
        within = (group == j).sum()
        below = (detected < edges[j]).sum() + (limits <= edges[j]).sum()
        share = within / (within + below) if within + below else 0.0
        exceeded[j] = exceeded[j + 1] + share * (1 - exceeded[j + 1])
    rank = 1 + np.arange(len(detected)) - np.searchsorted(group, group, side="left")
    size = np.bincount(group, minlength=len(edges))[group]
    position = 1 - exceeded[group] + rank / (size + 1) * (exceeded[group] - exceeded[group + 1])
    slope, intercept = np.polyfit(ndtri(position), np.log(detected), 1)
    edge = np.searchsorted(edges, limits)
    order = 1 + np.arange(len(limits)) - np.searchsorted(limits, limits, side="left")
    count = np.array([(limits == one).sum() for one in limits])
    return np.exp(intercept + slope * ndtri(order / (count + 1) * (1 - exceeded[edge])))


def kaplan_meier(detected, limits):
    """Distribution of left-censored values: the distinct detected values (ascending), and P(X <= each).

    The value below which nothing was detected keeps the rest of the probability: at the lowest limit if a non-detect
    lies there (Efron's convention), which biases the mean upward a little.
    """
    values = np.unique(detected)
    events = np.array([(detected == value).sum() for value in values])
    at_risk = np.array([(detected <= value).sum() + (limits <= value).sum() for value in values])
    # P(X < value), from the highest down
    below = np.cumprod((1 - events / at_risk)[::-1])[::-1]
    return values, np.append(below[1:], 1.0), below[0]


def _km_statistics(detected, limits):
    values, cumulative, rest = kaplan_meier(detected, limits)
    mass = np.diff(np.concatenate([[rest], cumulative]))
    if rest > 1e-12:
        values, mass = np.append(limits.min(), values), np.append(rest, mass)
        order = np.argsort(values, kind="stable")
        values, mass = values[order], mass[order]
    mean = (mass * values).sum()
    total = len(detected) + len(limits)
    variance = (mass * (values - mean) ** 2).sum() * total / (total - 1)
    reached = np.cumsum(mass)
    quartiles = [values[min(np.searchsorted(reached, share - 1e-12), len(values) - 1)] for share in (0.25, 0.5, 0.75)]
    lowest = limits.min() if limits.min() < detected.min() else detected.min()
    return {"mean": mean, "sd": np.sqrt(variance), "minimum": lowest, "q25": quartiles[0], "median": quartiles[1],
            "q75": quartiles[2], "maximum": detected.max(), "skewness": np.nan}  # fmt: skip
