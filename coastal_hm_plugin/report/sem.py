"""A structural equation model as a section of a report."""

import numpy as np
import pandas as pd

from .document import Chart, Listing, Section
from .sem_diagram import path_diagram

INDICES = {
    "chisq": "Chi-square",
    "df": "Degrees of freedom of the model",
    "pvalue": "p of chi-square",
    "chisq.scaled": "Chi-square, scaled (Yuan-Bentler)",
    "pvalue.scaled": "p of the scaled chi-square",
    "chisq.scaling.factor": "Scaling factor",
    "baseline.chisq": "Chi-square of the baseline model",
    "baseline.df": "Degrees of freedom of the baseline model",
    "cfi": "CFI",
    "cfi.robust": "CFI, robust",
    "tli": "TLI",
    "tli.robust": "TLI, robust",
    "rmsea": "RMSEA",
    "rmsea.ci.lower": "RMSEA, lower 90 % limit",
    "rmsea.ci.upper": "RMSEA, upper 90 % limit",
    "rmsea.pvalue": "p of RMSEA ≤ 0.05",
    "rmsea.notclose.pvalue": "p of RMSEA ≥ 0.08",
    "rmsea.robust": "RMSEA, robust",
    "srmr": "SRMR",
    "logl": "Log-likelihood",
    "aic": "AIC",
    "bic": "BIC",
    "bic2": "BIC, adjusted for sample size",
    "npar": "Free parameters",
    "ntotal": "Sites",
}
USUAL = {"cfi": (0.95, "least"), "tli": (0.95, "least"), "rmsea": (0.06, "most"), "srmr": (0.08, "most")}
OPERATIONS = {"=~": "is measured by", "~": "depends on", "~~": "varies with", "~1": "intercept", ":=": "="}
PARTS = {
    "=~": (
        "sem_loadings",
        "Loadings: what measures each latent variable. A loading or a variance fixed to 1 gives it a unit.",
    ),
    "~": ("sem_regressions", "Regressions."),
    "~~": ("sem_covariances", "Variances and covariances, of residuals where a variable is explained."),
    "~1": ("sem_intercepts", "Intercepts."),
    ":=": ("sem_definitions", "Defined quantities."),
}
SHOWN_CHANGES = 10


def section(fit, refinement=None, title="Structural equation model"):
    """A :class:`SemFit` as a Section. refinement: the Refinement it came from, if weak paths were dropped."""
    charts = ()
    if fit.converged:
        charts = (Chart("structural_equation_model", path_diagram(fit), _caption(fit)),)
    listings = tuple(publication(fit, refinement).values())
    return Section(title, tuple(_paragraphs(fit)), listings, charts, tuple(_warnings(fit)))


def publication(fit, refinement=None):
    """The tables as a reader wants them: file stem -> Listing. Without convergence only the fit indices."""
    listings = {"sem_fit_indices": Listing("Fit indices.", indices_table(fit), 4)}
    if fit.converged:
        listings.update(_tables(fit))
    if refinement is not None and len(refinement.steps):
        caption = "Paths dropped, with the fit before each step."
        listings["sem_dropped"] = Listing(caption, _steps(refinement), 3)
    return listings


def indices_table(fit):
    """Fit indices in words: DataFrame index, value, usual limit."""
    values = fit.fit_indices()
    names = [name for name in INDICES if name in values.index]
    limits = [_limit(name.replace(".robust", "")) for name in names]
    whole = {"df", "baseline.df", "npar", "ntotal"}
    shown = pd.Series([int(values[n]) if n in whole else float(values[n]) for n in names], dtype=object)
    return pd.DataFrame({"Index": [INDICES[name] for name in names], "Value": shown, "Usual limit": limits})


def _limit(name):
    if name not in USUAL:
        return ""
    limit, kind = USUAL[name]
    return f"{'≥' if kind == 'least' else '≤'} {limit:g}"


