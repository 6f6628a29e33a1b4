"""Sediment-water partition coefficients (Kd)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .errors import InputError, name_rows
from .monitor import SILENT

LITRES_PER_KG = 1000.0  # (mg/kg) / (ug/L) in L/kg
WU_2025 = 100.0  # Eq. 1 of Wu et al. 2025: a tenth of L/kg
WATER_FRACTIONS = ("filtered", "total", "unknown")
AT_MOST, AT_LEAST, UNBOUNDED = "at most", "at least", "not bounded"


@dataclass(frozen=True)
class PartitionOptions:
    """factor: Kd = factor x sediment (mg/kg) / water (ug/L); 1000 gives L/kg. 100 is the factor printed in Wu et al.
    2025, whose log10 Kd is exactly 1 lower. water_fraction: what the water concentrations are, one of
    ``WATER_FRACTIONS``: Kd of total (unfiltered) water is biased low by the metal on suspended particles."""

    factor: float = LITRES_PER_KG
    water_fraction: str = "unknown"

    def __post_init__(self):
        if not np.isfinite(self.factor) or self.factor <= 0:
            raise InputError(f"The factor of Kd must be positive: 1000 gives L/kg (got {self.factor}).")
        if self.water_fraction not in WATER_FRACTIONS:
            raise InputError(f"The water fraction must be one of {', '.join(WATER_FRACTIONS)}.")

    @property
    def unit(self):
        """Unit of Kd with this factor."""
        if self.factor == LITRES_PER_KG:
            return "L/kg"
        if self.factor == WU_2025:
            return "10 L/kg (factor 100 as in Wu et al. 2025: log10 Kd is 1 lower than in L/kg)"
        return f"{LITRES_PER_KG / self.factor:g} L/kg (factor {self.factor:g})"


@dataclass(frozen=True)
class PartitionCoefficients:
    """Kd of n sites and m metals.

    kd: DataFrame (n, m), in ``options.unit``, NaN where it cannot be computed. log10_kd: the same as decimal
    logarithms. bound: DataFrame of text: "at most" where the sediment is a non-detect, "at least" where the water is,
    "not bounded" where both are, else "". sd: DataFrame (n, m), standard deviation of log10 Kd from the replicates'
    of the concentrations, NaN where none is given. counts: DataFrame, a row per metal: sites, n (Kd computed),
    missing_sediment, missing_water, zero (a concentration of 0).
    """

    kd: pd.DataFrame
    log10_kd: pd.DataFrame
    bound: pd.DataFrame
    sd: pd.DataFrame
    counts: pd.DataFrame
    options: PartitionOptions

    @property
    def metals(self):
        return list(self.kd.columns)

    def table(self):
        """A row per site: Kd_Cd, log10Kd_Cd, log10Kd_Cd_sd (where any is known), Kd_Cd_bound for every metal, then
        Kd_unit and water_fraction.
        """
        columns = {}
        for metal in self.metals:
            columns[f"Kd_{metal}"] = self.kd[metal]
            columns[f"log10Kd_{metal}"] = self.log10_kd[metal]
            if self.sd[metal].notna().any():
                columns[f"log10Kd_{metal}_sd"] = self.sd[metal]
            columns[f"Kd_{metal}_bound"] = self.bound[metal]
        wide = pd.DataFrame(columns, index=self.kd.index)
        return wide.assign(Kd_unit=self.options.unit, water_fraction=self.options.water_fraction)

    def summary(self):
        """A row per metal: counts, then median, quartiles and extremes of log10 Kd and the median of Kd.

        log10Kd_sd_replicates: median standard deviation of a single site's log10 Kd, where replicates are known.
        n_at_most, n_at_least, n_not_bounded say how many of the n rest on non-detects; they enter the quantiles at
        their substituted value.
        """
        log = self.log10_kd
        quantiles = log.quantile([0.0, 0.25, 0.5, 0.75, 1.0]).T
        quantiles.columns = ["log10Kd_min", "log10Kd_q25", "log10Kd_median", "log10Kd_q75", "log10Kd_max"]
        bounds = pd.DataFrame(
            {f"n_{kind.replace(' ', '_')}": (self.bound == kind).sum() for kind in (AT_MOST, AT_LEAST, UNBOUNDED)}
        )
        summary = self.counts.join(bounds).join(quantiles).assign(Kd_median=self.kd.median())
        summary["log10Kd_sd_replicates"] = self.sd.median()
        stamped = summary.assign(unit=self.options.unit, water_fraction=self.options.water_fraction)
        return stamped.rename_axis("metal").reset_index()

    def compare(self, published):
        """log10 Kd beside published ranges. published: DataFrame with metal, low, high (log10 L/kg) and source.

        Returns a row per metal and range: metal, n, median, low, high, percent_inside (of the sites), position of the
        median ("below", "inside" or "above"), source. Kd by another factor is turned into L/kg first.
        """
        missing = [name for name in ("metal", "low", "high", "source") if name not in published.columns]
        if missing:
            raise InputError(
                f"The published ranges have no column {', '.join(missing)}: give metal, low, high (log10 Kd in L/kg) "
                "and source."
            )
        rows = []
        for row in published.itertuples():
            if row.metal not in self.metals:
                continue
            log = self.log10_kd[row.metal].dropna().to_numpy() + np.log10(LITRES_PER_KG / self.options.factor)
            if not len(log):
                continue
            inside, median = 100 * ((log >= row.low) & (log <= row.high)).mean(), np.median(log)
            position = "below" if median < row.low else "above" if median > row.high else "inside"
            rows.append((row.metal, len(log), median, row.low, row.high, inside, position, row.source))
        names = ["metal", "n", "median", "low", "high", "percent_inside", "position", "source"]
        return pd.DataFrame(rows, columns=names)


def partition_coefficients(
    sediment_mg_kg,
    water_ug_l,
    options=None,
    monitor=SILENT,
    sediment_censored=None,
    water_censored=None,
    standard_deviations=None,
):
    """Partition coefficients Kd = factor x C_sediment / C_water of the metals that both tables hold.

    sediment_mg_kg: DataFrame (n sites, metals), mg/kg; water_ug_l: DataFrame (n sites, metals), ug/L, the same sites
    in the same order; NaN where missing. options: :class:`PartitionOptions`. sediment_censored, water_censored:
    DataFrames of bool, True where a value is a substituted non-detect; Kd is then only a bound.
    standard_deviations: a pair of DataFrames (or None), of the replicates of sediment and of water, in their units;
    the SD of log10 Kd follows to first order, sqrt((s_s / C_s)^2 + (s_w / C_w)^2) / ln 10; a medium without replicates
    adds nothing.
    Returns :class:`PartitionCoefficients`. A concentration of zero gives no Kd, and is counted.
    Raises InputError if the numbers of sites differ, if no metal is in both tables, for negative or infinite
    concentrations, and if not a single Kd can be computed.
    Source: Wu et al. 2025, Eq. 1 (doi:10.1016/j.marpolbul.2025.118969), in consistent units.
    """
    options = options or PartitionOptions()
    metals = _common_metals(sediment_mg_kg, water_ug_l, monitor)
    sediment = _concentrations(sediment_mg_kg, metals, "sediment")
    water = _concentrations(water_ug_l, metals, "water").set_axis(sediment.index)
    usable = (sediment > 0) & (water > 0)
    kd = (options.factor * sediment / water.where(usable)).where(usable)
    counts = pd.DataFrame(
        {
            "sites": len(sediment),
            "n": usable.sum(),
            "missing_sediment": sediment.isna().sum(),
            "missing_water": water.isna().sum(),
            "zero": ((sediment == 0) | (water == 0)).sum(),
        }
    )
    if not usable.to_numpy().any():
        raise InputError(
            f"No site has both a sediment and a water concentration above zero of {', '.join(metals)}: "
            "check the fields, and that the two media are paired."
        )
    _report(counts, options, monitor)
    bound = _bounds(usable, _flags(sediment_censored, sediment), _flags(water_censored, sediment))
    sd = _log_sd(usable, (sediment, water), standard_deviations)
    return PartitionCoefficients(kd, np.log10(kd), bound, sd, counts, options)


def _common_metals(sediment, water, monitor):
    if len(sediment) != len(water):
        raise InputError(
            f"Sediment has {len(sediment)} sites and water {len(water)}: give the same sites in the same order."
        )
    metals = [metal for metal in sediment.columns if metal in water.columns]
    if not metals:
        listed = [", ".join(table.columns) or "none" for table in (sediment, water)]
        raise InputError(f"Sediment (metals: {listed[0]}) and water (metals: {listed[1]}) have no metal in common.")
    for medium, table in (("sediment", sediment), ("water", water)):
        alone = [metal for metal in table.columns if metal not in metals]
        if alone:
            monitor.info(f"Only in {medium}, so without Kd: {', '.join(alone)}.")
    return metals


def _concentrations(table, metals, medium):
    values = table[metals].astype(float)
    for metal in metals:
        bad = (values[metal] < 0) | np.isinf(values[metal])
        if bad.any():
            raise InputError(
                f"{metal} in {medium}: rows {name_rows(np.flatnonzero(bad))} are negative or infinite. "
                "Correct them, or leave them empty."
            )
    return values


def _log_sd(usable, concentrations, given):
    """SD of log10 Kd; NaN where neither medium has a replicate SD."""
    squares, known = pd.DataFrame(0.0, usable.index, usable.columns), pd.DataFrame(False, usable.index, usable.columns)
    for values, table, medium in zip(concentrations, given or (None, None), ("sediment", "water")):
        if table is None:
            continue
        table = table.reindex(columns=values.columns).astype(float).set_axis(values.index)
        for metal in values.columns:
            if (table[metal] < 0).any():
                rows = name_rows(np.flatnonzero(table[metal] < 0))
                raise InputError(f"The standard deviation of {metal} in {medium} is negative in rows {rows}.")
        squares += ((table / values.where(values > 0)) ** 2).fillna(0.0)
        known |= table.notna()
    return (np.sqrt(squares) / np.log(10)).where(known & usable)


def _flags(censored, like):
    if censored is None:
        return pd.DataFrame(False, index=like.index, columns=like.columns)
    return censored.reindex(columns=like.columns, fill_value=False).astype(bool).set_axis(like.index)


def _bounds(usable, sediment_censored, water_censored):
    sediment, water = usable & sediment_censored, usable & water_censored
    text = np.select([sediment & water, sediment, water], [UNBOUNDED, AT_MOST, AT_LEAST], "")
    return pd.DataFrame(text, index=usable.index, columns=usable.columns)


def _report(counts, options, monitor):
    if options.factor != LITRES_PER_KG:
        monitor.warn(f"Kd is in {options.unit}.")
    if options.water_fraction == "total":
        monitor.warn("Water is total, not filtered: Kd comes out low by the metal on suspended particles.")
    for row in counts.itertuples():
        if row.n < row.sites:
            monitor.info(
                f"Kd of {row.Index}: {row.n} of {row.sites} sites (no sediment value {row.missing_sediment}, "
                f"no water value {row.missing_water}, zero {row.zero})."
            )
