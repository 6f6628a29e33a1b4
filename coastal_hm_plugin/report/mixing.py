"""Isotope fractionation and mixing models as sections of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

# 206Pb/207Pb and 208Pb/206Pb in the literature, as in Table S2 of Wu et al. 2025
LEAD = (
    ("Coal (Chae et al. 2014)", 1.13, 2.14),
    ("Traffic emission dust (Shen et al. 2023)", 1.156, 2.103),
    ("Factory emission dust (Shen et al. 2023)", 1.166, 2.095),
    ("Coal fly ash (Shen et al. 2023)", 1.155, 2.118),
)
GROUPS_DRAWN = 8
ERROR_TEXT = {
    "residual*process": "variance of the sources' samples, weighted by the squared shares, times a factor for each "
    "tracer (residual × process)",
    "residual": "one residual covariance of the mixtures",
    "process": "variance of the sources' samples, weighted by the squared shares (process)",
}


def section(result, end_members=None):
    """A :class:`MixingResult` as a Section. end_members: the table of two_sources, when there are two."""
    charts = []
    if len(result.sources.tracers) > 1:
        charts.append(Chart("mixing_tracers", tracer_space(result), _tracer_caption(result)))
    charts.append(Chart("mixing_posterior", posterior(result), POSTERIOR_CAPTION))
    listings = [Listing("Posterior shares, with 95 % intervals, R-hat and effective sample size.", _table(result))]
    if end_members is not None:
        caption = "Two end-members, tracer by tracer: share of the first source, not confined to 0 to 1."
        listings.append(Listing(caption, _end_members(end_members)))
    listings.append(Listing("Sources as given, in the tracers' units.", result.sources.table()))
    if len(result.predictive):
        listings.append(Listing("Posterior predictive check: mixtures beside what the model draws.", _check(result)))
    listings.append(Listing("Correlation of the sources' shares in the posterior.", _pairs(result)))
    return Section("Isotope mixing model", _paragraphs(result), tuple(listings), tuple(charts), result.warnings)


POSTERIOR_CAPTION = "Posterior of each source's share. Point: mean; thick line: middle half; thin line: 95 % interval."


def tracer_space(result):
    """Mixtures and sources on the first two tracers, with the polygon around the sources."""
    figure, axes = new_figure(180, 100)
    sources, names = result.sources, result.sources.tracers[:2]
    centre, spread = sources.centre[:, :2], sources.spread[:, :2]
    corners = _hull(centre)
    axes.fill(*centre[corners].T, facecolor="#f3f4f6", edgecolor=GREY, linewidth=0.8)
    for number, source in enumerate(sources.names):
        colour = PALETTE[number % len(PALETTE)]
        x, y = spread[number]
        axes.errorbar(*centre[number], xerr=x, yerr=y, fmt="s", ms=5, color=colour, elinewidth=1, label=source)
    inside = ~result.outside["outside"].to_numpy()
    points = result.mixtures[list(names)].to_numpy()
    axes.plot(*points[inside].T, "o", ms=3.2, color="#111827", mec="white", mew=0.4, ls="none", label="mixture")
    if not inside.all():
        axes.plot(*points[~inside].T, "x", ms=5, color=PALETTE[5], ls="none", label="mixture outside")
    if is_lead(names):
        for number, (label, x, y) in enumerate(LEAD):
            axes.plot(x, y, "v^<>"[number], ms=5, mfc="none", mec=GREY, ls="none", label=label)
    axes.set_xlabel(names[0])
    axes.set_ylabel(names[1])
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=7.5)
    return figure


def posterior(result):
    """A panel per group: a violin, the quartiles and the 95 % interval of every source."""
    shown = result.group_names[:GROUPS_DRAWN]
    figure, axes = new_figure(180, 20 + 40 * len(shown), len(shown), 1, squeeze=False, sharex=True)
    for name, draws, panel in zip(shown, result.draws, axes[:, 0]):
        part = result.table[result.table["group"] == name]
        places = np.arange(len(part))
        bodies = panel.violinplot(draws, places, widths=0.8, showextrema=False)["bodies"]
        for number, body in enumerate(bodies):
            body.set(facecolor=PALETTE[number % len(PALETTE)], alpha=0.35, edgecolor="none")
        panel.vlines(places, part["q2_5"], part["q97_5"], color="#111827", lw=0.8)
        panel.vlines(places, part["q25"], part["q75"], color="#111827", lw=2.6)
        panel.plot(places, part["mean"], "o", ms=4.5, color="white", mec="#111827")
        panel.set_ylim(0, 1)
        panel.set_ylabel("share")
        panel.set_xticks(places)
        panel.set_xticklabels(part["source"])
        if len(shown) > 1:
            panel.set_title(name, loc="left", fontweight="bold")
    return figure


def is_lead(tracers):
    """Whether the two tracers are 206Pb/207Pb and 208Pb/206Pb, told from the digits of their names."""
    digits = ["".join(c for c in str(tracer) if c.isdigit()) for tracer in tracers]
    return digits in (["206207", "208206"],)


def fractionation_section(result, field=""):
    """A :class:`Fractionation` as a Section."""
    media, differences = result.media, result.differences
    figure, axes = new_figure(150, 25 + 9 * len(media))
    places = np.arange(len(media))[::-1]
    axes.errorbar(media["mean"], places, xerr=media["sd"], fmt="o", ms=5, color=PALETTE[0], elinewidth=1, capsize=2)
    axes.set_yticks(places)
    axes.set_yticklabels([f"{row.medium} (n = {row.n})" for row in media.itertuples()])
    axes.set_xlabel("δ (‰)")
    axes.set_ylim(-0.6, len(media) - 0.4)
    chart = Chart("isotope_deltas", figure, "Mean δ of each medium with the standard deviation of its samples.")
    listings = [Listing("δ of the media, ‰.", media.rename(columns={"sd": "SD", "se": "Standard error"}))]
    if len(differences):
        names = {"se": "Standard error", "sd": "SD of the samples", "low_95": "95 % from", "high_95": "to"}
        listings.append(Listing("Δ = δ(a) − δ(b), ‰, with Welch's test.", differences.rename(columns=names)))
    text = (
        f"Isotopes: {field}. δ = (ratio / ratio of the standard − 1) × 1000; Δ between two media is the difference of "
        "their means. Its standard error comes from the errors of both means, its SD from the spread of the samples."
    )
    return Section("Isotope deltas and fractionation", (text,), tuple(listings), (chart,))


def _hull(points):
    """Corners of the convex hull in order; all of them where it is flat."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return ConvexHull(points).vertices
    except (QhullError, ValueError):
        return np.arange(len(points))


