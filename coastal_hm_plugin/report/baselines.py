"""Geochemical baselines as a section of a report: tables, cumulative curves, box plots."""

import numpy as np

from ..core.baselines import DECIMAL, METHOD_TITLES, recommend
from .axes import logarithmic, panels, probability
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

SHORT = {"imea": "IMEA", "imed": "IMED", "boxplot": "Box plot", "rcf": "RCF"}
MARKERS = {"imea": "D", "imed": "s", "boxplot": "o", "rcf": "^"}
_CUT = 4  # times the bend: where a curve on decimal axes is cut, or single high values would hide it
COLOURS = dict(zip(METHOD_TITLES, PALETTE))


def section(result, medium="", background=None, background_title="", summary=None):
    """A :class:`Baselines` as a Section. background: Series, element -> mg/kg, to compare with, or None; summary: the
    table of ``summary_statistics`` of the same samples, or None.
    """
    title = f"Geochemical baselines: {medium}" if medium else "Geochemical baselines"
    listings = publication(result, background, background_title, summary)
    charts = (
        Chart(f"baseline_curves_{medium}".rstrip("_"), curves(result), _curve_caption(result)),
        Chart(f"baseline_boxes_{medium}".rstrip("_"), boxes(result, background), BOX_CAPTION),
    )
    return Section(title, _paragraphs(result), tuple(listings.values()), charts, _warnings(result))


def publication(result, background=None, background_title="", summary=None):
    """The tables as a reader wants them: file stem -> Listing."""
    listings = {
        "baselines": _by_method(result, background, background_title),
        "baselines_recommended": _recommended(result),
        "baselines_details": _details(result),
    }
    if background is not None:
        listings["baselines_background"] = _comparison(result, background, background_title)
    if summary is not None:
        listings["summary_statistics"] = _summary(summary)
    return listings


BOX_CAPTION = (
    "Concentrations and baselines. Box: quartiles and median; whiskers: the last values inside Tukey's inner fences; "
    "points: values beyond them. Symbols: the baseline of each method, with its bootstrap 95 % interval."
)


def curves(result):
    """Cumulative frequency curves, a panel per element, with the fitted lines and the bend."""
    elements = [element for element in result.concentrations.columns if len(result.curve(element).below) > 1]
    figure, axes = panels(len(elements))
    decimal = result.options.rcf_axes == DECIMAL
    for element, panel in zip(elements, axes):
        _curve(panel, result, element, decimal)
    for panel in axes[::4]:
        panel.set_ylabel("Cumulative frequency (%)")
    for panel in axes[-4:]:
        panel.set_xlabel("Concentration (mg/kg)")
    return figure


def _curve(panel, result, element, decimal):
    curve, bend = result.curve(element), result.bends.get(element)
    height = 100 * curve.fraction if decimal else curve.score
    panel.plot(curve.concentration, height, "o", ms=2.2, color=PALETTE[0], mec="none", alpha=0.7)
    panel.set_title(element, loc="left", fontweight="bold", fontsize=9)
    credible = bend is not None and np.isfinite(result.upper_limit("rcf")[element])
    if not decimal:
        logarithmic(panel.xaxis, curve.concentration[0], curve.concentration[-1])
        probability(panel, 100 * curve.fraction[0], 100 * curve.fraction[-1])
    if bend is None:
        return
    if decimal:
        panel.set_xlim(0, min(curve.highest, _CUT * bend.concentration))
        panel.set_ylim(-3, 103)
    if credible:
        line = (bend.curve.concentration, bend.fitted) if decimal else (bend.fitted, bend.curve.score)
        panel.plot(*line, color=PALETTE[5], lw=1.2)
        panel.axvline(bend.concentration, color=PALETTE[5], lw=0.8, ls="--")
    text = f"bend {bend.concentration:.3g}" if credible else "no credible bend"
    if not decimal:
        text += f"\np = {bend.p_value:.2g}"
    panel.text(0.97, 0.05, text, transform=panel.transAxes, ha="right", va="bottom", fontsize=7, color="#333333")


