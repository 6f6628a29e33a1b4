"""Isotope deltas, and apparent fractionation between media."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from ..errors import InputError, name_rows
from ..monitor import SILENT

# Certified ratios of NIST SRM 981 with their uncertainties (certificate; Catanzaro et al. 1968,
# doi:10.6028/jres.072A.025); all with 206Pb in the denominator. SRM 3108 (Cd) has no certified ratio.
SRM_981 = {"204Pb/206Pb": (0.059042, 0.000037), "207Pb/206Pb": (0.91464, 0.00033), "208Pb/206Pb": (2.1681, 0.0008)}
STANDARDS = {
    "206Pb/204Pb (NIST SRM 981)": 1 / SRM_981["204Pb/206Pb"][0],
    "207Pb/204Pb (NIST SRM 981)": SRM_981["207Pb/206Pb"][0] / SRM_981["204Pb/206Pb"][0],
    "208Pb/204Pb (NIST SRM 981)": SRM_981["208Pb/206Pb"][0] / SRM_981["204Pb/206Pb"][0],
    "206Pb/207Pb (NIST SRM 981)": 1 / SRM_981["207Pb/206Pb"][0],
    "207Pb/206Pb (NIST SRM 981)": SRM_981["207Pb/206Pb"][0],
    "208Pb/206Pb (NIST SRM 981)": SRM_981["208Pb/206Pb"][0],
    "208Pb/207Pb (NIST SRM 981)": SRM_981["208Pb/206Pb"][0] / SRM_981["207Pb/206Pb"][0],
    "114Cd/110Cd (NIST SRM 3108)": None,
}


@dataclass(frozen=True)
class Fractionation:
    """Isotopic composition of media, in per mille. media: DataFrame of medium, n, mean, sd, se.

    differences: DataFrame, a row per pair of media: Delta = delta(a) - delta(b), its standard error (from the errors
    of the means), sd (from the spreads of the samples), 95 % interval and p of Welch's test, NaN where a medium has
    one sample and no stated error.
    """

    media: pd.DataFrame
    differences: pd.DataFrame


def standard_ratio(name, measured=0.0):
    """The ratio of a standard: ``measured`` where given (above 0), else the certified one of ``STANDARDS``.

    Raises InputError for an unknown standard and for one without a certified ratio.
    """
    if measured and measured > 0 and np.isfinite(measured):
        return float(measured)
    if name not in STANDARDS:
        raise InputError(f"There is no standard '{name}'. Known: {', '.join(STANDARDS)}.")
    if STANDARDS[name] is None:
        raise InputError(
            f"{name} has no certified isotope ratio: give the ratio of the standard as your instrument measured it."
        )
    return STANDARDS[name]


def delta(ratios, standard, ratio_sd=0.0, standard_sd=0.0):
    """delta = (R / R_standard - 1) x 1000, in per mille, and its standard uncertainty.

    ratios: array (n,), NaN where missing; standard: the standard's ratio; ratio_sd, standard_sd: their standard
    uncertainties. Returns two arrays (n,). Raises InputError for ratios that are not positive and for negative
    uncertainties. Source: Wu et al. 2025, Text S1, Eq. 1-3.
    """
    ratios, errors = np.asarray(ratios, float), np.asarray(ratio_sd, float)
    if not np.isfinite(standard) or standard <= 0:
        raise InputError(f"The ratio of the standard must be positive (got {standard:g}).")
    bad = (ratios <= 0) | np.isinf(ratios)
    if bad.any():
        raise InputError(f"Isotope ratios must be positive: rows {name_rows(np.flatnonzero(bad))} are not.")
    if (errors < 0).any() or standard_sd < 0:
        raise InputError("The uncertainty of an isotope ratio cannot be negative.")
    relative = ratios / standard
    sd = 1000 * np.sqrt((errors / standard) ** 2 + (relative * standard_sd / standard) ** 2)
    return 1000 * (relative - 1), np.broadcast_to(sd, ratios.shape).copy()


def fractionation(deltas, media, delta_sd=None, monitor=SILENT):
    """Mean delta of each medium and Delta between every two of them.

    deltas: array (n,), per mille, NaN where missing; media: array (n,) of texts; delta_sd: array (n,) of analytical
    standard uncertainties, the error of a medium with a single sample. Returns :class:`Fractionation`. Rows without
    a delta or a medium are left out and named. Raises InputError when nothing is left.
    """
    deltas, media = np.asarray(deltas, float), pd.Series(list(media), dtype="object")
    usable = np.isfinite(deltas) & media.notna().to_numpy()
    if not usable.any():
        raise InputError("No row has both an isotope value and a medium.")
    if not usable.all():
        lost = np.flatnonzero(~usable)
        monitor.warn(f"{len(lost)} rows without an isotope value or a medium were left out: {name_rows(lost)}.")
    errors = np.zeros(len(deltas)) if delta_sd is None else np.asarray(delta_sd, float)
    rows = []
    for name in dict.fromkeys(media[usable]):
        chosen = usable & (media == name).to_numpy()
        values, count = deltas[chosen], int(chosen.sum())
        sd = values.std(ddof=1) if count > 1 else (errors[chosen][0] or np.nan)
        rows.append((str(name), count, values.mean(), sd))
    return fractionation_of_summary(pd.DataFrame(rows, columns=["medium", "n", "mean", "sd"]))


def fractionation_of_summary(media):
    """Delta between media known by mean, SD and number of samples (as in a printed table).

    media: DataFrame with medium, n, mean, sd (per mille). Returns :class:`Fractionation`.
    Source: Wu et al. 2025, Text S1, Eq. 1-4; interval and test: Welch 1947 (doi:10.1093/biomet/34.1-2.28).
    """
    media = media.reset_index(drop=True).astype({"mean": float, "sd": float})
    negative = np.flatnonzero((media["sd"] < 0) | (media["n"] < 1))
    if len(negative):
        raise InputError(f"Media in rows {name_rows(negative)}: SD below 0 or no samples.")
    media["se"] = media["sd"] / np.sqrt(media["n"])
    pairs = [_difference(a, b) for a, b in combinations(media.itertuples(), 2)]
    columns = ["a", "b", "Delta", "se", "sd", "low_95", "high_95", "p"]
    return Fractionation(media, pd.DataFrame(pairs, columns=columns))


def _difference(a, b):
    value, variance = a.mean - b.mean, a.se**2 + b.se**2
    row = (a.medium, b.medium, value, np.sqrt(variance), np.hypot(a.sd, b.sd))
    parts = [one.se**4 / (one.n - 1) for one in (a, b) if one.n > 1]
    if not np.isfinite(variance) or variance == 0 or not parts:
        return (*row, np.nan, np.nan, np.nan)
    freedom = variance**2 / sum(parts)
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(variance)
    p = 2 * stats.t.sf(abs(value) / np.sqrt(variance), freedom)
    return (*row, value - reach, value + reach, p)
