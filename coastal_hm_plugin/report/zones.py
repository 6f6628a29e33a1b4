"""Soil-sediment contamination zones as a section of a report: shares per metal and scatter plots with the zones."""

import numpy as np

from ..core.zones import BACKGROUND, POLLUTION, SEDIMENT, SOIL, ZONES, zone_numbers
from .axes import logarithmic, panels
from .baselines import SHORT
from .document import Chart, Listing, Section
from .style import GREY, new_figure

COLOURS = {BACKGROUND: "#56b4e9", SOIL: "#e69f00", SEDIMENT: "#009e73", POLLUTION: "#a50026"}
TITLES = {
    BACKGROUND: "Background (neither medium)",
    SOIL: "Soil-dominated",
    SEDIMENT: "Sediment-dominated",
    POLLUTION: "Pollution (both media)",
}
SHADES = 240  # cells a side of the coloured ground


def section(result, sites=""):
    """A :class:`MediaZones` as a Section. sites: what a row is, such as ``"102 pairs within 500 m"``."""
    paragraphs = (
        f"Zones{f' of {sites}' if sites else ''}: background, both media at or below the lowest of their baselines; "
        "pollution, both above their highest; the others belong to the medium that exceeds its own baseline (the "
        "geometric mean of its lowest and highest) by the larger factor.",
        _summary(result),
    )
    charts = (
        Chart("zone_shares", shares(result), SHARE_CAPTION),
        Chart("zone_scatter", scatter(result), SCATTER_CAPTION),
    )
    listings = tuple(publication(result).values())
    return Section("Soil-sediment contamination zones", paragraphs, listings, charts, result.warnings)


def publication(result):
    """The tables as a reader wants them: file stem -> Listing."""
    return {
        "zone_shares": _share_table(result),
        "zone_limits": _limit_table(result),
        "zone_sensitivity": _sensitivity_table(result),
    }


SHARE_CAPTION = "Share of the sites in each zone; n: sites with a value of both media."
SCATTER_CAPTION = (
    "Soil against sediment, mg/kg, a point per site, on the ground of its zone. Dotted lines: the lowest and the "
    "highest baseline of each medium."
)


def shares(result):
    """A stacked bar per metal: percent of its sites in each zone."""
    figure, panel = new_figure(180, 85)
    table = result.shares.pivot(index="metal", columns="zone", values="percent").loc[list(result.metals), list(ZONES)]
    counts = result.shares.groupby("metal", sort=False)["n"].first()
    places, bottom = np.arange(len(table)), np.zeros(len(table))
    for zone in ZONES:
        height = table[zone].to_numpy()
        panel.bar(places, height, 0.75, bottom, color=COLOURS[zone], edgecolor="white", lw=0.5, label=TITLES[zone])
        for place, start, value in zip(places, bottom, height):
            if value >= 5:
                colour = "white" if zone in (POLLUTION, SEDIMENT) else "#111827"
                panel.text(place, start + value / 2, f"{value:.0f}", ha="center", va="center", color=colour, fontsize=7)
        bottom += height
    panel.set_xticks(places, [f"{metal}\nn = {counts[metal]}" for metal in table.index])
    panel.set_ylabel("Share of the sites (%)")
    panel.set_ylim(0, 100)
    panel.legend(ncol=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=7.5, frameon=False)
    return figure


def scatter(result):
    """A panel per metal: soil against sediment on logarithmic axes, the ground coloured by zone."""
    figure, axes = panels(len(result.metals), 4, 46)
    limits = result.limits.set_index("metal")
    for metal, panel in zip(result.metals, axes):
        _scatter(panel, metal, result.soil[metal].to_numpy(), result.sediment[metal].to_numpy(), limits.loc[metal])
    for panel in axes[::4]:
        panel.set_ylabel("Sediment (mg/kg)")
    for panel in axes[-4:]:
        panel.set_xlabel("Soil (mg/kg)")
    return figure


