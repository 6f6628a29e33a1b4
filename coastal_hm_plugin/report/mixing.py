"""Isotope fractionation and mixing models, and PMF beside isotopes, as sections of a report."""

from .document import Chart, Listing, Section
from .mixing_figures import GROUPS_DRAWN, deltas, isotope_label, posterior, together, tracer_space, triangles

ERROR_TEXT = {
    "residual*process": "variance of the sources' samples, weighted by the squared shares, times a factor for each "
    "tracer (residual × process)",
    "residual": "one residual covariance of the mixtures",
    "process": "variance of the sources' samples, weighted by the squared shares (process)",
}


def section(result, end_members=None, reference=None):
    """A :class:`MixingResult` as a Section.

    end_members: the table of two_sources, when there are two. reference: compositions to draw in the tracer space, as
    of reference_points; None: the literature's where the tracers are 206Pb/207Pb and 208Pb/206Pb.
    """
    from ..core.mixing import reference_points

    tracers = result.sources.tracers
    if reference is None:
        reference = reference_points(tracers)
    charts = []
    if len(tracers) > 1:
        caption = _tracer_caption(result, reference)
        charts.append(Chart("mixing_tracers", tracer_space(result, reference), caption))
    if len(result.sources.names) == 3:
        charts.append(Chart("mixing_ternary", triangles(result), TERNARY_CAPTION + _not_drawn(result)))
    charts.append(Chart("mixing_posterior", posterior(result), POSTERIOR_CAPTION + _not_drawn(result)))
    caption = "Posterior shares, with 95 % intervals, R-hat and effective sample size (ESS)."
    listings = [Listing(caption, _table(result), 4)]
    if end_members is not None:
        caption = "Two end-members, tracer by tracer: share of the first source, not confined to 0 to 1."
        listings.append(Listing(caption, _end_members(end_members)))
    listings.append(Listing("Sources as given, in the tracers' units.", _sources(result), 5))
    if len(result.predictive):
        caption = (
            "Posterior predictive check: mixtures beside what the model draws; p is the share of draws as extreme."
        )
        listings.append(Listing(caption, _check(result), 4))
    listings.append(Listing("Correlation of the sources' shares in the posterior.", _pairs(result)))
    return Section("Isotope mixing model", _paragraphs(result), tuple(listings), tuple(charts), result.warnings)


POSTERIOR_CAPTION = "Posterior of each source's share. Point: mean; thick line: middle half; thin line: 95 % interval."
TERNARY_CAPTION = (
    "Posterior of the three shares together. Dark and light: smallest regions that hold 50 and 95 % of it; point: "
    "mean. The numbers along each side belong to the source of their colour."
)


def fractionation_section(result, field=""):
    """A :class:`Fractionation` as a Section."""
    media, differences = result.media, result.differences
    chart = Chart("isotope_deltas", deltas(media), "Mean δ of each medium with the standard deviation of its samples.")
    names = {"medium": "Medium", "mean": "Mean", "sd": "SD", "se": "Standard error"}
    listings = [Listing("δ of the media, ‰.", media.rename(columns=names))]
    if len(differences):
        names = {"a": "Medium a", "b": "Medium b", "Delta": "Δ", "se": "Standard error", "sd": "SD of the samples",
                 "low_95": "95 % from", "high_95": "to"}  # fmt: skip
        listings.append(Listing("Δ = δ(a) − δ(b), ‰, with Welch's test.", differences.rename(columns=names)))
    text = (
        f"Isotopes: {field}. δ = (ratio / ratio of the standard − 1) × 1000; Δ between two media is the difference of "
        "their means. Its standard error comes from the errors of both means, its SD from the spread of the samples."
    )
    return Section("Isotope deltas and fractionation", (text,), tuple(listings), (chart,))


