"""The result of a fit: estimates, standardized solution, indices, effects, as tables."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from ..errors import InputError
from . import effects as effects_module
from . import indices, modification, standardized
from .structure import Structure

ESTIMATORS = ("ML", "MLR")
MISSING = ("listwise", "fiml")


@dataclass(frozen=True)
class FitOptions:
    """estimator: ML, or MLR (robust errors and test); missing: listwise or fiml; means: model means;
    std_lv: latents of variance 1;
    standardize: variables to mean 0 and SD 1 first; bootstrap: number of resamples; seed: of these."""

    estimator: str = "ML"
    missing: str = "listwise"
    means: bool = False
    std_lv: bool = False
    standardize: bool = False
    bootstrap: int = 0
    seed: int = 1

    def __post_init__(self):
        if self.estimator not in ESTIMATORS:
            raise InputError(f"Estimator '{self.estimator}' is not known: {', '.join(ESTIMATORS)}.")
        if self.missing not in MISSING:
            raise InputError(f"Treatment of missing values '{self.missing}' is not known: {', '.join(MISSING)}.")


@dataclass(frozen=True)
class Problem:
    """Something that limits the result. kind: not converged, not identified, Heywood case, small sample,
    paths dropped or bootstrap."""

    kind: str
    text: str


@dataclass(frozen=True)
class SemFit:
    """A fitted model. covariance: q x q of the estimates; resamples: Resamples or None."""

    specification: object
    options: FitOptions
    structure: Structure
    sample: object
    optimum: object
    covariance: np.ndarray
    tests: object
    problems: tuple
    resamples: object = None

    @property
    def converged(self):
        """Whether the maximum of the likelihood was found."""
        return self.optimum.converged

    @property
    def robust(self):
        """Whether errors and test are robust (MLR)."""
        return self.options.estimator == "MLR"

    @cached_property
    def values(self):
        """The value of every relation."""
        return self.structure.all_values(self.optimum.x)

    @cached_property
    def implied(self):
        """Covariance and mean by the model."""
        return self.structure.implied(self.optimum.x)

    @cached_property
    def spread(self):
        """Standard deviations by the model."""
        return standardized.spread(self.structure, self.implied, self.structure.derivatives(self.implied)[0])

    @cached_property
    def _columns(self):
        """Relations and definitions with estimates and standardized values, as arrays."""
        return table_of(self.structure, self.specification, self.values, self.spread)

    def estimates(self):
        """DataFrame lhs, op, rhs, label, est, se, z, p, ci_lower, ci_upper, std_lv, std_all; with a bootstrap also
        boot_se, boot_lower, boot_upper (percentiles). Fixed values have se 0 and no z."""
        columns = self._columns
        found = {**columns.names, **self._with_errors(columns.est, columns.est_slopes)}
        return pd.DataFrame({**found, "std_lv": columns.std_lv, "std_all": columns.std_all, **self._percentiles("est")})

    def standardized(self):
        """DataFrame lhs, op, rhs, label, est (standardized), se, z, p, ci_lower, ci_upper; with a bootstrap also
        its percentiles."""
        columns = self._columns
        found = {**columns.names, **self._with_errors(columns.std_all, columns.std_slopes)}
        return pd.DataFrame({**found, **self._percentiles("std")})

    def _percentiles(self, which):
        if self.resamples is None:
            return {}
        return dict(zip(("boot_se", "boot_lower", "boot_upper"), self.resamples.summary(which)))

    def table(self):
        """:meth:`estimates` and :meth:`standardized` side by side, the columns of the latter as std_..."""
        standardized = self.standardized().drop(columns=["lhs", "op", "rhs", "label", "est"]).add_prefix("std_")
        return pd.concat([self.estimates(), standardized], axis=1)

    def fit_indices(self):
        """Series of the fit indices under lavaan's names; without convergence all NaN but the counts."""
        found = indices.fit_indices(self)
        if not self.converged:
            counted = {"npar", "df", "baseline.df", "ntotal"}
            found = {name: value if name in counted else np.nan for name, value in found.items()}
        return pd.Series(found, name="value")

    def modification_indices(self, minimum=0.0):
        """DataFrame lhs, op, rhs, mi, epc, sepc_lv, sepc_all, sepc_nox, largest first. Empty when the model did not
        converge or is not identified."""
        if not np.isfinite(self.covariance).all() or not self.converged:
            return pd.DataFrame(columns=["lhs", "op", "rhs", "mi", "epc", "sepc_lv", "sepc_all", "sepc_nox"])
        table = pd.DataFrame(modification.modification_indices(self))
        return table[table["mi"] >= minimum].reset_index(drop=True)

    def effects(self):
        """DataFrame source, target, effect (direct, indirect, total), est, se, z, p, ci_lower, ci_upper, std."""
        found = effects_module.effects(self)
        names = {name: found[name] for name in ("source", "target", "effect")}
        slopes = np.array(found["slopes"]).reshape(len(found["est"]), self.structure.size)
        errors = self._with_errors(np.array(found["est"], float), slopes)
        return pd.DataFrame({**names, **errors, "std": np.array(found["std"], float)})

    def r_squared(self):
        """Series: variable -> share of variance explained."""
        return pd.Series(standardized.r_squared(self.structure, self.implied), name="r2", dtype=float)

    def residual_correlations(self):
        """DataFrame p x p: sample minus implied covariance, over the sample standard deviations."""
        p, size = self.structure.observed, np.sqrt(np.diag(self.sample.covariance))
        gaps = (self.sample.covariance - self.implied.covariance[:p, :p]) / np.outer(size, size)
        return pd.DataFrame(gaps, index=self.sample.names, columns=self.sample.names)

    def _with_errors(self, values, slopes):
        """Values of functions of x with errors by their derivatives (delta method), as columns."""
        variance = (slopes @ self.covariance * slopes).sum(axis=1)
        se = np.sqrt(np.where(variance > -1e-12, np.maximum(variance, 0.0), np.nan))
        se[~slopes.any(axis=1)] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(se > 1e-9 * np.maximum(1.0, np.abs(values)), values / se, np.nan)
        wide, p = ndtri(0.975) * se, 2 * ndtr(-np.abs(z))
        return {"est": values, "se": se, "z": z, "p": p, "ci_lower": values - wide, "ci_upper": values + wide}


