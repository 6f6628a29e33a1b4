"""Multiple linear regression by ordinary least squares, with what tells whether to believe it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..monitor import SILENT
from .least_squares import LeastSquares
from .spatial import morans_i, neighbour_weights

PER_PREDICTOR = 10  # sites a predictor below which the coefficients are unsteady
HIGH_VIF = 10.0
DEPENDENT = 1e-7  # share of a column's length that others leave unexplained, below which it is their combination
CONSTANT = "const"


@dataclass(frozen=True)
class RegressionOptions:
    """confidence: of the intervals. neighbours: of a site, for Moran's I of the residuals."""

    confidence: float = 0.95
    neighbours: int = 5

    def __post_init__(self):
        if not 0 < self.confidence < 1:
            raise InputError(f"The confidence {self.confidence:g} must lie between 0 and 1, such as 0.95.")
        if self.neighbours < 1:
            raise InputError(f"{self.neighbours} neighbours: Moran's I needs 1 or more.")


@dataclass(frozen=True, eq=False)
class Regression:
    """A fitted model of n rows and k predictors.

    coefficients: a row for the constant and each predictor: variable, coefficient, std_error, t, p, low, high, beta
    (standardized), vif; hc3_error, hc3_t, hc3_p, hc3_low, hc3_high (errors robust to unequal variances).
    model: one row: target, n, predictors, df, r_squared, adjusted_r_squared, predicted_r_squared (each row left out),
    f, p, f_hc3, p_hc3, sigma, aic, bic, shapiro_w, shapiro_p, breusch_pagan, breusch_pagan_p, moran_i,
    moran_expected, moran_z, moran_p, neighbours (NaN without places).
    sites: a row per row given, NaN where it took no part: observed, fitted, residual, studentized, leverage, cook.
    left_out: predictors that are constant or a combination of others.
    """

    coefficients: pd.DataFrame
    model: pd.DataFrame
    sites: pd.DataFrame
    options: RegressionOptions
    left_out: tuple = ()
    warnings: tuple = ()

    @property
    def target(self):
        return self.model["target"].iloc[0]

    @property
    def predictors(self):
        return tuple(self.coefficients["variable"].iloc[1:])


def fit_regression(target, predictors, positions=None, options=None, monitor=SILENT):
    """Fit a target on predictors by ordinary least squares.

    target: Series of n floats, its name the target's; predictors: DataFrame (n, k); NaN where missing: such rows take
    no part and are named. positions: (n, d) metres, see :func:`~.spatial.site_positions`, for Moran's I of the
    residuals, or None. Constant predictors, and those that are a linear combination of predictors before them, are
    left out and named. Returns Regression.
    Raises InputError for a constant target, one the predictors give exactly, no usable predictor, or too few rows.
    Sources: HC3: MacKinnon and White 1985, Journal of Econometrics 29, 305-325; Koenker 1981, ibid. 17, 107-112;
    Shapiro and Wilk 1965, Biometrika 52, 591-611; Cliff and Ord 1981; predicted R2: Allen 1974, Technometrics 16.
    """
    options, warnings = options or RegressionOptions(), []
    target, predictors = target.reset_index(drop=True).astype(float), predictors.reset_index(drop=True).astype(float)
    rows, used, left_out = _usable(target, predictors, warnings)
    fitted = LeastSquares(target[rows].to_numpy(), predictors.loc[rows, used].to_numpy())
    if fitted.exact:
        raise InputError(
            f"The predictors give '{target.name}' exactly: is one of them computed from it? Leave that one out."
        )
    monitor.progress(0.3)
    coefficients = _coefficients(fitted, used, options)
    moran = _moran(fitted, positions, rows, options, warnings)
    model = {"target": str(target.name), **_model(fitted), **moran}
    warnings += _doubts(coefficients, model)
    sites = _sites(fitted, len(target), rows)
    warnings += _bound_rows(fitted, sites, rows)
    for warning in warnings:
        monitor.warn(warning)
    return Regression(coefficients, pd.DataFrame([model]), sites, options, tuple(left_out), tuple(warnings))


