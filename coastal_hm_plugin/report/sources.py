"""Sources found by positive matrix factorization as a section of a report."""

import numpy as np

from . import source_contributions, source_maps
from .axes import panels
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure, text_width

FEW_LARGE = 20  # residuals listed
TITLE = {"fontweight": "bold", "fontsize": 9}


def section(result, medium="", unit="mg/kg", places=None):
    """A :class:`PmfResult` as a Section. medium: "soil" ...; unit: that of the concentrations; places: x, y and CRS
    (WKT or "EPSG:n") of all samples given, for maps of the contributions.
    """
    stem = f"pmf_{{}}_{medium}".rstrip("_")
    paragraphs = _paragraphs(result)
    figures = [
        ("profiles", profiles(result, unit), PROFILE_CAPTION),
        ("shares", shares(result), SHARE_CAPTION),
        ("contributions", contributions(result), CONTRIBUTION_CAPTION),
        ("series", source_contributions.series(result), source_contributions.SERIES_CAPTION),
    ]
    if places is not None:
        figures.append(("map", source_maps.maps(result, *places), source_maps.CAPTION))
    if len(result.factors) > 1:
        figures.append(("g_space", source_contributions.space(result), source_contributions.SPACE_CAPTION))
        paragraphs += (source_contributions.space_sentence(source_contributions.edges(result.g)),)
    figures += [
        ("fit", observed_predicted(result, unit), FIT_CAPTION),
        ("residuals", residual_histograms(result), RESIDUAL_CAPTION),
    ]
    charts = tuple(Chart(stem.format(name), figure, caption) for name, figure, caption in figures)
    title = f"Sources (PMF): {medium}" if medium else "Sources (PMF)"
    return Section(title, paragraphs, _listings(result, unit), charts, result.warnings)


PROFILE_CAPTION = (
    "Factor profiles. Bars, left axis: concentration of each species at the mean contribution. Points, right axis: the "
    "factor's share of the species."
)
SHARE_CAPTION = "What each species is made of: shares of the factors in its modelled mean."
CONTRIBUTION_CAPTION = (
    "Contributions over the samples, mean 1 for every factor. Box: quartiles and median; whiskers: 5th and 95th "
    "percentile; points: samples beyond them."
)
FIT_CAPTION = "Observed and modelled concentrations, a panel per species; the line is equality. Weak species are grey."
RESIDUAL_CAPTION = "Scaled residuals, (observed − modelled) / uncertainty, as a share of the samples; lines at ±3."


def profiles(result, unit="mg/kg"):
    """A panel per factor: concentrations as bars on a log axis, shares of the species as points."""
    names, count = result.data.fitted_species, len(result.factors)
    figure, axes = new_figure(180, 16 + 34 * count, count, 1, squeeze=False, sharex=True)
    table = result.profiles()
    positive = result.f[result.f > 0]
    floor = 10 ** np.floor(np.log10(max(positive.min(), 1e-5 * positive.max())))
    places = np.arange(len(names))
    for number, (factor, panel) in enumerate(zip(result.factors, axes[:, 0])):
        own = table[table["factor"] == factor]
        height = np.maximum(own["concentration"].to_numpy(), floor) - floor
        panel.bar(places, height, 0.72, bottom=floor, color=_colour(number), alpha=0.55)
        panel.set_yscale("log")
        panel.set_ylim(floor, 3 * positive.max())
        panel.set_ylabel(unit)
        panel.set_title(_label(result, number), loc="left", **TITLE)
        right = panel.twinx()
        right.spines["top"].set_visible(False)
        right.spines["right"].set_visible(True)
        right.plot(places, own["percent_of_species"].to_numpy(), "o", ms=4.5, color="#111827", mec="white", mew=0.6)
        right.set_ylim(-3, 108)
        right.set_yticks([0, 50, 100])
        right.set_ylabel("% of species", fontsize=8)
        right.tick_params(labelsize=7.5, width=0.7)
    axes[-1, 0].set_xticks(places, names, **_slant(names))
    axes[-1, 0].set_xlim(-0.6, len(names) - 0.4)
    return figure


