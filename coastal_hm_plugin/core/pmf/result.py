"""What a factorization found, as tidy tables."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import diagnostics
from .uncertainty import PmfData


@dataclass(frozen=True, eq=False)
class Runs:
    """Every start: q_true, q_robust, iterations, converged, family (1 = that of the lowest Q); chosen: position."""

    q_true: np.ndarray
    q_robust: np.ndarray
    iterations: np.ndarray
    converged: np.ndarray
    family: np.ndarray
    chosen: int


@dataclass(frozen=True, eq=False)
class PmfResult:
    """The chosen run. g: contributions (n kept samples x p), mean 1; f: profiles (p x m fitted species), in the unit
    of the concentrations; factors in the order of their mean share of the species. q_expected: degrees of freedom.
    """

    data: PmfData
    options: Any
    g: np.ndarray
    f: np.ndarray
    runs: Runs
    q_expected: int
    warnings: tuple = ()

    @property
    def q_true(self):
        """Q(true) of the chosen run."""
        return float(self.runs.q_true[self.runs.chosen])

    @property
    def q_robust(self):
        """Q(robust) of the chosen run."""
        return float(self.runs.q_robust[self.runs.chosen])

    @property
    def factors(self):
        """Names of the factors: factor1 ..."""
        return tuple(f"factor{k}" for k in range(1, len(self.f) + 1))

    @property
    def predicted(self):
        """Modelled concentrations of the fitted species (n x m)."""
        return modelled(self.g, self.f)

    @property
    def residuals(self):
        """Scaled residuals of the fitted species (n x m): (observed - modelled) / uncertainty."""
        return (self.data.fitted_x - self.predicted) / self.data.fitted_u

    def profiles(self):
        """Long table: factor, species, concentration, percent_of_species, percent_of_factor_total.

        percent_of_species: the factor's share of the species' modelled mean. percent_of_factor_total: the species'
        share of the factor's sum over species, the total variable left out.
        """
        names = self.data.fitted_species
        summed = self._summed()
        factor_total = self.f[:, summed].sum(axis=1, keepdims=True)
        of_factor = np.where(summed, 100 * self.f / np.where(factor_total > 0, factor_total, 1.0), np.nan)
        return pd.DataFrame(
            {
                "factor": np.repeat(self.factors, len(names)),
                "species": list(names) * len(self.factors),
                "concentration": self.f.ravel(),
                "percent_of_species": 100 * shares(self.f).ravel(),
                "percent_of_factor_total": of_factor.ravel(),
            }
        )

    def contributions(self):
        """Contributions, mean 1, a column per factor, a row per sample given; NaN for samples left out."""
        table = np.full((self.data.given, len(self.factors)), np.nan)
        table[self.data.row] = self.g
        return pd.DataFrame(table, columns=list(self.factors))

    def factor_table(self):
        """One row per factor: share of the total in % (of the total variable, or of the sum of the fitted species),
        mean share of the species in %, lowest and highest contribution.
        """
        if self.data.total in self.data.fitted_species:
            amount = self.f[:, self.data.fitted_species.index(self.data.total)]
        else:
            amount = self.f.sum(axis=1)
        return pd.DataFrame(
            {
                "factor": list(self.factors),
                "percent_of_total": 100 * shares(amount),
                "mean_percent_of_species": 100 * shares(self.f).mean(axis=1),
                "lowest_contribution": self.g.min(axis=0),
                "highest_contribution": self.g.max(axis=0),
            }
        )

    def species_table(self):
        """One row per species, bad ones too: category, signal_to_noise, missing, below_detection, and the fit
        (see diagnostics.species_diagnostics).
        """
        data = self.data
        known = pd.DataFrame(
            {
                "species": list(data.species),
                "category": list(data.category),
                "signal_to_noise": data.signal_to_noise,
                "missing": data.missing,
                "below_detection": data.below_detection,
            }
        )
        fit = diagnostics.species_diagnostics(data.fitted_x, self.predicted, self.residuals, data.fitted_species)
        return known.merge(fit, on="species", how="left")

    def runs_table(self):
        """One row per start: run, q_robust, q_true, q_true_over_expected, iterations, converged, family, chosen."""
        runs = self.runs
        count = len(runs.q_true)
        return pd.DataFrame(
            {
                "run": np.arange(1, count + 1),
                "q_robust": runs.q_robust,
                "q_true": runs.q_true,
                "q_true_over_expected": runs.q_true / (self.q_expected if self.q_expected > 0 else np.nan),
                "iterations": runs.iterations,
                "converged": runs.converged,
                "family": runs.family,
                "chosen": np.arange(count) == runs.chosen,
            }
        )

    def large_residuals(self):
        """Scaled residuals beyond +-3: row (position in the table given), species, residual; largest first."""
        residuals = self.residuals
        i, j = np.nonzero(np.abs(residuals) > diagnostics.LARGE)
        species = np.array(self.data.fitted_species, dtype=object)
        found = pd.DataFrame({"row": self.data.row[i], "species": species[j], "residual": residuals[i, j]})
        return found.sort_values("residual", key=np.abs, ascending=False, ignore_index=True)

    def _summed(self):
        return np.array([name != self.data.total for name in self.data.fitted_species])


def modelled(g, f):
    """G F. einsum sums in one order whatever the number of threads."""
    return np.einsum("...np,...pm->...nm", g, f)


def shares(values):
    """Each value as a share (0 to 1) of the sum over the first axis, the factors."""
    total = values.sum(axis=0)
    return values / np.where(total > 0, total, 1.0)