def _usable(target, predictors, warnings):
    """Mask of the complete rows, the predictors that carry information of their own, and those left out."""
    if not len(predictors.columns):
        raise InputError("Choose one predictor or more.")
    if len(target) != len(predictors):
        raise InputError(f"{len(target)} values of the target but {len(predictors)} rows of predictors.")
    if target.name in predictors.columns:
        raise InputError(f"'{target.name}' is the target and a predictor. Leave it out of the predictors.")
    rows = (target.notna() & predictors.notna().all(axis=1)).to_numpy()
    if not rows.all():
        missing = predictors.isna().sum()
        worst = f"; most are missing in {missing.idxmax()} ({missing.max()})" if missing.any() else ""
        lost = name_rows(np.flatnonzero(~rows))
        warnings.append(f"{(~rows).sum()} of {len(rows)} rows lack a value and take no part: {lost}{worst}.")
    _check_rows(rows.sum(), 1, warnings)
    used, left_out = _independent(predictors[rows], warnings)
    if np.ptp(target[rows]) == 0:
        raise InputError(f"All values of '{target.name}' are {target[rows].iloc[0]:g}: there is nothing to explain.")
    if not used:
        raise InputError(f"No predictor is left. {' '.join(warnings)}")
    _check_rows(rows.sum(), len(used), warnings)
    return rows, used, left_out


def _check_rows(n, k, warnings):
    if n < k + 3:
        raise InputError(
            f"Only {n} complete rows for {k} predictor{'s'[: k > 1]}: at least {k + 3} are needed, and {PER_PREDICTOR} "
            f"a predictor for steady coefficients. Choose fewer predictors. {' '.join(warnings)}"
        )


def _independent(predictors, warnings):
    """Names of the predictors that vary and are no combination of those before them; and the others."""
    used, left_out, basis = [], [], np.ones((len(predictors), 1)) / np.sqrt(len(predictors))
    for name in predictors.columns:
        values = predictors[name].to_numpy()
        if np.ptp(values) == 0:
            warnings.append(f"{name} is left out: all its values are {values[0]:g}.")
            left_out.append(name)
            continue
        centred = values - values.mean()
        rest = centred - basis @ (basis.T @ centred)
        rest -= basis @ (basis.T @ rest)  # once more, for what rounding left
        if np.linalg.norm(rest) < DEPENDENT * np.linalg.norm(centred):
            warnings.append(f"{name} is left out: it is a linear combination of {', '.join(used)}.")
            left_out.append(name)
            continue
        used.append(name)
        basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
    return used, left_out


def _coefficients(fitted, used, options):
    from scipy.stats import t as t_distribution

    table = pd.DataFrame({"variable": [CONSTANT, *used], "coefficient": fitted.coefficients})
    margin = t_distribution.ppf((1 + options.confidence) / 2, fitted.df)
    for covariance, names in (
        (fitted.covariance, ("std_error", "t", "p", "low", "high")),
        (fitted.covariance_hc3, ("hc3_error", "hc3_t", "hc3_p", "hc3_low", "hc3_high")),
    ):
        error = np.sqrt(np.diag(covariance))
        t = fitted.coefficients / error
        columns = (error, t, 2 * t_distribution.sf(np.abs(t), fitted.df))
        columns += (fitted.coefficients - margin * error, fitted.coefficients + margin * error)
        for name, column in zip(names, columns):
            table[name] = column
        if names[0] == "std_error":
            table["beta"] = [np.nan, *fitted.standardized]
            table["vif"] = [np.nan, *fitted.vif]
    return table


