"""A variable of sites made ready to be predicted anywhere: what is dropped and why, the variogram, kriging."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..geodesy import crs_of, local_plane, project
from ..monitor import SILENT
from .solver import Kriging, LeaveOneOut
from .trend import Trend
from .variogram import MODELS, Variogram, empirical_variogram, fit_variogram

FEWEST_SITES = 10
FEW_SITES = 50


@dataclass(frozen=True)
class KrigingOptions:
    """model: of the variogram, one of ``MODELS`` or "auto" for the one that fits best.

    nugget, partial_sill, range_m: a variogram that is given (all three, with a model), None to fit it. cutoff_m,
    width_m: largest distance of the empirical variogram and width of its classes, None for a third of the sites'
    diagonal in 15 classes. logarithm: krige natural logarithms; the surface is then their exponential, the median.
    """

    model: str = "auto"
    nugget: Optional[float] = None
    partial_sill: Optional[float] = None
    range_m: Optional[float] = None
    cutoff_m: Optional[float] = None
    width_m: Optional[float] = None
    logarithm: bool = False

    def __post_init__(self):
        if self.model not in ("auto", *MODELS):
            raise InputError(f"Variogram model '{self.model}' is not one of auto, {', '.join(MODELS)}.")
        given = [self.nugget is not None, self.partial_sill is not None, self.range_m is not None]
        if any(given) and not (all(given) and self.model != "auto"):
            raise InputError("A variogram that is given needs its model, nugget, partial sill and range.")

    @property
    def variogram(self):
        """The variogram given, or None."""
        return None if self.range_m is None else Variogram(self.model, self.nugget, self.partial_sill, self.range_m)


@dataclass(frozen=True)
class Interpolation:
    """A variable of sites, ready to be predicted anywhere.

    name: the variable. plane: CRS (text) of the metres that distances are measured in. rows: the input's row of each of
    the n sites. values: n, logarithms if so chosen. empirical: its variogram (of the residuals from the trend).
    leave_one_out: its score. warnings: texts that limit the result.
    """

    name: str
    plane: str
    rows: np.ndarray
    values: np.ndarray
    trend: Trend
    empirical: pd.DataFrame
    kriging: Kriging
    leave_one_out: LeaveOneOut
    options: KrigingOptions
    warnings: tuple

    @property
    def variogram(self):
        """The variogram model."""
        return self.kriging.variogram

    def coefficients(self):
        """The trend: a row per coefficient in the units of the covariates, and t of the standardised columns."""
        scaled = self.kriging.coefficients
        return pd.DataFrame(
            {
                "term": self.trend.titles,
                "coefficient": self.trend.in_units(scaled),
                "t": np.concatenate([[np.nan], (scaled / self.kriging.coefficient_errors)[1:]]),
            }
        )

    def predict(self, x, y, crs, covariates=None, monitor=SILENT, variance=True):
        """Predictions and kriging variances (m each) at x, y in ``crs``; covariates: table (m rows) of the trend's.

        With ``logarithm`` the predictions are the medians, in the variable's unit, and the variances of logarithms.
        """
        east, north = project(np.asarray(x, float), np.asarray(y, float), crs, self.plane, monitor)
        design = self.trend.design(pd.DataFrame(index=range(len(east))) if covariates is None else covariates)
        predicted, spread = self.kriging.predict(east, north, design, monitor, variance)
        return (np.exp(predicted) if self.options.logarithm else predicted), spread


def interpolate(x, y, crs, values, covariates=None, categories=(), options=None, name="value", monitor=SILENT):
    """Fit the variogram of a variable of sites and set up ordinary or regression kriging: Interpolation.

    x, y (n) in ``crs``: a projected CRS in metres is used as it is; any other is projected to an azimuthal equidistant
    plane around the sites, and that is said. values: n numbers. covariates: table (n rows) whose columns are the
    linear trend (regression kriging, that is universal kriging with external drift), None for a constant mean;
    ``categories``: those that hold class codes. name: of the variable.

    Sites without a value, place or covariate are left out, sites at one place averaged; both are counted and named.
    The variogram is of the residuals from the trend by least squares. Raises InputError for fewer than 10 sites, a
    constant variable, no logarithm, and what the trend or the equations cannot take.
    Sources: Cressie 1993, Statistics for Spatial Data; Pebesma 2004 (doi:10.1016/j.cageo.2004.03.012) for the fit.
    """
    options = options or KrigingOptions()
    sites = _Sites(x, y, crs, values, covariates, name, monitor)
    if options.logarithm:
        sites.take_logarithms()
    sites.average_places()
    trend = (
        Trend.of_sites(sites.covariates, list(sites.covariates), categories)
        if len(sites.covariates.columns)
        else Trend()
    )
    design = trend.design(sites.covariates)
    residuals = sites.values - design @ np.linalg.lstsq(design, sites.values, rcond=None)[0]
    empirical = empirical_variogram(sites.x, sites.y, residuals, options.cutoff_m, options.width_m, monitor)
    variogram = options.variogram or fit_variogram(empirical, options.model)
    kriging = Kriging(sites.x, sites.y, sites.values, variogram, design)
    left_out = kriging.leave_one_out()
    warnings = tuple(_warnings(name, empirical, variogram, left_out))
    for text in warnings:
        monitor.warn(text)
    return Interpolation(
        name, sites.plane, sites.rows, sites.values, trend, empirical, kriging, left_out, options, warnings
    )


class _Sites:
    """The sites as they are narrowed down to those that serve."""

    def __init__(self, x, y, crs, values, covariates, name, monitor):
        self.name, self.monitor = name, monitor
        x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
        values = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        covariates = pd.DataFrame(index=range(len(values))) if covariates is None else covariates
        self.plane = _plane(x, y, crs, monitor)
        self.x, self.y = project(x, y, crs, self.plane, monitor)
        self.rows, self.values = np.arange(len(values)), values
        self.covariates = covariates.reset_index(drop=True)
        self._keep(np.isfinite(self.values), f"have no number in '{name}'")
        self._keep(np.isfinite(self.x) & np.isfinite(self.y), "have no coordinates")
        for column in list(self.covariates):
            self._keep(self.covariates[column].notna().to_numpy(), f"have no value of '{column}'")
        if len(self.values) and np.ptp(self.values) <= 1e-12 * np.abs(self.values).max():
            raise InputError(f"'{name}' is the same ({self.values[0]:g}) at all sites; there is nothing to krige.")

    def take_logarithms(self):
        """Natural logarithms in place of the values."""
        if (self.values <= 0).any():
            rows = self.rows[self.values <= 0]
            raise InputError(
                f"'{self.name}' has values of 0 or less (rows {name_rows(rows)}), which have no logarithm."
            )
        self.values = np.log(self.values)

    def average_places(self):
        """Sites at one place become one, of their mean value."""
        places = np.column_stack([self.x, self.y])
        _, first, group = np.unique(places, axis=0, return_index=True, return_inverse=True)
        if len(first) < len(places):
            group = group.ravel()
            means = np.bincount(group, self.values) / np.bincount(group)
            self.monitor.warn(
                f"{len(places)} sites lie at {len(first)} places; those at one place were averaged "
                f"(rows {name_rows(self.rows[np.setdiff1d(np.arange(len(places)), first)])})."
            )
            order = np.sort(first)
            means = means[group[order]]
            self._select(order)
            self.values = means
        if len(self.values) < FEWEST_SITES:
            raise InputError(f"'{self.name}' is known at {len(self.values)} places; kriging needs {FEWEST_SITES}.")

    def _keep(self, usable, reason):
        if not usable.all():
            lost = self.rows[~usable]
            self.monitor.warn(f"{len(lost)} of {len(usable)} sites {reason}, left out: {name_rows(lost)}.")
        self._select(np.flatnonzero(usable))

    def _select(self, kept):
        self.x, self.y, self.rows, self.values = self.x[kept], self.y[kept], self.rows[kept], self.values[kept]
        self.covariates = self.covariates.iloc[kept].reset_index(drop=True)


def _plane(x, y, crs, monitor):
    """The CRS, in metres, to measure distances in."""
    own = crs_of(crs, "sites")
    if own.is_projected and all(axis.unit_conversion_factor == 1.0 for axis in own.axis_info[:2]):
        return own.to_wkt()
    longitude, latitude = project(x, y, own, "EPSG:4326", monitor)
    monitor.info(
        f"The sites' coordinate reference system ({own.name}) is not in metres: distances are measured on an azimuthal "
        "equidistant plane around the sites."
    )
    return local_plane(longitude, latitude)


def _warnings(name, empirical, variogram, left_out):
    n = len(left_out.observed)
    if n < FEW_SITES:
        yield f"{n} sites: a variogram of fewer than {FEW_SITES} is uncertain (Webster and Oliver 1992 ask for 100)."
    if variogram.partial_sill < 0.05 * variogram.sill:
        yield f"The variogram of '{name}' is nearly all nugget: neighbours tell little, the surface is nearly the mean."
    elif variogram.effective_range_m > 2 * empirical["distance_m"].max():
        yield (
            f"The variogram of '{name}' still rises at its largest distance, so that the data do not determine its "
            "range and sill. A trend may be missing."
        )
    scores = left_out.scores().iloc[0]
    if not scores["r2"] > 0:
        yield (
            "No skill: left out one by one, the sites are predicted no better than by their mean "
            f"(R² {scores['r2']:.2f}). Read the surface as a sketch."
        )
    if scores["n"] < n:
        yield f"{n - int(scores['n'])} sites alone carry a category of the trend and cannot be left out for the score."