def shares(result):
    """A stacked bar per species: the factors' shares of its modelled mean (%)."""
    names = result.data.fitted_species
    figure, panel = new_figure(180, 80)
    places, bottom = np.arange(len(names)), np.zeros(len(names))
    percent = result.profiles()["percent_of_species"].to_numpy().reshape(len(result.factors), -1)
    for number, row in enumerate(percent):
        hatch = "" if number < len(PALETTE) else "////"
        panel.bar(
            places,
            row,
            0.8,
            bottom=bottom,
            color=_colour(number),
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
            label=_name(number),
        )
        bottom += row
    panel.set_xticks(places, names, **_slant(names))
    panel.set_ylabel("Share of the species (%)")
    panel.set_ylim(0, 100)
    panel.set_xlim(-0.6, len(names) - 0.4)
    panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7.5, frameon=False)
    return figure


def contributions(result):
    """A box per factor of its contributions."""
    count = len(result.factors)
    figure, panel = new_figure(180, 70)
    drawn = panel.boxplot(
        list(result.g.T),
        positions=np.arange(count),
        widths=0.55,
        whis=(5, 95),
        patch_artist=True,
        manage_ticks=False,
        flierprops={"marker": "o", "markersize": 2.5, "markeredgecolor": "none", "markerfacecolor": GREY},
        medianprops={"color": "#111827", "linewidth": 1.3},
        whiskerprops={"color": GREY},
        capprops={"color": GREY},
    )
    for number, box in enumerate(drawn["boxes"]):
        box.set(facecolor=_colour(number), alpha=0.6, edgecolor=GREY)
    panel.axhline(1, color=GREY, linewidth=0.7, linestyle="--")
    panel.set_xticks(np.arange(count), [_name(number) for number in range(count)])
    panel.set_ylabel("Contribution (mean = 1)")
    return figure


def observed_predicted(result, unit="mg/kg"):
    """A panel per species: modelled on observed concentrations, with the line of equality."""
    data = result.data
    figure, axes = panels(len(data.fitted), columns=4)
    predicted = result.predicted
    dense = predicted.size > source_contributions.DENSE
    table = result.species_table().set_index("species")
    for j, (name, panel) in enumerate(zip(data.fitted_species, axes)):
        weak = data.category[data.fitted[j]] == "weak"
        observed = data.fitted_x[:, j]
        colour = GREY if weak else PALETTE[0]
        panel.plot(observed, predicted[:, j], "o", ms=2.6, mec="none", alpha=0.7, color=colour, rasterized=dense)
        top = 1.05 * max(observed.max(), predicted[:, j].max())
        panel.plot([0, top], [0, top], color="#111827", linewidth=0.7)
        panel.set_xlim(0, top)
        panel.set_title(name, loc="left", **TITLE)
        r2 = f"r² {table.loc[name, 'r2']:.2f}"
        panel.text(0.97, 0.04, r2, transform=panel.transAxes, ha="right", va="bottom", fontsize=7.5, color=GREY)
        panel.locator_params(nbins=4)
    for panel in axes[::4]:
        panel.set_ylabel(f"Modelled ({unit})")
    for panel in axes[-4:]:
        panel.set_xlabel(f"Observed ({unit})")
    return figure


def residual_histograms(result):
    """A panel per species: histogram of the scaled residuals."""
    residuals = result.residuals
    reach = max(4.0, np.ceil(min(np.abs(residuals).max(), 8.0)))
    bins = np.linspace(-reach, reach, 33)
    figure, axes = panels(len(result.data.fitted), columns=4, height_mm=34, sharex=True)
    weights = np.full(len(residuals), 100 / len(residuals))
    for j, (name, panel) in enumerate(zip(result.data.fitted_species, axes)):
        panel.hist(np.clip(residuals[:, j], -reach, reach), bins, weights=weights, color=PALETTE[0], alpha=0.75)
        for limit in (-3, 3):
            panel.axvline(limit, color=PALETTE[5], linewidth=0.7)
        panel.set_xticks([-3, 0, 3])
        panel.set_title(name, loc="left", **TITLE)
    for panel in axes[::4]:
        panel.set_ylabel("Samples (%)")
    for panel in axes[-4:]:
        panel.set_xlabel("Scaled residual")
        panel.tick_params(labelbottom=True)
    return figure


