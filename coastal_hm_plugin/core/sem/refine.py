"""Dropping weak paths one by one, as Wu et al. (2025) refined their model."""

from dataclasses import dataclass, replace

import pandas as pd

from ..errors import InputError
from ..monitor import SILENT
from .expressions import labels_in
from .fit import fit
from .result import FitOptions, Problem
from .specification import written
from .syntax import parse

LEAST_INDICATORS = 3
CAUTION = (
    "the paths were chosen by the same data that now test them: p-values, intervals and fit indices no longer hold "
    "and look better than they are. Confirm the model on other data."
)


@dataclass(frozen=True)
class Refinement:
    """fit: of the last model; steps: DataFrame step, dropped, std_all, and chisq, df, cfi, rmsea, aic before it."""

    fit: object
    steps: pd.DataFrame


def refine(model, table, minimum, options=None, monitor=SILENT):
    """Fit, drop the loading or regression with the least standardized size below ``minimum``, and fit again.

    A latent keeps three indicators, and paths whose label stands in ``:=`` or ``==`` stay. A dropped regression
    becomes 0. Every step is logged. Raises InputError for a minimum outside 0 to 1.
    """
    if not 0 < minimum < 1:
        raise InputError(f"The least standardized path is {minimum:g}: it must lie between 0 and 1.")
    options = options or FitOptions()
    text = parse(model) if isinstance(model, str) else model
    while_dropping = replace(options, bootstrap=0)
    steps = []
    while True:
        monitor.check()
        fitted = fit(text, table, while_dropping)
        weakest = _weakest(fitted, text, minimum) if fitted.converged else None
        if weakest is None:
            break
        relation, size = weakest
        steps.append(_step(len(steps) + 1, relation, size, fitted))
        monitor.warn(f"Weak path dropped: {written(relation)} (standardized {size:.3f}).")
        text = _without(text, relation)
    fitted = fit(text, table, options, monitor)
    if steps:
        count = f"{len(steps)} weak paths were" if len(steps) > 1 else "1 weak path was"
        problem = Problem("paths dropped", f"{count} dropped; {CAUTION}")
        monitor.warn(f"Paths dropped: {problem.text}")
        fitted = replace(fitted, problems=(*fitted.problems, problem))
    columns = ["step", "dropped", "std_all", "chisq", "df", "cfi", "rmsea", "aic"]
    return Refinement(fitted, pd.DataFrame(steps, columns=columns))


def _weakest(fitted, text, minimum):
    """The written relation with the least standardized size, and that size, if below the minimum."""
    used = {
        token.text
        for expression in [one.expression for one in text.definitions]
        + [side for one in text.constraints for side in (one.left, one.right)]
        for token in labels_in(expression)
    }
    loadings = [one.lhs for one in text.relations if one.op == "=~"]
    sizes = fitted.standardized().set_index(["lhs", "op", "rhs"])["est"]
    found = None
    for one in text.relations:
        droppable = one.op == "~" and one.fixed is None
        droppable |= one.op == "=~" and loadings.count(one.lhs) > LEAST_INDICATORS
        if not droppable or (one.label and one.label in used):
            continue
        size = float(sizes[one.lhs, one.op, one.rhs])
        if abs(size) < minimum and (found is None or abs(size) < abs(found[1])):
            found = one, size
    return found


def _without(text, relation):
    """The model without a loading, or with a regression of 0; what is left of the variable goes with it."""
    if relation.op == "~":
        kept = [replace(one, fixed=0.0, free=False) if one is relation else one for one in text.relations]
        return replace(text, relations=tuple(kept))
    kept = [one for one in text.relations if one is not relation]
    name = relation.rhs
    elsewhere = any(name in (one.lhs, one.rhs) for one in kept if one.op in ("=~", "~"))
    if not elsewhere:
        kept = [one for one in kept if name not in (one.lhs, one.rhs)]
    return replace(text, relations=tuple(kept))


def _step(number, relation, size, fitted):
    indices = fitted.fit_indices()
    return {
        "step": number,
        "dropped": written(relation),
        "std_all": size,
        **{name: indices[name] for name in ("chisq", "df", "cfi", "rmsea", "aic")},
    }