def boxes(result, background=None):
    """Box plots of all elements on one logarithmic axis, with every method's baseline beside its box."""
    table = result.concentrations
    figure, axes = new_figure(180, 95)
    values = [table[element][table[element] > 0].to_numpy() for element in table.columns]
    places = np.arange(len(table.columns), dtype=float)
    axes.boxplot(
        values,
        positions=places - 0.2,
        widths=0.3,
        manage_ticks=False,
        patch_artist=True,
        boxprops={"facecolor": "#e5e7eb", "edgecolor": GREY, "linewidth": 0.8},
        medianprops={"color": "#111827", "linewidth": 1.2},
        whiskerprops={"color": GREY, "linewidth": 0.8},
        capprops={"color": GREY, "linewidth": 0.8},
        flierprops={"marker": ".", "markersize": 2, "markerfacecolor": GREY, "markeredgecolor": "none"},
    )
    for shift, method in zip(np.linspace(0.05, 0.35, len(result.options.methods)), result.options.methods):
        _baseline_symbols(axes, result, method, places + shift)
    if background is not None:
        values_known = background.reindex(table.columns).to_numpy(float)
        known = np.isfinite(values_known)
        left, right = places[known] - 0.38, places[known] + 0.42
        axes.hlines(values_known[known], left, right, color="black", lw=1.0, ls=":", label="Background")
    present = np.concatenate(values) if values else np.ones(1)
    logarithmic(axes.yaxis, present.min(initial=np.inf), present.max(initial=0))
    axes.set_xticks(places)
    axes.set_xticklabels(table.columns)
    axes.set_ylabel("Concentration (mg/kg)")
    axes.legend(ncol=5, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=7.5, frameon=False)
    return figure


def _baseline_symbols(axes, result, method, places):
    rows = result.table[result.table["method"] == method]
    found = np.isfinite(rows["baseline"].to_numpy(float))
    rows, places = rows[found], places[found]
    baseline, low, high = rows[["baseline", "baseline_low", "baseline_high"]].to_numpy(float).T
    reach = np.nan_to_num(np.clip([baseline - low, high - baseline], 0, None))
    style = {"fmt": MARKERS[method], "ms": 4, "color": COLOURS[method], "elinewidth": 0.9, "label": SHORT[method]}
    axes.errorbar(places, baseline, yerr=reach, mec="white", mew=0.3, **style)


def _by_method(result, background, title):
    """An element a row, a method a column; below the background in bold italics, as in Table 1 of Wu et al. 2025."""
    wide = result.wide()
    caption, emphasis = "Geochemical baselines (GeoB), mg/kg, by method.", None
    if background is not None:
        known = background.reindex(wide.index)
        emphasis = wide.lt(known, axis=0).assign(background=False).reset_index().assign(element=False)
        wide = wide.assign(background=known)
        caption += f" Bold italics: below the background value{f' ({title})' if title else ''}."
    names = {**SHORT, "background": "Background"}
    return Listing(caption, wide.rename(columns=names).rename_axis("Element").reset_index(), emphasis=emphasis)


def _recommended(result):
    table = recommend(result)
    shown = {
        "Element": table["element"],
        "Method": table["method"].map(lambda name: SHORT.get(name, "–")),
        "Central": table["central"],
        "Threshold": table["threshold"],
        "Reason": table["reason"],
    }
    caption = (
        "The method to take for each element, mg/kg. Threshold: the bend of the cumulative curve where it is credible, "
        "else the method's upper limit."
    )
    return Listing(caption, type(table)(shown))


TREATMENTS = {"measured": "–", "ros": "ROS", "km": "Kaplan-Meier", "substitute": "substituted"}