def _model(fitted):
    from scipy.stats import shapiro

    w, p = shapiro(fitted.residuals) if fitted.n <= 5000 else (np.nan, np.nan)  # scipy's p holds up to there
    statistic, statistic_p = fitted.breusch_pagan()
    return {
        "n": fitted.n,
        "predictors": fitted.k,
        "df": fitted.df,
        "r_squared": fitted.r_squared,
        "adjusted_r_squared": 1 - (1 - fitted.r_squared) * (fitted.n - 1) / fitted.df,
        "predicted_r_squared": fitted.predicted_r_squared,
        **fitted.f_tests(),
        "sigma": np.sqrt(fitted.variance),
        "aic": fitted.criterion(2.0),
        "bic": fitted.criterion(np.log(fitted.n)),
        "shapiro_w": float(w),
        "shapiro_p": float(p),
        "breusch_pagan": statistic,
        "breusch_pagan_p": statistic_p,
    }


def _moran(fitted, positions, rows, options, warnings):
    found = dict.fromkeys(("moran_i", "moran_expected", "moran_z", "moran_p", "neighbours"), np.nan)
    if positions is None:
        return found
    try:
        weights = neighbour_weights(np.asarray(positions)[rows], options.neighbours)
    except InputError as error:
        warnings.append(f"Moran's I of the residuals is not given: {error}")
        return found
    moran = morans_i(fitted.residuals, fitted.basis, weights)
    return {"moran_i": moran["i"], "moran_expected": moran["expected"], "moran_z": moran["z"], "moran_p": moran["p"],
            "neighbours": float(options.neighbours)}  # fmt: skip


def _doubts(coefficients, model):
    """What a reader must know before believing the coefficients."""
    n, k = model["n"], model["predictors"]
    if n < PER_PREDICTOR * k:
        yield (
            f"{n} rows for {k} predictors are {n / k:.1f} a predictor: below {PER_PREDICTOR} the coefficients and R2 "
            "are unsteady; see the predicted R2."
        )
    high = coefficients[coefficients["vif"] >= HIGH_VIF]
    if len(high):
        named = ", ".join(f"{row.variable} ({row.vif:.0f})" for row in high.itertuples())
        yield f"Predictors that say nearly the same (variance inflation of {HIGH_VIF:g} or more): {named}."
    if model["breusch_pagan_p"] < 0.05:
        p = model["breusch_pagan_p"]
        yield f"The residuals' variance is not constant (Breusch-Pagan p = {p:.2g}): use the HC3 errors."
    if model["shapiro_p"] < 0.05:
        yield (
            f"The residuals are not normal (Shapiro-Wilk p = {model['shapiro_p']:.2g}): with few rows p-values are "
            "rough; logarithms of skewed fields may help."
        )
    if model["moran_p"] < 0.05:
        yield (
            f"The residuals of neighbouring sites resemble each other (Moran's I = {model['moran_i']:.2f}, "
            f"p = {model['moran_p']:.2g}): the standard errors are too small."
        )


def _bound_rows(fitted, sites, rows):
    """Rows that decide the fit by themselves."""
    influential = np.flatnonzero(sites["cook"] > 1)
    if len(influential):
        named = name_rows(influential)
        yield f"Rows that alone move the coefficients much (Cook's distance above 1): {named}."
    through = np.flatnonzero(rows)[np.isnan(fitted.freedom)]
    if len(through):
        yield (
            f"The fit runs through rows {name_rows(through)}, each the only one that tells a predictor's coefficient: "
            "there are no HC3 errors and no predicted R2."
        )


def _sites(fitted, n, rows):
    table = pd.DataFrame(np.nan, index=range(n), columns=["observed", "fitted", "residual", "studentized", "leverage",
                                                          "cook"])  # fmt: skip
    columns = (
        fitted.y,
        fitted.y - fitted.residuals,
        fitted.residuals,
        fitted.studentized,
        fitted.leverage,
        fitted.cook,
    )
    table.loc[rows] = np.column_stack(columns)
    return table
