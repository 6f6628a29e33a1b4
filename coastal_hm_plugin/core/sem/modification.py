"""Modification indices: what freeing one more path would gain (Sorbom 1989)."""

import numpy as np

from .likelihood import Likelihood
from .numerics import product, scaled_whitener
from .standardized import spread, standardize
from .syntax import INTERCEPT, Relation
from .tokens import ADDED

TOLD = 1e-8  # least share of its information that the present parameters leave a path


def modification_indices(fit):
    """One row per path that could be added or freed: its chi-square gain (mi), expected change (epc), standardized too.

    A dict of columns lhs, op, rhs, mi, epc, sepc_lv, sepc_all, sepc_nox, sorted by mi. From the score and the
    expected information; what could not be told from present paths is left out, and so is what would explain an
    exogenous covariate, whose moments are given.
    """
    structure = fit.structure
    larger = structure.extended(_candidates(fit.specification, structure))
    count = len(fit.values)
    x = np.concatenate([fit.values, np.zeros(larger.size - count)])
    slopes = Likelihood(larger, fit.sample).slopes(x, observed=False)
    varies = structure.basis.any(axis=1)
    old = np.flatnonzero(structure.estimated)[varies]
    exogenous = fit.specification.exogenous
    fixed = [n for n in np.setdiff1d(np.arange(count), old) if structure.relations[n].lhs not in exogenous]
    new = np.array([*fixed, *range(count, larger.size)], dtype=int)
    within = slopes.expected[np.ix_(old, old)]
    basis = structure.basis[varies]
    cross = slopes.expected[np.ix_(new, old)] @ basis
    half = scaled_whitener(basis.T @ within @ basis)
    gained = np.diag(slopes.expected)[new] - (product(cross, half.T) ** 2).sum(axis=1)
    told = gained > TOLD * np.diag(slopes.expected)[new]
    score = -slopes.gradient[new] / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        mi, epc = fit.sample.n * score**2 / gained, score / gained
    kept = np.flatnonzero(told)
    kept = kept[np.argsort(-mi[kept], kind="stable")]
    relations = [larger.relations[new[k]] for k in kept]
    table = {"lhs": [one.lhs for one in relations], "op": [one.op for one in relations]}
    table["rhs"] = ["" if one.op == "~1" else one.rhs for one in relations]
    changes = x.copy()
    changes[new] = epc
    table.update(mi=mi[kept], epc=epc[kept])
    table.update({name: values[new[kept]] for name, values in _standardized(fit, larger, changes).items()})
    return table


def _standardized(fit, larger, values):
    slopes = np.zeros((larger.size, len(larger.names), len(larger.names)))
    sizes = spread(larger, fit.implied, slopes)
    kinds = (("sepc_lv", fit.specification.observed), ("sepc_all", ()), ("sepc_nox", fit.specification.exogenous))
    return {name: standardize(larger, values, sizes, unit)[0] for name, unit in kinds}


def _candidates(specification, structure):
    """Loadings of every indicator on every latent, covariances, and regressions among the structural variables."""
    latent, indicators = specification.latent, specification.indicators
    observed = [name for name in specification.observed if name not in specification.exogenous]
    present = {_key(one.op, one.lhs, one.rhs) for one in structure.relations}
    structural = list(
        dict.fromkeys(
            [one.lhs for one in structure.relations if one.op == "~"]
            + [one.rhs for one in structure.relations if one.op == "~"]
        )
    )
    offered = [("=~", f, y) for f in latent for y in observed if y not in structural]
    measured = [name for name in observed if name in indicators]
    for names in (measured, latent):
        offered += [("~~", a, b) for i, a in enumerate(names) for b in names[i:]]
    offered += [
        ("~", y, x)
        for y in structural
        for x in structural
        if y not in specification.exogenous
        if y != x and not (y in indicators and y not in latent and x in latent)
    ]
    if specification.means:
        offered += [("~1", name, INTERCEPT) for name in (*observed, *latent)]
    return [Relation(a, op, b, ADDED) for op, a, b in offered if _key(op, a, b) not in present]


def _key(op, lhs, rhs):
    return op, frozenset((lhs, rhs)) if op == "~~" else (lhs, rhs)
