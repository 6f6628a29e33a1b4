"""Variables compared between groups of sites, such as estuaries."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from .group_tests import Grouped, dunn, games_howell, kruskal_wallis, welch
from .letters import compact_letters

METHODS = ("kruskal", "welch")
MOST_GROUPS = 40
FEW = 5  # values a group, below which chi-square is a rough null distribution of H


@dataclass(frozen=True)
class GroupOptions:
    """method: "kruskal" (Kruskal-Wallis, Dunn with Holm) or "welch" (Welch's ANOVA, Games-Howell). log10: of the
    values, before all else. alpha: level of the letters. least: values a group must have to take part."""

    method: str = "kruskal"
    log10: bool = False
    alpha: float = 0.05
    least: int = 2

    def __post_init__(self):
        if self.method not in METHODS:
            raise InputError(f"'{self.method}' is no method to compare groups: choose one of {', '.join(METHODS)}.")
        if not 0 < self.alpha < 1:
            raise InputError(f"The level {self.alpha:g} must lie between 0 and 1, such as 0.05.")
        if self.least < 2:
            raise InputError(f"Groups of {self.least} cannot be compared: give 2 values a group or more.")


@dataclass(frozen=True, eq=False)
class GroupComparison:
    """k variables between groups.

    tests: a row per variable: variable, test, n, groups, statistic (H or F), df, df_within (Welch), p, effect_name,
    effect. pairs: a row per variable and pair of groups: group_1, group_2, n_1, n_2, difference (of mean ranks, or of
    means; 1 minus 2), statistic (z or t), df, p, p_adjusted (Holm, or Games-Howell's), effect_name, effect, differ.
    groups: a row per variable and group: n, missing, mean, sd, median, q25, q75, minimum, maximum, mean_rank, letters
    ("" where the group took no part). values: DataFrame (n, k) as compared; labels: n group names, None outside all.
    """

    tests: pd.DataFrame
    pairs: pd.DataFrame
    groups: pd.DataFrame
    values: pd.DataFrame
    labels: pd.Series
    options: GroupOptions
    warnings: tuple = ()

    @property
    def names(self):
        """The groups in their order."""
        return tuple(self.groups["group"].drop_duplicates())


def compare_groups(values, groups, options=None, monitor=SILENT):
    """Compare every variable between groups.

    values: DataFrame (n, k) of floats, NaN where missing. groups: n names (None, NaN or "" for no group). Rows without
    a group, groups with fewer values than ``options.least`` and, with log10, values that are not positive take no part
    and are named in ``warnings``, as are variables that cannot be tested. Returns GroupComparison.
    Raises InputError if there are fewer than two groups, more than 40, or no variable can be tested.
    """
    options = options or GroupOptions()
    if len(values) != len(groups):
        raise InputError(f"{len(values)} rows of values but {len(groups)} groups: give one group per row.")
    values, warnings = values.reset_index(drop=True).astype(float), []
    labels = _labels(groups, warnings)
    if options.log10:
        values = _log10(values, warnings)
    names = _names(labels)
    tests, pairs, summaries = [], [], []
    for number, variable in enumerate(values.columns):
        monitor.progress(number / len(values.columns))
        samples = {name: _known(values[variable][labels == name]) for name in names}
        found = _compare(variable, samples, options, warnings)
        tests += found[0]
        pairs += found[1]
        summaries += _summaries(variable, samples, labels, found[2])
    for warning in warnings:
        monitor.warn(warning)
    if not tests:
        raise InputError(f"No variable can be compared. {' '.join(warnings)}")
    tables = (pd.DataFrame(rows) for rows in (tests, pairs, summaries))
    return GroupComparison(*tables, values, labels, options, tuple(warnings))


def _labels(groups, warnings):
    labels = pd.Series(list(groups), dtype=object)
    labels = labels.where(labels.notna(), None).map(_text)
    outside = np.flatnonzero(labels.isna())
    if len(outside):
        warnings.append(f"{len(outside)} of {len(labels)} rows have no group and take no part: {name_rows(outside)}.")
    return labels


def _text(label):
    if label is None:
        return None
    whole = isinstance(label, (float, np.floating)) and float(label).is_integer()
    return str(int(label) if whole else label).strip() or None


def _names(labels):
    """The groups in order: as numbers where all are, else as texts."""
    names = list(labels.dropna().unique())
    try:
        names.sort(key=float)
    except ValueError:
        names.sort()
    if len(names) < 2:
        only = f"only '{names[0]}'" if names else "none"
        raise InputError(f"There must be two groups or more to compare; there is {only}. Choose another field.")
    if len(names) > MOST_GROUPS:
        raise InputError(
            f"There are {len(names)} groups; at most {MOST_GROUPS} can be compared. Is this the field of the groups?"
        )
    return names


def _log10(values, warnings):
    for name in values.columns:
        rows = np.flatnonzero(values[name] <= 0)
        if len(rows):
            warnings.append(f"{name}: {len(rows)} values that are not positive have no logarithm: {name_rows(rows)}.")
    return np.log10(values.where(values > 0))


def _known(column):
    return column.dropna().to_numpy()


def _compare(variable, samples, options, warnings):
    """Rows of tests and pairs, and per group its mean rank and letters; all empty where no test can be made."""
    few = [name for name, sample in samples.items() if len(sample) < options.least]
    kept = {name: sample for name, sample in samples.items() if name not in few}
    if few:
        counted = ", ".join(f"{name} ({len(samples[name])})" for name in few)
        warnings.append(f"{variable}: groups with fewer than {options.least} values take no part: {counted}.")
    why = _why_not(kept, options)
    if why:
        warnings.append(f"{variable} is not tested: {why}.")
        return [], [], {}
    small = [name for name, sample in kept.items() if len(sample) < FEW]
    if small:
        warnings.append(f"{variable}: fewer than {FEW} values in {', '.join(small)}: p is rough.")
    names, grouped = list(kept), Grouped(tuple(kept.values()))
    ranks = options.method == "kruskal"
    test = kruskal_wallis(grouped) if ranks else welch(grouped)
    row = {"variable": variable, "test": "Kruskal-Wallis" if ranks else "Welch's ANOVA", "n": grouped.n,
           "groups": len(names), **test}  # fmt: skip
    row["effect_name"] = "epsilon squared" if ranks else "omega squared"
    pairs = []
    for (i, j), found in zip(grouped.pairs, dunn(grouped) if ranks else games_howell(grouped)):
        named = {"variable": variable, "group_1": names[i], "group_2": names[j], "n_1": int(grouped.sizes[i]),
                 "n_2": int(grouped.sizes[j])}  # fmt: skip
        more = {"effect_name": "rank-biserial" if ranks else "Hedges g", "differ": found["p_adjusted"] < options.alpha}
        pairs.append({**named, **found, **more})
    return [row], pairs, _letters(names, grouped, pairs, grouped.mean_ranks if ranks else grouped.means)


def _why_not(samples, options):
    """Why a variable cannot be tested, or nothing."""
    if len(samples) < 2:
        return f"fewer than two groups have {options.least} values"
    everything = np.concatenate(list(samples.values()))
    if np.ptp(everything) == 0:
        return f"all its values are {everything[0]:g}"
    constant = [name for name, sample in samples.items() if np.ptp(sample) == 0]
    if constant and options.method == "welch":
        return f"all values of {', '.join(constant)} are equal, and Welch's ANOVA needs a variance in every group"
    return ""


def _letters(names, grouped, pairs, location):
    """Group -> (mean rank, letters), "a" for the highest."""
    order = np.argsort(-location, kind="stable")
    place = {names[index]: number for number, index in enumerate(order)}
    different = [(place[row["group_1"]], place[row["group_2"]]) for row in pairs if row["differ"]]
    letters = compact_letters(len(names), different)
    return {name: (rank, letters[place[name]]) for name, rank in zip(names, grouped.mean_ranks)}


def _summaries(variable, samples, labels, found):
    rows = []
    for name, sample in samples.items():
        rank, letters = found.get(name, (np.nan, ""))
        quartiles = np.percentile(sample, [25, 50, 75]) if len(sample) else [np.nan] * 3
        rows.append(
            {
                "variable": variable,
                "group": name,
                "n": len(sample),
                "missing": int((labels == name).sum()) - len(sample),
                "mean": sample.mean() if len(sample) else np.nan,
                "sd": sample.std(ddof=1) if len(sample) > 1 else np.nan,
                "median": quartiles[1],
                "q25": quartiles[0],
                "q75": quartiles[2],
                "minimum": sample.min(initial=np.inf) if len(sample) else np.nan,
                "maximum": sample.max(initial=-np.inf) if len(sample) else np.nan,
                "mean_rank": rank,
                "letters": letters,
            }
        )
    return rows
