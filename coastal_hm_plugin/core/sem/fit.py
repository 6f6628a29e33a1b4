"""Fitting a structural equation model."""

from dataclasses import replace

import numpy as np

from ..errors import InputError
from ..monitor import SILENT
from . import standardized
from .bootstrap import resample
from .inference import degrees_of_freedom, model_tests, uncertainty
from .likelihood import Likelihood
from .moments import read_sample, refuse_collinear
from .optimise import minimise
from .result import FitOptions, Problem, SemFit
from .specification import SpecificationOptions, refuse_latent_columns, specify, written
from .starts import plain_start, start
from .structure import Structure
from .syntax import parse

SITES_PER_PARAMETER = 5  # fewer and chi-square and errors are no longer what they say


def fit(model, table, options=None, monitor=SILENT):
    """Fit a structural equation model by maximum likelihood.

    model: text in lavaan's syntax (see :func:`parse`) or a ModelText; table: DataFrame with a column for every
    observed variable. Likelihood 'normal' (divisor n). Returns a :class:`SemFit`; non-convergence, lack of
    identification and Heywood cases are in ``problems`` and warned of. Raises InputError for wrong text or data.
    """
    options = options or FitOptions()
    text = parse(model) if isinstance(model, str) else model
    wanted = SpecificationOptions(options.means or options.missing == "fiml", options.std_lv)
    specification = specify(text, wanted)
    refuse_latent_columns(specification, table.columns)
    sample = read_sample(table, specification, options.missing, options.standardize, monitor)
    refuse_collinear(sample)
    structure = make_structure(specification, sample)
    likelihood = Likelihood(structure, sample)
    optimum = _optimum(likelihood, monitor.part(0.0, 0.4 if options.bootstrap else 1.0))
    fitted = _judge(specification, options, likelihood, optimum)
    if options.bootstrap:
        fitted = _bootstrapped(fitted, monitor.part(0.4, 1.0))
    for problem in fitted.problems:
        monitor.warn(f"{problem.kind[0].upper()}{problem.kind[1:]}: {problem.text}")
    return fitted


def make_structure(specification, sample):
    """The structure of a specification. Raises InputError when it has more parameters than moments."""
    names = specification.observed + specification.latent
    p = len(specification.observed)
    free = Structure(specification.relations, names, p, specification.exogenous, specification.means)
    structure = free.with_exogenous(sample).with_constraints(specification.constraints)
    parameters = structure.basis.shape[1]
    df = degrees_of_freedom(structure, parameters)
    if parameters == 0:
        raise InputError("Every path of the model is fixed: there is nothing to estimate.")
    if df < 0:
        raise InputError(
            f"The model has {parameters} free parameters but only {parameters + df} observed moments to learn them "
            "from: take paths out, or fix or equate some."
        )
    return structure


def _optimum(likelihood, monitor):
    """From the usual starting values; if that fails, from plain ones."""
    structure, sample = likelihood.structure, likelihood.sample
    best = minimise(likelihood, start(structure, sample), monitor)
    if not best.converged:
        second = minimise(likelihood, plain_start(structure, sample), monitor)
        best = second if second.converged else best
    if not np.isfinite(best.value):
        raise InputError(
            "The starting values imply a covariance matrix that is not positive definite: change what start() or fixed "
            "values of the model say."
        )
    return best


def _judge(specification, options, likelihood, optimum):
    """Errors, tests and problems of an optimum."""
    structure, sample = likelihood.structure, likelihood.sample
    robust = options.estimator == "MLR"
    observed = robust or options.missing == "fiml"
    slopes = likelihood.slopes(optimum.x)
    errors = uncertainty(likelihood, slopes, optimum.x, observed, robust)
    known = np.isfinite(errors.covariance).all()
    tests = model_tests(likelihood, optimum.value, errors.trace, robust and known)
    if not optimum.converged:
        errors = replace(errors, covariance=np.full_like(errors.covariance, np.nan))
    fitted = SemFit(specification, options, structure, sample, optimum, errors.covariance, tests, ())
    return replace(fitted, problems=tuple(_problems(fitted, errors.weak)))


def _problems(fitted, weak):
    structure, sample = fitted.structure, fitted.sample
    if not fitted.converged:
        yield Problem(
            "not converged",
            f"no maximum of the likelihood was found in {fitted.optimum.steps} steps: estimates have no errors, and "
            "nothing of this fit can be used. Simplify the model, or scale a latent by a stronger indicator.",
        )
    if weak:
        estimated = [one for one in structure.relations if one.fixed is None]
        listed = ", ".join(f"'{written(estimated[number])}'" for number in weak[:6])
        yield Problem("not identified", f"the data cannot tell the parameters {listed} apart: fix or remove one.")
    for case in standardized.heywood_cases(structure, fitted.implied, fitted.values):
        yield Problem("Heywood case", f"{case}: the solution is improper.")
    parameters = structure.basis.shape[1]
    if sample.n < SITES_PER_PARAMETER * parameters:
        yield Problem(
            "small sample",
            f"{sample.n} rows for {parameters} free parameters, under {SITES_PER_PARAMETER} each (Bentler and Chou "
            "1987): chi-square rejects too often, and errors are too small.",
        )


def _bootstrapped(fitted, monitor):
    if not fitted.converged:
        return fitted
    resamples = resample(fitted, monitor)
    done = replace(fitted, resamples=resamples)
    if resamples.failed:
        text = f"{resamples.failed} of {fitted.options.bootstrap} fits did not converge and are left out."
        done = replace(done, problems=(*done.problems, Problem("bootstrap", text)))
    return done
