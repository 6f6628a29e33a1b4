"""Fit indices, under lavaan's names."""

import numpy as np
from scipy.optimize import brentq
from scipy.special import chndtr

from .inference import tail

LEVEL, CLOSE, NOT_CLOSE = 0.90, 0.05, 0.08


def fit_indices(fit):
    """Name -> value: chi-square, baseline, CFI and TLI (Bentler 1990; Tucker and Lewis 1973), likelihoods, RMSEA
    (Steiger 1990; Browne and Cudeck 1992), SRMR (Bentler 1995). With MLR also scaled and robust ones
    (Brosseau-Liard and Savalei 2014)."""
    tests, n = fit.tests, fit.sample.n
    model, base = tests.model, tests.baseline
    found = {"npar": fit.structure.basis.shape[1], "fmin": model.chi2 / n / 2}
    found.update({"chisq": model.chi2, "df": model.df, "pvalue": model.p})
    if fit.robust:
        found.update(_scaled_test("", model))
    found.update({"baseline.chisq": base.chi2, "baseline.df": base.df, "baseline.pvalue": base.p})
    if fit.robust:
        found.update(_scaled_test("baseline.", base))
    found["cfi"], found["tli"] = _comparative(model.chi2, model.df, base.chi2, base.df)
    if fit.robust:
        found.update(_comparative_robust(model, base, fit.sample.complete))
    found.update(_likelihoods(fit))
    found.update(rmsea(model.chi2, model.df, n))
    if fit.robust:
        found.update(_rmsea_robust(model, n, fit.sample.complete))
    found["srmr"] = _srmr(fit)
    return found


def _scaled_test(prefix, test):
    return {
        f"{prefix}chisq.scaled": test.chi2_scaled,
        f"{prefix}df.scaled": test.df,
        f"{prefix}pvalue.scaled": tail(test.chi2_scaled, test.df),
        f"{prefix}chisq.scaling.factor": np.nan if test.scaling is None else test.scaling,
    }


def _comparative(chi2, df, base, base_df, factor=1.0, base_factor=1.0):
    """CFI and TLI, with the factors by which the two chi-squares exceed their degrees of freedom."""
    excess, base_excess = chi2 - factor * df, base - base_factor * base_df
    most = max(excess, base_excess, 0.0)
    cfi = 1.0 - max(excess, 0.0) / most if most > 0 else 1.0
    tli = 1.0 - excess * base_df / (base_excess * df) if df > 0 and base_excess != 0 else 1.0
    return cfi, tli


def _comparative_robust(model, base, complete):
    scaled = _comparative(model.chi2_scaled, model.df, base.chi2_scaled, base.df)
    found = dict(zip(("cfi.scaled", "tli.scaled"), scaled))
    if complete and model.scaling:
        robust = _comparative(model.chi2, model.df, base.chi2, base.df, model.scaling, base.scaling)
        found.update(zip(("cfi.robust", "tli.robust"), robust))
    return found


def _likelihoods(fit):
    n, p, x = fit.sample.n, fit.structure.observed, len(fit.structure.exogenous)
    constant = np.log(2 * np.pi) * sum(one.share * len(one.index) for one in fit.sample.patterns)
    given = 0.0
    if x:  # the covariates' own likelihood is no part of the model's
        index = slice(p - x, p)
        given = x * np.log(2 * np.pi) + np.linalg.slogdet(fit.sample.covariance[index, index])[1] + x
    logl = -n / 2 * (fit.optimum.value + constant - given)
    parameters = fit.structure.basis.shape[1]
    found = {"logl": logl, "unrestricted.logl": -n / 2 * (fit.tests.saturated_value + constant - given)}
    found["aic"] = -2 * logl + 2 * parameters
    found["bic"] = -2 * logl + parameters * np.log(n)
    found["ntotal"] = n
    found["bic2"] = -2 * logl + parameters * np.log((n + 2) / 24)
    if fit.robust:
        found["scaling.factor.h1"], found["scaling.factor.h0"] = fit.tests.scaling_h1, fit.tests.scaling_h0
    return found


def rmsea(chi2, df, n, suffix="", factor=1.0, tested=None):
    """RMSEA with interval and two tests. tested: the chi-square of interval and tests; factor: their scaling."""
    tested = chi2 if tested is None else tested
    if df <= 0:
        value, low, high, close, not_close = 0.0, 0.0, 0.0, np.nan, np.nan
    else:
        value = np.sqrt(max(chi2 / (n * df) - factor / n, 0.0))
        low, high = (np.sqrt(factor * one / (n * df)) for one in _noncentrality(tested, df, n))
        close = 1 - chndtr(tested, df, n * df * CLOSE**2 / factor)
        not_close = chndtr(tested, df, n * df * NOT_CLOSE**2 / factor)
    return {
        f"rmsea{suffix}": value,
        f"rmsea.ci.lower{suffix}": low,
        f"rmsea.ci.upper{suffix}": high,
        f"rmsea.pvalue{suffix}": close,
        f"rmsea.notclose.pvalue{suffix}": not_close,
    }


def _rmsea_robust(model, n, complete):
    if not model.scaling:
        return {}
    found = rmsea(model.chi2, model.scaling * model.df, n, ".scaled")
    if complete:
        found.update(rmsea(model.chi2, model.df, n, ".robust", model.scaling, model.chi2_scaled))
    return found


def _noncentrality(chi2, df, n):
    """The limits of the 90 % interval of the non-centrality."""
    limits = []
    for probability in ((1 + LEVEL) / 2, (1 - LEVEL) / 2):
        most = max(n, 4 * chi2)
        if chndtr(chi2, df, 0.0) < probability or chndtr(chi2, df, most) > probability:
            limits.append(0.0)
        else:
            limits.append(brentq(lambda one, at=probability: chndtr(chi2, df, one) - at, 0.0, most, xtol=1e-10))
    return limits


def _srmr(fit):
    """Root mean square of the residuals over the observed standard deviations, of means too where modelled."""
    p, sample, implied = fit.structure.observed, fit.sample, fit.implied
    size = np.sqrt(np.diag(sample.covariance))
    gaps = (sample.covariance - implied.covariance[:p, :p]) / np.outer(size, size)
    squares = gaps[np.tril_indices(p)] ** 2
    if fit.structure.means:
        squares = np.append(squares, ((sample.mean - implied.mean[:p]) / size) ** 2)
    return float(np.sqrt(squares.mean()))
