"""Whether two factorizations, of soil and of sediment, found the same sources: their profiles beside each other."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from ..errors import InputError
from ..monitor import SILENT

SIGNIFICANT = 0.05
FEWEST_SPECIES = 3
CHECK_EVERY = 200  # permutations between two questions whether to stop


@dataclass(frozen=True)
class MatchOptions:
    """When two profiles are one source: a cosine of at least ``same``, and one that permuted species reach in at most
    5 % of the permutations.
    """

    same: float = 0.9
    permutations: int = 2000
    seed: int = 1


@dataclass(frozen=True, eq=False)
class FactorComparison:
    """Factors of result ``a`` beside those of ``b``.

    labels: what a and b are ("soil", "sediment"). species: those compared. scaled_a, scaled_b: profiles (p x species)
    as they were compared, each species divided by its common mean, at length 1. cosines: (p of a, p of b). partner: for
    each factor of a the position of its factor of b, -1 for none. null: cosine of each factor of a with its partner
    when the species of b are permuted (permutations, p of a), NaN where it has none.
    """

    a: Any
    b: Any
    labels: tuple
    species: tuple
    options: MatchOptions
    scaled_a: np.ndarray
    scaled_b: np.ndarray
    cosines: np.ndarray
    partner: np.ndarray
    null: np.ndarray = field(repr=False)

    @property
    def matched(self):
        """Positions of the factors of a that have a partner."""
        return np.flatnonzero(self.partner >= 0)

    def table(self):
        """One row per factor of a, then those of b left over: medium_a, factor_a, medium_b, factor_b, cosine,
        null_median and null_95 (of the cosine, species permuted), p_value, same_source.
        """
        left, right = self.a.factors, self.b.factors
        rows = []
        for k, partner in enumerate(self.partner):
            if partner < 0:
                rows.append({"factor_a": left[k], "factor_b": "", "same_source": False})
                continue
            cosine, null = self.cosines[k, partner], self.null[:, k]
            p_value = (1 + (null >= cosine - 1e-12).sum()) / (1 + len(null))
            rows.append(
                {
                    "factor_a": left[k],
                    "factor_b": right[partner],
                    "cosine": cosine,
                    "null_median": np.median(null),
                    "null_95": np.quantile(null, 0.95),
                    "p_value": p_value,
                    "same_source": bool(cosine >= self.options.same and p_value <= SIGNIFICANT),
                }
            )
        spare = np.setdiff1d(np.arange(len(right)), self.partner)
        rows += [{"factor_a": "", "factor_b": right[k], "same_source": False} for k in spare]
        table = pd.DataFrame(rows, columns=COLUMNS)
        table["medium_a"], table["medium_b"] = self.labels
        return table

    def cosine_table(self):
        """Every pair, a row each: factor_a, factor_b, cosine, matched."""
        left, right = np.meshgrid(np.arange(len(self.a.factors)), np.arange(len(self.b.factors)), indexing="ij")
        return pd.DataFrame(
            {
                "factor_a": np.array(self.a.factors)[left.ravel()],
                "factor_b": np.array(self.b.factors)[right.ravel()],
                "cosine": self.cosines.ravel(),
                "matched": self.partner[left.ravel()] == right.ravel(),
            }
        )

    def verdict(self):
        """What the comparison says, in one sentence."""
        table = self.table()
        same = table[table["same_source"]]
        one, other = self.labels
        count = min(len(self.a.factors), len(self.b.factors))
        if same.empty:
            return f"None of the factors of {one} and {other} can be said to be the same source."
        pairs = "; ".join(
            f"{row.factor_a} of {one} and {row.factor_b} of {other} (cosine {row.cosine:.2f})"
            for row in same.itertuples()
        )
        return f"{len(same)} of {count} pairs of factors are the same source in {one} and {other}: {pairs}."


COLUMNS = (
    "medium_a",
    "factor_a",
    "medium_b",
    "factor_b",
    "cosine",
    "null_median",
    "null_95",
    "p_value",
    "same_source",
)


def compare_factors(a, b, labels=("a", "b"), options=None, monitor=SILENT):
    """Match the factors of two PmfResults by the cosine of their profiles: a FactorComparison.

    Concentrations are divided by the species' mean, the geometric mean of its modelled means in a and b: in mg/kg a few
    major elements would decide the cosine alone. The divisor is the same for both, so that a source with the same
    ratios of elements has a cosine of 1 however strong it is in either (its shares of the species would differ then).
    Pairs are those whose cosines have the largest sum. Profiles have no negative values, so unrelated ones have high
    cosines too: the null level is what the same assignment reaches when the species of b are permuted. Compared are the
    species that both have fitted, total variables left out. Raises InputError when fewer than 3 are shared.
    """
    options = options or MatchOptions()
    _check(options)
    species = tuple(name for name in _species(a) if name in _species(b))
    if len(species) < FEWEST_SPECIES:
        raise InputError(
            f"Factors of {labels[0]} and {labels[1]} share {len(species)} species: profiles need at least "
            f"{FEWEST_SPECIES} to be compared."
        )
    left, right = _scaled(a, b, species)
    cosines = np.einsum("kj,lj->kl", left, right)
    partner = _assign(cosines)
    null = np.full((options.permutations, len(left)), np.nan)
    rng = np.random.default_rng(options.seed)
    for i in range(options.permutations):
        if i % CHECK_EVERY == 0:
            monitor.progress(i / options.permutations)
        permuted = np.einsum("kj,lj->kl", left, right[:, rng.permutation(len(species))])
        chosen = _assign(permuted)
        kept = np.flatnonzero(chosen >= 0)
        null[i, kept] = permuted[kept, chosen[kept]]
    monitor.progress(1.0)
    return FactorComparison(a, b, tuple(labels), species, options, left, right, cosines, partner, null)


def _check(options):
    if not 0 < options.same <= 1:
        raise InputError(f"The cosine of the same source is {options.same:g}: it must be above 0 and at most 1.")
    if options.permutations < 19:
        raise InputError(f"{options.permutations} permutations: at least 19 are needed to tell 5 %.")


def _species(result):
    return [name for name in result.data.fitted_species if name != result.data.total]


def _scaled(a, b, species):
    """Profiles of a and of b (p x species) over the common mean of each species, at length 1; an empty one stays 0."""
    found = []
    for result in (a, b):
        names = result.data.fitted_species
        found.append(result.f[:, [names.index(name) for name in species]])
    one, other = (f.sum(axis=0) for f in found)
    # a species absent from one medium has the mean it has in the other
    mean = np.sqrt(np.where(one > 0, one, other) * np.where(other > 0, other, one))
    for f in found:
        f /= np.where(mean > 0, mean, 1.0)
        length = np.sqrt((f**2).sum(axis=1, keepdims=True))
        f /= np.where(length > 0, length, 1.0)
    return found


def _assign(cosines):
    """For each row its column in the assignment with the largest sum, -1 for none."""
    partner = np.full(len(cosines), -1)
    rows, columns = linear_sum_assignment(-cosines)
    partner[rows] = columns
    return partner
