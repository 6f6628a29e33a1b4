"""A linear trend for kriging: numbers and categories of a table as columns of a design matrix."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError
from ..risk_model.predictors import describe_predictors, label_of, require_columns


@dataclass(frozen=True)
class Trend:
    """The covariates of a regression kriging (universal kriging with external drift).

    predictors: numbers, and categories with the labels that sites have. centre, spread: of each column, from the
    sites: it makes the equations well conditioned and changes no result.
    """

    predictors: tuple = ()
    centre: np.ndarray = ()
    spread: np.ndarray = ()

    @classmethod
    def of_sites(cls, table, names, categories=()):
        """The trend in these columns of the sites' table (complete rows). ``categories``: columns of class codes.

        Raises InputError for a column that is not there or does not vary, and for columns that repeat each other.
        """
        predictors = describe_predictors(table, names, categories)
        raw = _columns(table, predictors)
        spread = raw.std(axis=0)
        titles = _titles(predictors)
        constant = [title for title, width, top in zip(titles, spread, np.abs(raw).max(axis=0)) if width <= 1e-12 * top]
        if constant:
            raise InputError(f"{', '.join(constant)}: the same at all sites; take it out of the trend.")
        trend = cls(predictors, raw.mean(axis=0), spread)
        design = trend.design(table)
        for count in range(2, design.shape[1] + 1):
            if np.linalg.matrix_rank(design[:, :count]) < count:
                raise InputError(f"{titles[count - 2]} follows from the other columns of the trend. Take it out.")
        if len(table) <= design.shape[1] + 2:
            raise InputError(f"{len(table)} sites are too few for a trend of {design.shape[1]} coefficients.")
        return trend

    @property
    def names(self):
        """Names of the covariates."""
        return [predictor.name for predictor in self.predictors]

    @property
    def titles(self):
        """The coefficients: intercept, numbers, categories against their first label."""
        return ["intercept", *_titles(self.predictors)]

    def design(self, table):
        """The design matrix (rows x coefficients, standardised); NaN where a value is missing or a label unknown.

        Raises InputError for a column that is not there.
        """
        if not self.predictors:
            return np.ones((len(table), 1))
        standardised = (_columns(table, self.predictors) - self.centre) / self.spread
        return np.column_stack([np.ones(len(table)), standardised])

    def in_units(self, coefficients):
        """Coefficients of :meth:`design` in the units of the covariates."""
        if not self.predictors:
            return np.asarray(coefficients)
        slopes = coefficients[1:] / self.spread
        return np.concatenate([[coefficients[0] - slopes @ self.centre], slopes])


def _titles(predictors):
    titles = []
    for predictor in predictors:
        labels = [f"{predictor.name}: {label}" for label in predictor.labels[1:]]
        titles += labels if predictor.is_category else [predictor.name]
    return titles


def _columns(table, predictors):
    require_columns(table, [predictor.name for predictor in predictors])
    columns = []
    for predictor in predictors:
        column = table[predictor.name]
        if predictor.is_category:
            labels = column.map(label_of, na_action="ignore")
            known = labels.isin(predictor.labels).to_numpy()
            for label in predictor.labels[1:]:
                columns.append(np.where(known, (labels == label).to_numpy(dtype=np.float64), np.nan))
        else:
            numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            columns.append(np.where(np.isfinite(numbers), numbers, np.nan))
    return np.column_stack(columns)
