"""Zones of contamination from two media together: neither, soil, sediment, or both beyond their baselines."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from .errors import InputError
from .lognormal import interval_sd
from .monitor import SILENT

BACKGROUND, SOIL, SEDIMENT, POLLUTION = "background", "soil-dominated", "sediment-dominated", "pollution"
ZONES = (BACKGROUND, SOIL, SEDIMENT, POLLUTION)
NO_ZONE = -1
FEW_SITES = 10
BATCH = 200  # resamples between two looks at Cancel


@dataclass(frozen=True)
class ZoneOptions:
    """methods: the baseline methods whose lowest and highest values bound the zones; empty: all that the baselines
    hold. bootstrap: resamples of the sites for the intervals of the shares (0: none)."""

    methods: tuple = ()
    bootstrap: int = 1000
    seed: int = 1

    def __post_init__(self):
        if self.bootstrap < 0:
            raise InputError(f"{self.bootstrap} bootstrap resamples: there must be 0 or more.")


@dataclass(frozen=True)
class MediaZones:
    """Zones of n sites for m metals.

    zones: DataFrame (n, m) of ``ZONES``, None where a medium has no value. limits: a row per metal:
    soil_lowest, soil_highest, sediment_lowest, sediment_highest (mg/kg), soil_methods and sediment_methods (which gave
    a baseline). shares: a row per metal and zone: n (sites), count, percent, percent_low and percent_high (95 %).
    sensitivity: a row per metal and method taken alone: percent of every zone, percent_changed (sites whose zone is
    another one than with all methods). soil, sediment: the concentrations, mg/kg.
    """

    zones: pd.DataFrame
    limits: pd.DataFrame
    shares: pd.DataFrame
    sensitivity: pd.DataFrame
    soil: pd.DataFrame
    sediment: pd.DataFrame
    options: ZoneOptions
    warnings: tuple = ()

    @property
    def metals(self):
        return tuple(self.zones.columns)

    def table(self):
        """A row per site: zone_<metal>, then ``pollution_metals``, the number of metals in the pollution zone."""
        table = self.zones.add_prefix("zone_")
        known = self.zones.notna().any(axis=1)
        table["pollution_metals"] = (self.zones == POLLUTION).sum(axis=1).where(known)
        return table


def media_zones(soil, sediment, soil_baselines, sediment_baselines, options=None, monitor=SILENT):
    """The zone of every site and metal.

    soil, sediment: DataFrames (n sites, metals), mg/kg, NaN where missing; metals found in both are taken.
    soil_baselines, sediment_baselines: the ``table`` of :class:`~.baselines.Baselines`, or one with its columns
    element, method, baseline and, for intervals, baseline_low and baseline_high.
    Background: both media at or below the lowest baseline of their methods. Pollution: both above their highest. The
    others belong to the medium that exceeds its own baseline by the larger factor, its own being the geometric mean of
    its lowest and highest (equal factors: soil). The four shares of a metal sum to 100 %. Intervals (95 %): sites
    resampled, and each medium's baselines moved together within their bootstrap interval.
    Returns MediaZones. Raises InputError where no metal has both media and their baselines.
    Source: after Wu et al. 2025 (doi:10.1016/j.marpolbul.2025.118969), section 2.2, Fig. 2.
    """
    options = options or ZoneOptions()
    if len(soil) != len(sediment):
        raise InputError(f"{len(soil)} rows of soil and {len(sediment)} of sediment: give one row per site in both.")
    soil, sediment = soil.reset_index(drop=True), sediment.reset_index(drop=True)
    baselines = [_positive(table, name, options.methods) for table, name in
                 ((soil_baselines, "soil"), (sediment_baselines, "sediment"))]  # fmt: skip
    metals, warnings = _usable(soil, sediment, *baselines)
    soil, sediment = soil[metals].astype(float), sediment[metals].astype(float)
    limits = pd.DataFrame([_limits(metal, *baselines) for metal in metals])
    zones, shares, sensitivity = {}, [], []
    for number, metal in enumerate(metals):
        part = monitor.part(number / len(metals), (number + 1) / len(metals))
        one = _Metal(metal, soil[metal], sediment[metal], [table[table["element"] == metal] for table in baselines])
        zones[metal] = one.zones()
        shares += one.shares(options, part)
        sensitivity += one.sensitivity()
        if one.n < FEW_SITES:
            warnings.append(f"{metal}: only {one.n} sites have both media: the shares are rough.")
    for warning in warnings:
        monitor.warn(warning)
    found = MediaZones(pd.DataFrame(zones), limits, pd.DataFrame(shares), pd.DataFrame(sensitivity), soil, sediment,
                       options)  # fmt: skip
    return replace(found, warnings=tuple(warnings))


def zone_numbers(soil, sediment, soil_limits, sediment_limits):
    """Positions in ``ZONES`` of concentrations, -1 where one is NaN; each limits: (lowest, highest), broadcastable."""
    low = (soil <= soil_limits[0]) & (sediment <= sediment_limits[0])
    high = (soil > soil_limits[1]) & (sediment > sediment_limits[1])
    # the squared factors by which the media exceed their geometric means
    soil_led = soil**2 * (sediment_limits[0] * sediment_limits[1]) >= sediment**2 * (soil_limits[0] * soil_limits[1])
    found = np.select([low, high, soil_led], [0, 3, 1], 2)
    return np.where(np.isnan(soil) | np.isnan(sediment), NO_ZONE, found)


class _Metal:
    """One metal at all sites."""

    def __init__(self, name, soil, sediment, baselines):
        self.name, self.baselines = name, baselines
        self.soil, self.sediment = soil.to_numpy(), sediment.to_numpy()
        self.limits = [_range(table["baseline"].to_numpy()) for table in baselines]
        self.numbers = zone_numbers(self.soil, self.sediment, *self.limits)
        self.known = self.numbers != NO_ZONE
        self.n = int(self.known.sum())

    def zones(self):
        return np.array([*ZONES, None], dtype=object)[self.numbers]

    def shares(self, options, monitor):
        count = np.bincount(self.numbers[self.known], minlength=len(ZONES))
        low, high = self._intervals(options, monitor)
        return [
            {"metal": self.name, "zone": zone, "n": self.n, "count": int(count[k]), "percent": 100 * count[k] / self.n,
             "percent_low": low[k], "percent_high": high[k]}
            for k, zone in enumerate(ZONES)
        ]  # fmt: skip

    def _intervals(self, options, monitor):
        if not options.bootstrap:
            return np.full((2, len(ZONES)), np.nan)
        rng = np.random.default_rng([options.seed, *self.name.encode()])
        soil, sediment = self.soil[self.known], self.sediment[self.known]
        percent = []
        for done in range(0, options.bootstrap, BATCH):
            monitor.progress(done / options.bootstrap)
            runs = min(BATCH, options.bootstrap - done)
            rows = rng.integers(self.n, size=(runs, self.n))
            moved = [_moved(table, rng.standard_normal(runs)) for table in self.baselines]
            numbers = zone_numbers(soil[rows], sediment[rows], *moved)
            percent.append(np.stack([100 * (numbers == k).mean(axis=1) for k in range(len(ZONES))]))
        return np.percentile(np.concatenate(percent, axis=1), [2.5, 97.5], axis=1)

    def sensitivity(self):
        """Rows with the baselines of a single method in both media, where both have it."""
        rows = []
        shared = [m for m in self.baselines[0]["method"] if m in set(self.baselines[1]["method"])]
        for method in shared:
            alone = [table.loc[table["method"] == method, "baseline"].to_numpy() for table in self.baselines]
            numbers = zone_numbers(self.soil, self.sediment, *(_range(values) for values in alone))[self.known]
            row = {zone: 100 * (numbers == k).mean() for k, zone in enumerate(ZONES)}
            changed = 100 * (numbers != self.numbers[self.known]).mean()
            rows.append({"metal": self.name, "method": method, **row, "percent_changed": changed})
        return rows


def _range(values):
    return values.min(), values.max()


def _moved(table, deviates):
    """Lowest and highest baseline (runs, 1) when all methods move by ``deviates`` of their own standard errors."""
    value = table["baseline"].to_numpy()
    if not {"baseline_low", "baseline_high"} <= set(table.columns):
        spread = np.zeros_like(value)
    else:
        spread = interval_sd(table["baseline_low"], table["baseline_high"])
    moved = value * np.exp(deviates[:, None] * spread)
    return moved.min(axis=1, keepdims=True), moved.max(axis=1, keepdims=True)


def _positive(table, medium, methods):
    """The baselines above 0 of the methods asked for."""
    missing = [name for name in ("element", "method", "baseline") if name not in table.columns]
    if missing:
        raise InputError(
            f"The {medium} baselines have no column {', '.join(missing)}. Give the table of 'Geochemical baselines'."
        )
    chosen = table[table["baseline"] > 0]
    return chosen[chosen["method"].isin(methods)] if methods else chosen


def _usable(soil, sediment, soil_baselines, sediment_baselines):
    """Metals that can be zoned, in the order of the soil table, and a warning for those that cannot."""
    shared = [metal for metal in soil.columns if metal in sediment.columns]
    if not shared:
        raise InputError("Soil and sediment have no metal in common: zones compare the same metal in both.")
    usable, warnings = [], []
    for metal in shared:
        lacking = [name for name, table in (("soil", soil_baselines), ("sediment", sediment_baselines))
                   if metal not in set(table["element"])]  # fmt: skip
        both = (soil[metal].notna() & sediment[metal].notna()).any()
        if lacking:
            warnings.append(f"{metal} has no baseline of {' and '.join(lacking)}: it gets no zones.")
        elif not both:
            warnings.append(f"{metal}: no site has a value of both media: it gets no zones.")
        else:
            usable.append(metal)
    if not usable:
        raise InputError(f"No metal can be zoned. {' '.join(warnings)}")
    return usable, warnings


def _limits(metal, soil_baselines, sediment_baselines):
    row = {"metal": metal}
    for medium, table in (("soil", soil_baselines), ("sediment", sediment_baselines)):
        own = table[table["element"] == metal]
        row[f"{medium}_lowest"], row[f"{medium}_highest"] = _range(own["baseline"].to_numpy())
        row[f"{medium}_methods"] = ", ".join(own["method"])
    return row