@dataclass(frozen=True)
class _Columns:
    names: dict
    est: np.ndarray
    est_slopes: np.ndarray
    std_lv: np.ndarray
    std_all: np.ndarray
    std_slopes: np.ndarray


def table_of(structure, specification, values, spread):
    """Relations and definitions: names, estimates and standardized values with their derivatives by x."""
    slopes = np.zeros((len(values), structure.size))
    slopes[structure.estimated] = np.eye(structure.size)
    std_lv, lv_slopes = standardized.standardize(structure, values, spread, specification.observed)
    std_all, all_slopes = standardized.standardize(structure, values, spread)
    rows = [(one.lhs, one.op, "" if one.op == "~1" else one.rhs, one.label) for one in structure.relations]
    rows += [(one.name, ":=", one.text, one.name) for one in specification.definitions]
    kinds = ((values, slopes), (std_lv, lv_slopes), (std_all, all_slopes))
    (est, d_est), (lv, _), (std, d_std) = (_with_definitions(structure, specification, *one) for one in kinds)
    names = dict(zip(("lhs", "op", "rhs", "label"), map(list, zip(*rows))))
    return _Columns(names, est, d_est, lv, std, d_std)


def _with_definitions(structure, specification, values, slopes):
    """Values and derivatives with those of the definitions behind."""
    if not specification.definitions:
        return values, slopes
    known = {}
    for one, value, slope in zip(structure.relations, values, slopes):
        if one.label:
            known.setdefault(one.label, (value, slope))
    with np.errstate(all="ignore"):
        for one in specification.definitions:
            known[one.name] = one.expression.evaluate(known)
    added = [known[one.name] for one in specification.definitions]
    below = [np.broadcast_to(slope, structure.size) for _, slope in added]
    return np.append(values, [value for value, _ in added]), np.vstack([slopes, *below])
