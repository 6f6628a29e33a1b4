"""Several media in one model: one table, one set of profiles, and what each source gives to each medium."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from . import diagnostics
from .base_model import PmfOptions, factorize
from .matching import compare_factors
from .result import PmfResult, shares
from .uncertainty import prepare, signal_to_noise

AS_WELL = 2.0  # one model fits as well as several if Q rises by less than twice what fewer free values let it


@dataclass(frozen=True, eq=False)
class Stacked:
    """Samples of several media as one table (n rows): concentrations and detection_limits (n x m, the elements that all
    media have), medium and row (in that medium's samples) of every row; unit; warnings.
    """

    media: tuple
    concentrations: pd.DataFrame
    detection_limits: pd.DataFrame
    medium: np.ndarray
    row: np.ndarray
    unit: str
    warnings: tuple = ()


@dataclass(frozen=True, eq=False)
class Joint:
    """One factorization of several media. result: PmfResult of the stacked table. apart: medium -> PmfResult of its
    rows alone, the same values and weights. matches: medium -> FactorComparison of the joint factors with those apart.
    """

    stacked: Stacked
    result: PmfResult
    apart: dict
    matches: dict
    warnings: tuple = ()

    @property
    def media(self):
        """Names of the media, in the order given."""
        return self.stacked.media

    def contributions(self, medium=None):
        """Contributions, mean 1 over all media. Of one medium: a row per sample given, NaN for samples left out. Of
        all (None): with medium and row (from 0, in its samples) before them.
        """
        table = self.result.contributions()
        if medium is None:
            table.insert(0, "medium", self.stacked.medium)
            table.insert(1, "row", self.stacked.row)
            return table
        return table[self.stacked.medium == medium].reset_index(drop=True)

    def profiles(self):
        """Long table, a row per medium, factor and species: concentration (the factor's part of the medium's modelled
        mean, in its unit) and percent_of_species (share of that mean).
        """
        names, factors = self.result.data.fitted_species, self.result.factors
        parts = []
        for medium in self.media:
            amount = self._amount(medium)
            parts.append(
                pd.DataFrame(
                    {
                        "medium": medium,
                        "factor": np.repeat(factors, len(names)),
                        "species": list(names) * len(factors),
                        "concentration": amount.ravel(),
                        "percent_of_species": 100 * shares(amount).ravel(),
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)

    def shares(self):
        """What each factor gives to each medium, a row per medium and factor: samples, mean_contribution (1 over all
        media), percent_of_total (of the total variable, or of the sum of the species), mean_percent_of_species.
        """
        data, rows = self.result.data, []
        for medium in self.media:
            inside, amount = self._rows(medium), self._amount(medium)
            total = amount.sum(axis=1)
            if data.total in data.fitted_species:
                total = amount[:, data.fitted_species.index(data.total)]
            rows.append(
                pd.DataFrame(
                    {
                        "medium": medium,
                        "factor": list(self.result.factors),
                        "samples": int(inside.sum()),
                        "mean_contribution": self.result.g[inside].mean(axis=0),
                        "percent_of_total": 100 * shares(total),
                        "mean_percent_of_species": 100 * shares(amount).mean(axis=1),
                    }
                )
            )
        return pd.concat(rows, ignore_index=True)

    def fit_table(self):
        """Fit in one model beside fit apart, a row per medium and one for all: medium, samples, q_true_joint,
        q_true_apart, q_robust_joint, q_robust_apart, rise_percent (of the Q that was minimized), least_cosine of the
        matched profiles.
        """
        rows = []
        for medium in self.media:
            own, apart = self.result.residuals[self._rows(medium)], self.apart[medium]
            comparison = self.matches[medium]
            matched = comparison.cosines[comparison.matched, comparison.partner[comparison.matched]]
            rows.append(
                {
                    "medium": medium,
                    "samples": len(own),
                    "q_true_joint": float(diagnostics.q_true(own)),
                    "q_true_apart": apart.q_true,
                    "q_robust_joint": float(diagnostics.q_robust(own)),
                    "q_robust_apart": apart.q_robust,
                    "least_cosine": float(matched.min()),
                }
            )
        table = pd.DataFrame(rows)
        whole = table.drop(columns=["medium", "least_cosine"]).sum()
        table.loc[len(table)] = {"medium": "all", **whole, "least_cosine": table["least_cosine"].min()}
        table["samples"] = table["samples"].astype(int)
        q = "q_robust" if self.result.options.solver.robust else "q_true"
        table.insert(6, "rise_percent", 100 * (table[f"{q}_joint"] / table[f"{q}_apart"] - 1))
        return table

    @property
    def rise_percent(self):
        """How much higher Q is in one model than apart."""
        return float(self.fit_table()["rise_percent"].iloc[-1])

    @property
    def expected_rise_percent(self):
        """How much fewer free values would raise it if the profiles were the same: one set of profiles, not several."""
        n, m = self.result.data.fitted_x.shape
        p, count = len(self.result.f), len(self.media)
        left = n * m - p * (n + count * m)
        return 100 * (count - 1) * p * m / left if left > 0 else np.nan

    @property
    def as_well(self):
        """Whether one set of profiles fits all media as well as one for each."""
        return bool(self.rise_percent <= AS_WELL * self.expected_rise_percent)

    def verdict(self):
        """What the joint model says, in one sentence."""
        media = " and ".join(self.media)
        numbers = f"Q rises by {self.rise_percent:.1f} %, fewer free values alone would raise it by about "
        numbers += f"{self.expected_rise_percent:.1f} %"
        if self.as_well:
            return f"One set of profiles fits {media} as well as one for each ({numbers})."
        return (
            f"One set of profiles does not fit {media} as well as one for each ({numbers}): some profiles differ "
            "between the media. Read the shares of the joint model as an average."
        )

    def _rows(self, medium):
        return self.stacked.medium[self.result.data.row] == medium

    def _amount(self, medium):
        """What each factor gives to the medium's modelled mean of each species (p x m)."""
        return self.result.g[self._rows(medium)].mean(axis=0)[:, None] * self.result.f


def stack(samples, labels=None, monitor=SILENT):
    """Put Samples of several media under each other, with the medium as a column: Stacked.

    labels: names of the media, by default those the samples carry. A detection limit that is unknown takes the median
    of its own medium. Raises InputError for fewer than two media, equal names, or units that differ.
    """
    samples = tuple(samples)
    labels = tuple(labels) if labels else tuple(one.medium for one in samples)
    if len(samples) < 2 or len(set(labels)) < len(samples):
        raise InputError(
            f"Media for one model: {', '.join(labels) or 'none'}. Needed: two or more, of different names."
        )
    units = {one.unit for one in samples}
    if len(units) > 1:
        raise InputError(f"The media are in different units ({', '.join(sorted(units))}): they cannot share profiles.")
    elements = [name for name in samples[0].elements if all(name in one.elements for one in samples)]
    if not elements:
        raise InputError(f"{' and '.join(labels)} have no element in common.")
    warnings = []
    for one, label in zip(samples, labels):
        lost = [name for name in one.elements if name not in elements]
        if lost:
            warnings.append(f"Not in all media, and left out of the joint model: {', '.join(lost)} of {label}.")
    for warning in warnings:
        monitor.warn(warning)
    limits = [one.detection_limits[elements] for one in samples]
    return Stacked(
        labels,
        pd.concat([one.concentrations[elements] for one in samples], ignore_index=True),
        pd.concat([each.fillna(each.median()).fillna(0.0) for each in limits], ignore_index=True),
        np.repeat(np.array(labels, dtype=object), [len(one) for one in samples]),
        np.concatenate([np.arange(len(one)) for one in samples]),
        units.pop(),
        tuple(warnings),
    )


def joint(samples, options=None, monitor=SILENT, uncertainties=None, labels=None):
    """Factorize several media in one model, and each apart for comparison: a Joint.

    samples: Samples of each medium, in the same unit. uncertainties: a table for each (n x m, their elements), or None.
    The media are not scaled: a source has one profile in mg/kg, and a medium that holds less of it has lower
    contributions. Scaling each medium to its own level would give one source two profiles. Every sample counts alike,
    so a medium with more samples has more weight. Apart, a medium has the values and weights it has in the joint model,
    so that the sum of their Q can be set beside the joint Q. Raises InputError as stack, prepare and factorize do.
    """
    options = replace(options or PmfOptions(), run=None)
    stacked = stack(samples, labels, monitor)
    given = _stacked_uncertainties(uncertainties, stacked)
    data = prepare(stacked.concentrations, stacked.detection_limits, given, options.uncertainty, monitor)
    result = factorize(data, options, monitor.part(0.0, 0.5))
    apart, matches = {}, {}
    steps = np.linspace(0.5, 1.0, len(stacked.media) + 1)
    for medium, start, stop in zip(stacked.media, steps, steps[1:]):
        own = _part_of(data, stacked, medium)
        _check_size(own, medium, options.factors)
        quiet = replace(monitor.part(start, stop), on_warning=SILENT.on_warning)
        apart[medium] = factorize(own, options, quiet.part(0.0, 0.8))
        matches[medium] = compare_factors(result, apart[medium], ("joint", medium), monitor=quiet.part(0.8, 1.0))
    return Joint(stacked, result, apart, matches, (*stacked.warnings, *result.warnings))


def _stacked_uncertainties(tables, stacked):
    if tables is None:
        return None
    return pd.concat([pd.DataFrame(one)[list(stacked.concentrations)] for one in tables], ignore_index=True)


def _part_of(data, stacked, medium):
    """The rows of one medium of the joint data, with the weights they have there."""
    inside = stacked.medium == medium
    keep = inside[data.row]
    first = int(np.flatnonzero(inside)[0])
    x, u, limits = data.x[keep], data.u[keep], stacked.detection_limits.to_numpy()[data.row[keep]]
    missing = stacked.concentrations.isna().to_numpy()
    below = (x <= limits) & (limits > 0) & ~missing[data.row[keep]]
    return replace(
        data,
        row=data.row[keep] - first,
        given=int(inside.sum()),
        x=x,
        u=u,
        signal_to_noise=signal_to_noise(x, u),
        missing=missing[inside].sum(axis=0),
        below_detection=below.sum(axis=0),
        warnings=(),
    )


def _check_size(data, medium, factors):
    if len(data.row) <= factors:
        raise InputError(f"{medium} has {len(data.row)} samples for {factors} factors: each medium needs more.")