def _paragraphs(fit):
    robust = ", with errors and test robust to non-normal data (MLR)" if fit.robust else ""
    gaps = "; gaps by full information" if not fit.sample.complete else ""
    scaled = ", on standardized variables" if fit.options.standardize else ""
    yield f"Maximum likelihood over {fit.sample.n} sites{scaled}{robust}{gaps}. Likelihood and indices as lavaan's."
    if not fit.converged:
        return
    values = fit.fit_indices()
    chi2 = "chisq.scaled" if fit.robust else "chisq"
    p = "pvalue.scaled" if fit.robust else "pvalue"
    df = int(values["df"])
    if df == 0:
        yield "The model has no degrees of freedom: it fits by construction, and says nothing about its own truth."
        return
    used = {name: values.get(f"{name}.robust", values[name]) for name in USUAL}
    held = [name for name, (limit, kind) in USUAL.items() if (used[name] >= limit) == (kind == "least")]
    missed = [name for name in USUAL if name not in held]
    verdict = (
        "All of CFI, TLI, RMSEA and SRMR keep the usual limits (Hu and Bentler 1999)."
        if not missed
        else f"Beyond the usual limits (Hu and Bentler 1999): {', '.join(name.upper() for name in missed)}."
    )
    yield f"χ² = {values[chi2]:.2f}, df = {df}, p = {_p(values[p])}. {verdict}"
    yield (
        "A model that fits is one that these data do not contradict. Other models, with other arrows, can fit as well: "
        "where an arrow points is an assumption of the model, not a finding."
    )


def _caption(fit):
    return (
        f"Path diagram, n = {fit.sample.n}. Ellipses: latent variables; boxes: observed ones. Standardized "
        "coefficients: width by size, blue positive, red negative, fainter the less certain (* p < 0.05, "
        "** < 0.01, *** < 0.001); dashed: covariances beyond the arrows. Fixed paths carry the test of their "
        "standardized value."
    )


def _warnings(fit):
    grouped = {}
    for problem in fit.problems:
        grouped.setdefault(problem.kind, []).append(problem.text)
    for kind, texts in grouped.items():
        for text in texts:
            yield f"{kind[0].upper()}{kind[1:]}: {text}"


def _tables(fit):
    table = fit.estimates()
    standardized = fit.standardized()
    for op, (name, caption) in PARTS.items():
        chosen = table["op"] == op
        if chosen.any():
            yield name, Listing(caption, _estimates(table[chosen], standardized[chosen]), 3)
    explained = fit.r_squared()
    if len(explained):
        frame = pd.DataFrame({"Variable": explained.index, "R²": explained.to_numpy()})
        yield "sem_r2", Listing("Share of variance explained.", frame, 3)
    effects = fit.effects()
    if (effects.loc[effects["effect"] == "indirect", "est"] != 0).any():
        yield "sem_effects", Listing("Direct, indirect and total effects.", _effects(effects), 3)
    changes = fit.modification_indices().head(SHOWN_CHANGES)
    if len(changes):
        caption = (
            f"Modification indices: the {len(changes)} paths whose release would lower chi-square most. One above 3.84 "
            "is significant by itself; among so many, some are by chance."
        )
        yield "sem_modification_indices", Listing(caption, _changes(changes), 3)


def _estimates(table, standardized):
    middle = table["op"].map(OPERATIONS)
    frame = pd.DataFrame(
        {
            "Variable": table["lhs"],
            "": middle,
            " ": table["rhs"],
            "Estimate": table["est"],
            "SE": table["se"].where(table["se"] > 0),
            "p": [_p(p) for p in table["p"]],
            "Standardized": standardized["est"],
            "SE of it": standardized["se"].where(standardized["se"] > 0),
            "p of it": [_p(p) for p in standardized["p"]],
        }
    )
    if "boot_lower" in standardized:
        frame["Standardized, bootstrap 95 %"] = _intervals(standardized)
    return frame


def _intervals(table):
    pairs = zip(table["boot_lower"], table["boot_upper"])
    return [f"{low:.2f} to {high:.2f}".replace("-", "−") for low, high in pairs]


def _effects(effects):
    frame = effects[["source", "target", "effect", "est", "se"]].copy()
    frame["p"] = [_p(p) for p in effects["p"]]
    frame["std"] = effects["std"]
    frame["se"] = frame["se"].where(frame["se"] > 0)
    frame.columns = ["From", "To", "Effect", "Estimate", "SE", "p", "Standardized"]
    return frame


def _changes(changes):
    return pd.DataFrame(
        {
            "Path": [f"{row.lhs} {row.op} {row.rhs}".replace("~1 ", "~ 1") for row in changes.itertuples()],
            "Modification index": changes["mi"],
            "Expected value": changes["epc"],
            "Standardized": changes["sepc_all"],
        }
    )


def _steps(refinement):
    names = ["Step", "Dropped", "Standardized", "Chi-square", "df", "CFI", "RMSEA", "AIC"]
    return refinement.steps.set_axis(names, axis=1)


def _p(value):
    if value is None or np.isnan(value):
        return "–"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