def _scatter(panel, metal, soil, sediment, limits):
    from matplotlib.colors import ListedColormap

    known = (soil > 0) & (sediment > 0)
    bounds = [(limits[f"{medium}_lowest"], limits[f"{medium}_highest"]) for medium in ("soil", "sediment")]
    spans = [_span(values[known], pair) for values, pair in zip((soil, sediment), bounds)]
    grid = np.meshgrid(*(np.geomspace(*span, SHADES) for span in spans))
    ground = ListedColormap([COLOURS[zone] for zone in ZONES])
    panel.pcolormesh(*grid, zone_numbers(*grid, *bounds), cmap=ground, vmin=-0.5, vmax=3.5, alpha=0.3, rasterized=True)
    for value in bounds[0]:
        panel.axvline(value, color=GREY, lw=0.7, ls=":")
    for value in bounds[1]:
        panel.axhline(value, color=GREY, lw=0.7, ls=":")
    numbers = zone_numbers(soil, sediment, *bounds)
    for number, zone in enumerate(ZONES):
        own = known & (numbers == number)
        panel.plot(soil[own], sediment[own], "o", ms=3, color=COLOURS[zone], mec="#333333", mew=0.3)
    panel.set_title(metal, loc="left", fontweight="bold", fontsize=9)
    for axis, span, limit in ((panel.xaxis, spans[0], panel.set_xlim), (panel.yaxis, spans[1], panel.set_ylim)):
        logarithmic(axis, *span)
        limit(*span)


def _span(values, bounds):
    low, high = min(values.min(initial=np.inf), bounds[0]), max(values.max(initial=0), bounds[1])
    return low / 1.3, high * 1.3


def _summary(result):
    """The metal with the largest share in each of the two ends, in words."""
    said = []
    for zone, text in ((POLLUTION, "beyond the baselines of both media"), (BACKGROUND, "below them in both")):
        own = result.shares[result.shares["zone"] == zone]
        top = own.loc[own["percent"].idxmax()]
        said.append(f"Most often {text}: {top['metal']} ({top['count']} of {top['n']} sites, {top['percent']:.1f} %).")
    return " ".join(said)


def _share_table(result):
    table = result.shares
    text = [
        f"{row.percent:.1f} ({row.percent_low:.0f} – {row.percent_high:.0f})"
        if np.isfinite(row.percent_low)
        else f"{row.percent:.1f}"
        for row in table.itertuples()
    ]
    wide = table.assign(text=text).pivot(index="metal", columns="zone", values="text")
    wide = wide.loc[list(result.metals), list(ZONES)].rename(columns=TITLES)
    wide.insert(0, "Sites", table.groupby("metal", sort=False)["n"].first())
    caption = "Share of the sites in each zone, %"
    if result.options.bootstrap:
        caption += (
            f", with 95 % intervals: {result.options.bootstrap} resamples of the sites, the baselines moved within "
            f"their own intervals, seed {result.options.seed}"
        )
    return Listing(f"{caption}.", wide.rename_axis("Metal").reset_index())


def _limit_table(result):
    table = result.limits
    shown = {"Metal": table["metal"]}
    for medium in ("soil", "sediment"):
        shown[f"{medium.capitalize()}, lowest"] = table[f"{medium}_lowest"]
        shown[f"{medium.capitalize()}, highest"] = table[f"{medium}_highest"]
        shown[f"Methods, {medium}"] = [
            ", ".join(SHORT.get(name, name) for name in names.split(", ")) for names in table[f"{medium}_methods"]
        ]
    return Listing("The baselines that bound the zones, mg/kg.", type(table)(shown))


def _sensitivity_table(result):
    table = result.sensitivity
    shown = table.assign(method=table["method"].map(lambda name: SHORT.get(name, name)))
    names = {"metal": "Metal", "method": "Baseline alone", **TITLES, "percent_changed": "Sites in another zone"}
    return Listing("What changes when one method alone sets the baselines: shares of the sites, %.",
                   shown[list(names)].rename(columns=names))  # fmt: skip
