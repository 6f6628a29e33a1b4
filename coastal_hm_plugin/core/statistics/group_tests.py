"""Tests of one variable between groups: Kruskal-Wallis with Dunn, Welch with Games-Howell, and their effect sizes."""

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from .adjust import holm


@dataclass(frozen=True, eq=False)
class Grouped:
    """One variable: a tuple of arrays, each the values of a group (2 or more groups of 2 or more values)."""

    samples: tuple

    @cached_property
    def sizes(self):
        return np.array([len(sample) for sample in self.samples])

    @cached_property
    def n(self):
        return int(self.sizes.sum())

    @cached_property
    def means(self):
        return np.array([sample.mean() for sample in self.samples])

    @cached_property
    def variances(self):
        return np.array([sample.var(ddof=1) for sample in self.samples])

    @cached_property
    def ranks(self):
        """All values ranked together; equal ones share their mean rank."""
        from scipy.stats import rankdata

        return rankdata(np.concatenate(self.samples))

    @cached_property
    def mean_ranks(self):
        return np.array([part.mean() for part in np.split(self.ranks, np.cumsum(self.sizes)[:-1])])

    @cached_property
    def ties(self):
        """The sum of t^3 - t over runs of t equal values."""
        _, counts = np.unique(self.ranks, return_counts=True)
        return float((counts.astype(float) ** 3 - counts).sum())

    @property
    def pairs(self):
        return list(combinations(range(len(self.samples)), 2))


def kruskal_wallis(grouped):
    """H corrected for ties, df, p from chi-square, and epsilon squared = H / (n - 1).

    Sources: Kruskal and Wallis 1952, JASA 47, 583-621; Tomczak and Tomczak 2014, Trends in Sport Sciences 1, 19-25.
    """
    from scipy.stats import chi2

    n, df = grouped.n, len(grouped.samples) - 1
    spread = (grouped.sizes * (grouped.mean_ranks - (n + 1) / 2) ** 2).sum()
    h = 12 * spread / (n * (n + 1)) / (1 - grouped.ties / (n**3 - n))
    return {"statistic": h, "df": float(df), "df_within": np.nan, "p": float(chi2.sf(h, df)), "effect": h / (n - 1)}


def dunn(grouped):
    """Dunn's test of every pair on the ranks of all groups, corrected for ties, with Holm's adjustment.

    difference: of mean ranks, first group minus second; effect: rank-biserial correlation of the two groups alone, 1
    where every value of the first is above every value of the second.
    Sources: Dunn 1964, Technometrics 6, 241-252; Cureton 1956, Psychometrika 21, 287-290.
    """
    from scipy.stats import norm

    n = grouped.n
    variance = n * (n + 1) / 12 - grouped.ties / (12 * (n - 1))
    rows = []
    for i, j in grouped.pairs:
        difference = grouped.mean_ranks[i] - grouped.mean_ranks[j]
        z = difference / np.sqrt(variance * (1 / grouped.sizes[i] + 1 / grouped.sizes[j]))
        effect = rank_biserial(grouped.samples[i], grouped.samples[j])
        p = 2 * float(norm.sf(abs(z)))
        rows.append({"difference": difference, "statistic": z, "df": np.nan, "p": p, "effect": effect})
    for row, adjusted in zip(rows, holm([row["p"] for row in rows])):
        row["p_adjusted"] = adjusted
    return rows


def rank_biserial(first, second):
    """Share of pairs where the first is above the second minus the share where it is below: -1 to 1."""
    ordered = np.sort(second)
    above = np.searchsorted(ordered, first, "left").sum()
    below = (len(second) - np.searchsorted(ordered, first, "right")).sum()
    return float(above - below) / (len(first) * len(second))


def welch(grouped):
    """Welch's analysis of variance for unequal variances: F, both df, p, and omega squared (0 at least).

    Sources: Welch 1951, Biometrika 38, 330-336; omega squared = df (F - 1) / (df (F - 1) + n), Kirk 1996,
    Educational and Psychological Measurement 56, 746-759.
    """
    from scipy.stats import f as f_distribution

    k = len(grouped.samples)
    weights = grouped.sizes / grouped.variances
    share = weights / weights.sum()
    unequal = ((1 - share) ** 2 / (grouped.sizes - 1)).sum() / (k**2 - 1)
    between = (weights * (grouped.means - (share * grouped.means).sum()) ** 2).sum() / (k - 1)
    f = between / (1 + 2 * (k - 2) * unequal)
    df_within = 1 / (3 * unequal)
    p = float(f_distribution.sf(f, k - 1, df_within))
    excess = max((k - 1) * (f - 1), 0.0)
    effect = excess / (excess + grouped.n)
    return {"statistic": f, "df": float(k - 1), "df_within": df_within, "p": p, "effect": effect}


def games_howell(grouped):
    """Games and Howell's test of every pair: Welch's t against the studentized range of all groups.

    difference: of means, first group minus second; effect: Hedges' g (pooled SD, exact correction for small samples).
    Sources: Games and Howell 1976, Journal of Educational Statistics 1, 113-125; Hedges 1981, ibid. 6, 107-128.
    """
    from scipy.stats import studentized_range
    from scipy.stats import t as t_distribution

    rows = []
    for i, j in grouped.pairs:
        squared_errors = grouped.variances[[i, j]] / grouped.sizes[[i, j]]
        difference = grouped.means[i] - grouped.means[j]
        t = difference / np.sqrt(squared_errors.sum())
        df = squared_errors.sum() ** 2 / (squared_errors**2 / (grouped.sizes[[i, j]] - 1)).sum()
        adjusted = float(studentized_range.sf(abs(t) * np.sqrt(2), len(grouped.samples), df))
        rows.append({"difference": difference, "statistic": t, "df": df, "p": 2 * float(t_distribution.sf(abs(t), df)),
                     "effect": hedges_g(grouped.samples[i], grouped.samples[j]),
                     "p_adjusted": min(max(adjusted, 0.0), 1.0)})  # fmt: skip
    return rows


def hedges_g(first, second):
    """Difference of two means in pooled standard deviations, corrected for small samples."""
    from scipy.special import gammaln

    df = len(first) + len(second) - 2
    pooled = ((len(first) - 1) * first.var(ddof=1) + (len(second) - 1) * second.var(ddof=1)) / df
    correction = np.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    return float(correction * (first.mean() - second.mean()) / np.sqrt(pooled))