def _paragraphs(result):
    data, runs, solver = result.data, result.runs, result.options.solver
    species = ", ".join(f"{data.count(kind)} {kind}" for kind in ("strong", "weak", "bad") if data.count(kind))
    same = int((runs.family == 1).sum())
    mode = "robust mode (residuals beyond 4 uncertainties weighted down)" if solver.robust else "no robust weights"
    return (
        f"Positive matrix factorization of {len(data.row)} samples into {len(result.factors)} factors, by the rules of "
        f"EPA PMF 5.0 (Norris et al. 2014): {species} species, {mode}, contributions with a mean of 1 and not below "
        f"{solver.lower_contribution:g}, profiles not below 0.",
        f"Q(robust) {result.q_robust:,.1f}, Q(true) {result.q_true:,.1f}, Q(expected) {result.q_expected:,}. "
        f"{same} of {len(runs.family)} random starts reached the family of solutions with the lowest Q; run "
        f"{runs.chosen + 1} is shown. Factors are ordered by their mean share of the species; their names are "
        "the reader's to give.",
    )


def _listings(result, unit):
    factors = result.factor_table()
    factors["factor"] = [_name(number) for number in range(len(factors))]
    factors.columns = ["Factor", "% of total", "Mean % of species", "Lowest contribution", "Highest contribution"]
    of_total = f"of {result.data.total}" if result.data.total else "of the sum of the species"
    species = result.species_table().rename(columns=SPECIES_COLUMNS)
    runs = result.runs_table().rename(columns=RUN_COLUMNS)
    listings = [
        Listing(f"Factors. Total: share {of_total}.", factors),
        Listing(f"Species: weight in the model and fit ({unit} where not a ratio).", species),
        Listing("Random starts.", runs, digits=6),
    ]
    large = result.large_residuals()
    if len(large):
        shown = large.head(FEW_LARGE).assign(row=lambda table: table["row"] + 1)
        more = f" The {FEW_LARGE} largest of {len(large)}." if len(large) > FEW_LARGE else ""
        listings.append(
            Listing(f"Scaled residuals beyond ±3.{more}", shown.set_axis(["Row", "Species", "Residual"], axis=1))
        )
    return tuple(listings)


SPECIES_COLUMNS = {
    "species": "Species",
    "category": "Category",
    "signal_to_noise": "Signal/noise",
    "missing": "Missing",
    "below_detection": "Below limit",
    "r2": "r²",
    "slope": "Slope",
    "intercept": "Intercept",
    "standard_error": "Standard error",
    "ks_statistic": "KS",
    "ks_p": "KS p",
    "beyond_3": "Beyond ±3",
    "q_percent": "% of Q(true)",
}
RUN_COLUMNS = {
    "run": "Run",
    "q_robust": "Q(robust)",
    "q_true": "Q(true)",
    "q_true_over_expected": "Q(true)/Q(expected)",
    "iterations": "Iterations",
    "converged": "Converged",
    "family": "Family",
    "chosen": "Shown",
}


def _label(result, number):
    share = result.factor_table()["percent_of_total"][number]
    of = result.data.total or "the total"
    return f"{_name(number)} · {share:.1f} % of {of}"


def _name(number):
    return f"Factor {number + 1}"


def _colour(number):
    return PALETTE[number % len(PALETTE)]


def _slant(names):
    """Long or many names stand upright."""
    crowded = len(names) > 16 or max(map(text_width, names)) * len(names) > 130
    return {"rotation": 90} if crowded else {}