def _paragraphs(result):
    prior = result.options.prior
    flat = not prior or len(set(prior)) == 1
    named = ", ".join(f"{name} {alpha:g}" for name, alpha in zip(result.sources.names, prior))
    weighted = " Sources are weighted by their concentrations." if result.sources.concentration is not None else ""
    used = list(dict.fromkeys(result.table["error"]))
    return (
        f"Shares of {len(result.sources.names)} sources in {len(result.mixtures)} mixtures from "
        f"{', '.join(result.sources.tracers)}. Dirichlet prior: {'flat' if flat and not prior else named}. "
        f"Error: {'; '.join(ERROR_TEXT[error] for error in used)}.{weighted}",
        "The sources' true means and variances are uncertain as far as their numbers of samples tell. Shares of "
        "similar sources are negatively correlated: their sum is known better than each.",
    )


def _tracer_caption(result):
    caption = (
        "Mixtures among their sources (with discrimination; bars: one standard deviation). Crosses: mixtures that "
        "fewer than 5 % of simulated polygons hold."
    )
    if is_lead(result.sources.tracers[:2]):
        caption += " Open symbols: values from the literature, as compiled in Table S2 of Wu et al. (2025)."
    if len(result.sources.tracers) > 2:
        caption += " The first two tracers are shown."
    return caption


def _table(result):
    names = {"group": "Group", "source": "Source", "samples": "n", "mean": "Mean", "sd": "SD", "q2_5": "2.5 %",
             "q25": "25 %", "q50": "Median", "q75": "75 %", "q97_5": "97.5 %",
             "r_hat": "R-hat", "ess": "ESS"}  # fmt: skip
    table = result.table[list(names)].rename(columns=names)
    return table.assign(ESS=table["ESS"].round().astype(int))


def _end_members(table):
    names = {"group": "Group", "tracer": "Tracer", "source": "Source", "share": "Share", "share_sd": "SD",
             "low_95": "2.5 %", "high_95": "97.5 %", "within": "Draws in 0 to 1", "verdict": "Verdict"}  # fmt: skip
    return table[list(names)].rename(columns=names)


def _check(result):
    names = {"group": "Group", "tracer": "Tracer", "statistic": "Statistic", "observed": "Observed",
             "low_95": "2.5 %", "median": "Median", "high_95": "97.5 %", "p": "p"}  # fmt: skip
    return result.predictive[list(names)].rename(columns=names)


def _pairs(result):
    return result.correlation.rename(columns={"group": "Group", "a": "Source", "b": "and", "r": "Correlation"})