def _summary(table):
    shown = table.assign(method=table["method"].map(TREATMENTS)).rename(columns=str.capitalize)
    shown = shown.rename(columns={"N": "n", "Nondetects": "Non-detects", "Method": "Treated by", "Sd": "SD",
                                  "Q25": "Lower quartile", "Q75": "Upper quartile"})  # fmt: skip
    caption = (
        "Summary statistics, mg/kg. Non-detects by regression on order statistics (ROS), by Kaplan-Meier, or at their "
        "substitutes."
    )
    return Listing(caption, shown)


def _details(result):
    table = result.table
    shown = {
        "Element": table["element"],
        "Method": table["method"].map(SHORT),
        "n": table["n"],
        "Non-detects": table["n_censored"],
        "Missing": table["missing"],
        "Kept": table["n_kept"],
        "Passes": table["iterations"],
        "Central": table["central"],
        "Central 95 %": _span(table["central_low"], table["central_high"]),
        "Upper limit": table["upper_limit"],
        "Upper limit 95 %": _span(table["upper_low"], table["upper_high"]),
        "p (bend)": table["p_value"],
        "Note": table["note"],
    }
    return Listing(
        "Every element and method, mg/kg. Kept: values inside the baseline range; 95 %: bootstrap interval.",
        type(table)(shown),
    )


def _span(low, high):
    return [f"{a:.3g} – {b:.3g}" if np.isfinite(a) and np.isfinite(b) else "–" for a, b in zip(low, high)]


def _comparison(result, background, title):
    compared = result.compare(background)
    compared = compared[compared["position"] != ""].assign(method=lambda rows: rows["method"].map(SHORT))
    names = ["Element", "Method", "Baseline", "Background", "Baseline / background", "Position"]
    caption = f"Baselines against background values{f' ({title})' if title else ''}, mg/kg. "
    caption += "Overlaps: the background lies inside the baseline's 95 % interval."
    return Listing(caption, compared.set_axis(names, axis=1))


def _curve_caption(result):
    if result.options.rcf_axes == DECIMAL:
        return (
            "Cumulative frequency curves on decimal axes, as in Wu et al. 2025, with the two fitted lines and their "
            "bend. On these axes even one lognormal population gives a bend. A panel ends at four times its bend."
        )
    return (
        "Cumulative frequency curves on log-probability axes, where one lognormal population is a straight line. "
        f"A bend is drawn where one population gives as strong a bend in at most "
        f"{100 * result.options.rcf_level:g} % of cases (p)."
    )


def _paragraphs(result):
    options = result.options
    spread = "1.4826 MAD" if options.spread == "mad" else "SD"
    scale = "logarithms" if options.log else "concentrations"
    side = "above" if options.upper_only else "outside"
    text = {
        "imea": f"IMEA drops {scale} {side} mean ± {options.k:g} SD until none is left to drop.",
        "imed": f"IMED does the same around the median (± {options.k:g} {spread}).",
        "boxplot": f"The box plot drops {scale} {side} Tukey's inner fences.",
        "rcf": f"RCF looks for the bend of the cumulative frequency curve on {options.rcf_axes} axes.",
    }
    told = " ".join(text[method] for method in options.methods)
    last = "The baseline (GeoB) is the central value of the values kept; that of RCF is the bend itself."
    resamples = (
        f" Intervals: {options.bootstrap} bootstrap resamples, seed {options.seed}." if options.bootstrap else ""
    )
    return (f"{told} {last}{resamples}",)


def _warnings(result):
    table = result.table
    many = table.drop_duplicates("element").query("n_censored > 0.5 * n")
    warnings = [
        f"{row.element}: {row.n_censored} non-detects, {row.n} values used; its baselines rest on the substitutes."
        for row in many.itertuples()
    ]
    failed = table[table["central"].isna()].drop_duplicates("element")
    return (*warnings, *(f"{row.element} has no baseline: {row.note}." for row in failed.itertuples()))
