"""The share of anthropogenic sources told twice: by PMF from concentrations, by a mixing model from isotopes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError

MARGIN = 0.3
AGREE, DIFFER, UNCERTAIN, UNTESTED = "agree", "differ", "cannot tell", "not tested"
INTERVALS = (("bs_percent_p5", "bs_percent_p95"), ("disp_percent_low", "disp_percent_high"))


@dataclass(frozen=True)
class Agreement:
    """table: a row per group: group, pmf, pmf_low, pmf_high, isotope, isotope_low, isotope_high, difference (PMF -
    isotopes), difference_low, difference_high (all shares, 0 to 1), verdict. species: of the PMF; factors, sources:
    those summed; margin: the difference that still counts as agreement.
    """

    table: pd.DataFrame
    species: str
    factors: tuple
    sources: tuple
    margin: float = MARGIN

    def rules(self):
        """How the verdicts are reached, in one paragraph."""
        return (
            "The interval of the difference joins the one-sided widths of both intervals as root sums of squares (Zou "
            f"and Donner 2008). The two '{DIFFER}' where it leaves out 0, '{AGREE}' where it holds 0 and stays within "
            f"±{self.margin:g}. Where it holds 0 and reaches further one '{UNCERTAIN}': nothing contradicts, but one "
            f"of the two is too uncertain to say more. It is '{UNTESTED}' where PMF has neither bootstrap nor DISP."
        )


def pmf_shares(profiles, factors, species, contributions=None, groups=None):
    """Share (0 to 1) of some factors in a species, with its interval.

    profiles: table with factor, species, percent_of_species and, where errors were estimated, bs_percent_p5 and
    bs_percent_p95 (bootstrap, 90 %), disp_percent_low and disp_percent_high (DISP at the lowest dQ), as of
    PmfResult.profiles(), pmf.join_intervals() or the tool's table. contributions: DataFrame of the sites concerned
    with a column a factor (mean 1 over all sites of the PMF); None: all sites of the PMF. groups: their labels; None:
    one group.
    The interval of a sum of factors runs from the sum of their lower to the sum of their upper bounds, but no further
    than the other factors leave room, and holds the base run; of bootstrap and DISP the wider end counts. Where the
    sites are not all sites, the bounds are weighted like the base run. Returns a DataFrame: group, share, low, high.
    Raises InputError for unknown factors and species.
    """
    own = _profile(profiles, factors, species)
    chosen = own.index.isin(factors)
    percent = own["percent_of_species"].to_numpy(float) / 100
    low, high = _bounds(own, chosen)
    if contributions is None:
        weights = pd.DataFrame(np.ones((1, len(own))), index=["all"])
    else:
        weights = _mean_contributions(contributions, own.index, groups)
    rows = []
    for label, weight in zip(weights.index, weights.to_numpy()):
        amounts = [(weight * percent)[part].sum() / max(percent[part].sum(), 1e-300) for part in (chosen, ~chosen)]
        inside, outside = np.maximum(amounts, 0.0)  # contributions may be slightly negative
        bounds = [_weighted(one, inside, outside) for one in (percent[chosen].sum() / percent.sum(), low, high)]
        rows.append((label, *bounds))
    return pd.DataFrame(rows, columns=["group", "share", "low", "high"])


def isotope_shares(result, sources):
    """Posterior share (0 to 1) of some sources together, with its 95 % interval, a row per group of a MixingResult.

    Returns a DataFrame: group, share, low, high. Raises InputError for unknown sources.
    """
    names = list(result.sources.names)
    _known(sources, names, "source", "mixing model")
    places, rows = [names.index(source) for source in sources], []
    for group, draws in zip(result.group_names, result.draws):
        own = result.table[result.table["group"] == group].set_index("source").loc[list(sources)]
        if len(sources) == 1:
            interval = own[["q2_5", "q97_5"]].iloc[0]
        else:
            interval = np.quantile(draws[:, places].sum(axis=1), [0.025, 0.975])
        rows.append((group, own["mean"].sum(), *interval))
    return pd.DataFrame(rows, columns=["group", "share", "low", "high"])


def agreement(pmf, isotopes, species="", factors=(), sources=(), margin=MARGIN):
    """Both shares beside one another, and whether they agree: :class:`Agreement`.

    pmf: table of :func:`pmf_shares`, with the isotopes' groups or a single row that stands for all of them; isotopes:
    table of :func:`isotope_shares`. margin: a difference that still counts as agreement. Raises InputError when a
    group of the isotopes has no PMF share, and for a margin not between 0 and 1.
    """
    if not 0 < margin < 1:
        raise InputError(f"The difference that counts as agreement must be between 0 and 1 ({margin:g} given).")
    shares = pmf.set_index("group")[["share", "low", "high"]]
    absent = [group for group in isotopes["group"] if group not in shares.index] if len(shares) > 1 else []
    if absent:
        raise InputError(f"There is no PMF share for the group {', '.join(map(str, absent))}.")
    rows = []
    for group, *isotope in isotopes[["group", "share", "low", "high"]].itertuples(index=False):
        own = shares.iloc[0] if len(shares) == 1 else shares.loc[group]
        difference = _difference(own.to_numpy(), isotope)
        rows.append((group, *own, *isotope, *difference, _verdict(difference, margin)))
    columns = ["group", "pmf", "pmf_low", "pmf_high", "isotope", "isotope_low", "isotope_high",
               "difference", "difference_low", "difference_high", "verdict"]  # fmt: skip
    return Agreement(pd.DataFrame(rows, columns=columns), species, tuple(factors), tuple(sources), margin)


def _profile(profiles, factors, species):
    _known([species], list(dict.fromkeys(profiles["species"])), "species", "PMF")
    own = profiles[profiles["species"] == species].set_index("factor")
    _known(factors, list(own.index), "factor", "PMF")
    if own.index.has_duplicates:
        raise InputError("The PMF profiles have several rows for one factor and species: give those of one medium.")
    if len(set(factors)) >= len(own):
        raise InputError(
            "All factors of the PMF are named: their share is 1 by definition. Name the anthropogenic ones."
        )
    return own


def _known(given, names, what, model):
    unknown = [str(one) for one in given if one and one not in names]
    if unknown or not any(given):
        named = (
            f"There is no {what} {', '.join(unknown)} in the {model}." if unknown else f"Name a {what} of the {model}."
        )
        raise InputError(f"{named} It has {', '.join(map(str, names))}.")


def _bounds(own, chosen):
    """Lower and upper bound of the summed share of the chosen factors, NaN without any interval."""
    low, high = np.inf, -np.inf
    share = own["percent_of_species"].to_numpy(float)[chosen].sum() / 100
    for names in INTERVALS:
        if not set(names) <= set(own.columns):
            continue
        lower, upper = (own[name].to_numpy(float) / 100 for name in names)
        if np.isnan([lower, upper]).any():
            continue
        low = min(low, share, max(lower[chosen].sum(), 1 - upper[~chosen].sum()))
        high = max(high, share, min(upper[chosen].sum(), 1 - lower[~chosen].sum()))
    return (low, high) if np.isfinite(low) else (np.nan, np.nan)


def _mean_contributions(contributions, factors, groups):
    absent = [factor for factor in factors if factor not in contributions.columns]
    if absent:
        raise InputError(f"The PMF contributions have no field {', '.join(absent)}.")
    labels = ["all"] * len(contributions) if groups is None else [str(group) for group in groups]
    means = contributions[list(factors)].astype(float).groupby(labels, sort=False).mean()
    if means.isna().any(axis=None):
        raise InputError(f"The PMF contributions of group {means.index[means.isna().any(axis=1)][0]} are all empty.")
    return means


def _weighted(share, inside, outside):
    """A share among all sites as one among those where the chosen factors and the others have these mean weights."""
    amount = inside * share
    return amount / (amount + outside * (1 - share))


def _difference(first, second):
    (a, low_a, high_a), (b, low_b, high_b) = first, second
    difference = a - b
    return difference, difference - np.hypot(a - low_a, high_b - b), difference + np.hypot(high_a - a, b - low_b)


def _verdict(difference, margin):
    _, low, high = difference
    if not np.isfinite([low, high]).all():
        return UNTESTED
    if low > 0 or high < 0:
        return DIFFER
    return AGREE if -margin <= low and high <= margin else UNCERTAIN
