"""From concentrations to what the model fits: uncertainties, missing values, strong, weak and bad species.

The rules are those of EPA PMF 5.0 (Norris et al. 2014, EPA/600/R-14/108).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Union

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT

STRONG, WEAK, BAD = "strong", "weak", "bad"
WEAK_FACTOR = 3.0
BAD_BELOW, WEAK_UP_TO = 0.5, 1.0  # signal-to-noise: below 0.5 bad, up to 1 weak
MISSING_FACTOR = 4.0
MISSING_RULES = ("median", "drop")
ALL_BAD = "Every species is bad: none is left to fit. Name those to keep strong or weak."


@dataclass(frozen=True)
class UncertaintyRules:
    """How uncertainties are made and species are weighted.

    error_fraction: analytical error as a fraction of the concentration, one for all species or species -> fraction.
    extra: extra modelling uncertainty, a fraction of the concentration added in quadrature. missing: "median"
    (species median, uncertainty 4 times the median) or "drop" (leave the sample out). strong, weak, bad: species
    named so, whatever their signal-to-noise ratio. total: a species that sums others up, such as PM10: weak.
    """

    error_fraction: Union[float, Mapping[str, float]] = 0.1
    extra: float = 0.0
    missing: str = "median"
    strong: tuple = ()
    weak: tuple = ()
    bad: tuple = ()
    total: str = ""


@dataclass(frozen=True, eq=False)
class PmfData:
    """What the model fits.

    species (all), row (positions of the n samples kept, in the table given), given (its length), x and u (n x all
    species; u before the weak factor), category and signal_to_noise (by species), missing and below_detection
    (counts by species), total: name of the total variable or "".
    """

    species: tuple
    row: np.ndarray
    given: int
    x: np.ndarray
    u: np.ndarray
    category: tuple
    signal_to_noise: np.ndarray
    missing: np.ndarray
    below_detection: np.ndarray
    total: str = ""
    warnings: tuple = field(default=())

    @property
    def fitted(self):
        """Positions of the species that are fitted: those not bad."""
        return np.flatnonzero([category != BAD for category in self.category])

    @property
    def fitted_species(self):
        """Names of the species that are fitted."""
        return tuple(self.species[j] for j in self.fitted)

    @property
    def fitted_x(self):
        """Concentrations of the fitted species (n x m)."""
        return self.x[:, self.fitted]

    @property
    def fitted_u(self):
        """Uncertainties of the fitted species (n x m), those of weak ones tripled."""
        factor = [WEAK_FACTOR if self.category[j] == WEAK else 1.0 for j in self.fitted]
        return self.u[:, self.fitted] * factor

    def count(self, category):
        """Number of species of a category."""
        return sum(one == category for one in self.category)


def uncertainties(x, detection_limits, error_fraction):
    """Uncertainty of each concentration: 5/6 MDL at or below the limit, else sqrt((fraction x)^2 + (MDL/2)^2).

    x and detection_limits: n x m in the same unit, a limit of 0 where there is none; error_fraction: scalar or m.
    Norris et al. (2014), section 4.2, after Polissar et al. (1998).
    """
    above = np.hypot(error_fraction * x, 0.5 * detection_limits)
    return np.where((x <= detection_limits) & (detection_limits > 0), 5 / 6 * detection_limits, above)


def signal_to_noise(x, u):
    """Mean over samples of (x - u) / u, taken as 0 where x is below u; by species (Norris et al. 2014)."""
    return np.maximum(0.0, (x - u) / u).mean(axis=0)


def prepare(concentrations, detection_limits=None, given_uncertainties=None, rules=None, monitor=SILENT):
    """Concentrations (n x m table, NaN where missing) made ready for the model, as PmfData.

    detection_limits: a table of the same shape, or species -> limit; NaN or absent where unknown (then the species'
    median limit, else none). given_uncertainties: a table of the same shape that replaces the rules' own; those of
    weak species must not be tripled yet. Raises InputError for values that cannot be fitted, naming species and rows.
    """
    rules = rules or UncertaintyRules()
    table = pd.DataFrame(concentrations)
    species = tuple(str(name) for name in table.columns)
    _check_rules(rules, species)
    bad = np.isin(species, rules.bad)
    if bad.all():
        raise InputError(ALL_BAD)
    x = _numbers(table, "concentrations")
    _refuse(x < 0, species, "negative concentrations", "Correct them, or clear them to count as missing.")
    _refuse_empty(x, species, bad)
    limits = _limits(detection_limits, species, table)
    if given_uncertainties is None:
        u = uncertainties(x, limits, _fractions(rules.error_fraction, species))
    else:
        u = _given(given_uncertainties, table, species, x)
    u = np.hypot(u, rules.extra * x)
    missing = np.isnan(x)
    lost = missing[:, ~bad]
    row = np.flatnonzero(~(lost.any(axis=1) if rules.missing == "drop" else lost.all(axis=1)))
    if not len(row):
        raise InputError("No sample is left: each lacks a species. Fill missing values, or leave out the species.")
    _fill(x, u, bad)
    _refuse((u <= 0) & ~bad, species, "an uncertainty of 0", "A concentration of 0 needs a detection limit: give it.")
    x, u = x[row], np.where(u > 0, u, 1.0)[row]
    ratio = signal_to_noise(x, u)
    below = ((x <= limits[row]) & (limits[row] > 0) & ~missing[row]).sum(axis=0)
    category = _categories(ratio, species, rules)
    data = PmfData(species, row, len(table), x, u, category, ratio, missing.sum(axis=0), below, rules.total)
    return _told(data, missing, rules, monitor)


def _check_rules(rules, species):
    if rules.missing not in MISSING_RULES:
        raise InputError(f"Unknown rule for missing values '{rules.missing}': use {' or '.join(MISSING_RULES)}.")
    if rules.extra < 0:
        raise InputError(f"The extra modelling uncertainty is {rules.extra:g}: it must be 0 or more.")
    lists = {"strong": rules.strong, "weak": rules.weak, "bad": rules.bad}
    for kind, names in {**lists, "total": (rules.total,) if rules.total else ()}.items():
        unknown = [name for name in names if name not in species]
        if unknown:
            raise InputError(f"Named {kind}, but no species: {', '.join(unknown)}. There are {', '.join(species)}.")
    named = [name for names in lists.values() for name in names]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise InputError(f"Named in more than one of strong, weak and bad: {', '.join(twice)}.")


def _numbers(table, what):
    try:
        values = table.to_numpy(dtype=float, na_value=np.nan, copy=True)
    except (TypeError, ValueError) as error:
        raise InputError(f"The {what} are not all numbers: {error}.") from error
    _refuse(np.isinf(values), [str(name) for name in table.columns], f"infinite {what}", "Correct them.")
    return values


def _refuse(wrong, species, what, advice):
    """Raise InputError naming the first species that has wrong values, and their rows."""
    if wrong.any():
        j = int(np.flatnonzero(wrong.any(axis=0))[0])
        raise InputError(f"{species[j]} has {what} in rows {name_rows(np.flatnonzero(wrong[:, j]))}. {advice}")


def _refuse_empty(x, species, bad):
    for j, name in enumerate(species):
        if not bad[j] and not np.nansum(x[:, j]) > 0:
            state = "has no value" if np.isnan(x[:, j]).all() else "is 0 in every sample"
            raise InputError(f"{name} {state} and cannot be fitted. Leave it out or name it bad.")


def _limits(given, species, table):
    """Detection limits (n x m), 0 where there is none; unknown ones take the species' median."""
    limits = pd.DataFrame(np.nan, index=table.index, columns=list(species))
    if isinstance(given, pd.DataFrame):
        limits = given.set_axis([str(name) for name in given.columns], axis=1).reindex(columns=list(species))
        if len(limits) != len(table):
            raise InputError(f"There are {len(limits)} rows of detection limits for {len(table)} of concentrations.")
    else:
        for name, limit in (given or {}).items():
            limits[name] = float(limit)
    values = _numbers(limits.fillna(limits.median()).fillna(0.0)[list(species)], "detection limits")
    _refuse(values < 0, species, "negative detection limits", "A limit must be above 0.")
    return values