def agreement_section(agreement):
    """An :class:`Agreement` of PMF and isotopes as a Section."""
    table = agreement.table.copy()
    shares = [column for column in table.columns if column not in ("group", "verdict")]
    table[shares] = 100 * table[shares]
    names = {"group": "Group", "pmf": "PMF", "isotope": "Isotopes", "difference": "Difference", "verdict": "Verdict"}
    for kind in ("pmf", "isotope", "difference"):
        names |= {f"{kind}_low": f"{names[kind]} from", f"{kind}_high": f"{names[kind]} to"}
    caption = (
        "Anthropogenic share by PMF (bootstrap's 5th to 95th percentile and DISP's range, whichever reaches further) "
        "and by isotopes (posterior mean and 95 % interval)."
    )
    text = (
        f"PMF: {_and(agreement.factors)} in {agreement.species or 'the element'}. Isotopes: {_and(agreement.sources)}. "
        "The PMF tells sources apart by what varies together, the isotopes by what they are made of: their errors have "
        "nothing in common."
    )
    listing = Listing("Anthropogenic shares and their difference, PMF − isotopes, %.", table.rename(columns=names))
    chart = Chart("pmf_isotopes", together(agreement), caption)
    return Section("PMF and isotopes together", (text, agreement.rules()), (listing,), (chart,))


def _paragraphs(result):
    prior = result.options.prior
    named = ", ".join(f"{name} {alpha:g}" for name, alpha in zip(result.sources.names, prior))
    flat = all(alpha == 1 for alpha in prior)
    weighted = " Sources are weighted by their concentrations." if result.sources.concentration is not None else ""
    used = list(dict.fromkeys(result.table["error"]))
    tracers = ", ".join(map(isotope_label, result.sources.tracers))
    return (
        f"Shares of {len(result.sources.names)} sources in {len(result.mixtures)} mixtures from "
        f"{tracers}. Dirichlet prior: {'flat (1 for every source)' if flat else named}. "
        f"Error: {'; '.join(ERROR_TEXT[error] for error in used)}.{weighted}",
        "The sources' true means and variances are uncertain as far as their numbers of samples tell. Shares of "
        "similar sources are negatively correlated: their sum is known better than each.",
    )


def _tracer_caption(result, reference):
    caption = (
        "Mixtures among their sources (with discrimination; bars: one standard deviation). Crosses: mixtures that "
        "fewer than 5 % of simulated polygons hold."
    )
    if len(reference):
        table = reference["kind"].isin(["emission", "medium"]).all()
        caption += " Open grey symbols: " + (
            "values of the literature and of Wu et al. (2025), Table S2." if table else "the reference values given."
        )
    if len(result.sources.tracers) > 2:
        caption += " Two of the tracers are shown."
    return caption


def _not_drawn(result):
    more = len(result.group_names) - GROUPS_DRAWN
    return f" {more} more groups are in the table alone." if more > 0 else ""


def _and(names):
    return " + ".join(map(str, names)) or "the anthropogenic ones"


def _sources(result):
    names = {"source": "Source", "tracer": "Tracer", "mean": "Mean", "sd": "SD", "discrimination": "Discrimination",
             "discrimination_sd": "SD of the discrimination"}  # fmt: skip
    table = result.sources.table()
    if not table[["discrimination", "discrimination_sd"]].any(axis=None):
        table = table.drop(columns=["discrimination", "discrimination_sd"])
    table["tracer"] = table["tracer"].map(isotope_label)
    return table.rename(columns=names)


def _table(result):
    names = {"group": "Group", "source": "Source", "samples": "n", "mean": "Mean", "sd": "SD", "q2_5": "2.5 %",
             "q25": "25 %", "q50": "Median", "q75": "75 %", "q97_5": "97.5 %",
             "r_hat": "R-hat", "ess": "ESS"}  # fmt: skip
    table = result.table[list(names)].rename(columns=names)
    return table.round(3).assign(ESS=table["ESS"].round().astype(int))


def _end_members(table):
    names = {"group": "Group", "tracer": "Tracer", "source": "Source", "share": "Share", "share_sd": "SD",
             "low_95": "2.5 %", "high_95": "97.5 %", "within": "Draws in 0 to 1", "verdict": "Verdict"}  # fmt: skip
    return table.assign(tracer=table["tracer"].map(isotope_label))[list(names)].rename(columns=names)


def _check(result):
    names = {"group": "Group", "tracer": "Tracer", "statistic": "Statistic", "observed": "Observed",
             "low_95": "2.5 %", "median": "Median", "high_95": "97.5 %", "p": "p"}  # fmt: skip
    table = result.predictive.assign(tracer=result.predictive["tracer"].map(isotope_label))
    return table[list(names)].rename(columns=names)


def _pairs(result):
    return result.correlation.rename(columns={"group": "Group", "a": "Source", "b": "and", "r": "Correlation"})