def _fractions(fraction, species):
    if isinstance(fraction, Mapping):
        lacking = [name for name in species if name not in fraction]
        if lacking:
            raise InputError(f"No error fraction is given for {', '.join(lacking)}.")
        fraction = [fraction[name] for name in species]
    fractions = np.broadcast_to(np.asarray(fraction, float), len(species))
    if not (np.isfinite(fractions) & (fractions >= 0)).all():
        raise InputError("Error fractions must be numbers of 0 or more, such as 0.1 for 10 %.")
    return fractions


def _given(given, table, species, x):
    given = pd.DataFrame(given)
    if given.shape != table.shape or list(map(str, given.columns)) != list(species):
        raise InputError(
            f"The uncertainties are {given.shape[0]} rows x {given.shape[1]} species, the concentrations "
            f"{table.shape[0]} x {table.shape[1]}: both need the same rows, and the same species in the same order."
        )
    u = _numbers(given, "uncertainties")
    present = ~np.isnan(x)
    _refuse(np.isnan(u) & present, species, "concentrations without an uncertainty", "Give it, or clear both.")
    _refuse((u <= 0) & present, species, "uncertainties of 0 or less", "An uncertainty must be above 0.")
    return u


def _fill(x, u, bad):
    """Missing values become the species' median with 4 times the median as uncertainty, in place."""
    for j in range(x.shape[1]):
        lost = np.isnan(x[:, j])
        if lost.any():
            median = 0.0 if lost.all() else np.median(x[~lost, j])
            if median == 0 and not bad[j]:  # more than half the values are 0: their median says nothing about size
                median = x[~lost, j].mean()
            x[lost, j], u[lost, j] = median, MISSING_FACTOR * median


def _categories(ratio, species, rules):
    category = []
    for name, value in zip(species, ratio):
        by_ratio = BAD if value < BAD_BELOW else WEAK if value <= WEAK_UP_TO else STRONG
        named = [kind for kind in (STRONG, WEAK, BAD) if name in getattr(rules, kind)]
        category.append(named[0] if named else WEAK if name == rules.total and by_ratio == STRONG else by_ratio)
    return tuple(category)


def _told(data, missing, rules, monitor):
    """The data with what a reader must know about them, also told to the monitor."""
    warnings = []
    for name, kind, value in zip(data.species, data.category, data.signal_to_noise):
        if kind != STRONG:
            monitor.info(f"{name} is {kind} (signal-to-noise {value:.2f}).")
        if kind == BAD and name not in rules.bad:
            warnings.append(f"{name} is left out as bad: its signal-to-noise is {value:.2f}, below {BAD_BELOW:g}.")
    if data.given > len(data.row):
        lost = np.setdiff1d(np.arange(data.given), data.row)
        what = "with missing values" if rules.missing == "drop" else "without any value"
        warnings.append(f"{len(lost)} samples {what} were left out: rows {name_rows(lost)}.")
    filled = missing[data.row].sum(axis=0)
    if filled.any():
        counts = ", ".join(f"{name} {n}" for name, n in zip(data.species, filled) if n)
        warnings.append(f"Missing values took the species' median with 4 times the median as uncertainty: {counts}.")
    for warning in warnings:
        monitor.warn(warning)
    return replace(data, warnings=tuple(warnings))
