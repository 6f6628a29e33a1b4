"""Partition coefficients as a section of a report."""

import numpy as np

from ..core.partition import LITRES_PER_KG
from .axes import panels
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure, text_width


def section(result, sites="", compared=None, groups=None):
    """A :class:`PartitionCoefficients` as a Section. sites: what a row is, such as ``"276 pairs within 500 m"``.

    compared: the table of its ``compare``; groups: Series, the group (estuary ...) of every row, None where unknown.
    """
    unit, fraction = result.options.unit, result.options.water_fraction
    paragraphs = (
        f"Kd = {result.options.factor:g} × sediment (mg/kg) / water (µg/L), in {unit}"
        f"{f', over {sites}' if sites else ''}. Water: {WATER[fraction]}. A high Kd means metal held by the sediment.",
    )
    caption = (
        f"log10 Kd ({unit}) of each metal: quartiles, median, and every site. Triangles are bounds from non-detects: "
        "pointing down, at most; pointing up, at least; crosses: both media are non-detects."
    )
    if compared is not None and len(compared):
        caption += " Grey bars: the published ranges of the table below."
    charts = [Chart("partition_coefficients", figure(result, compared), caption)]
    if groups is not None and groups.notna().any():
        caption = f"log10 Kd ({unit}) by {groups.name}: quartiles, median and every site, with their number."
        charts.append(Chart("partition_coefficients_groups", by_group(result, groups), caption))
    listings = tuple(publication(result, compared).values())
    return Section("Sediment-water partition coefficients", paragraphs, listings, tuple(charts), _warnings(result))


def publication(result, compared=None):
    """The tables as a reader wants them: file stem -> Listing."""
    caption = f"log10 Kd ({result.options.unit}) by metal, with the number of sites and what kept others out."
    listings = {"kd_summary": Listing(caption, _table(result))}
    if compared is not None and len(compared):
        listings["kd_published"] = _comparison(compared)
    return listings


SYMBOLS = {
    "": {"marker": "o", "ms": 2.6, "mec": "none", "alpha": 0.6, "color": PALETTE[0], "ls": "none"},
    "at most": {"marker": "v", "ms": 4, "mec": "none", "color": PALETTE[5], "ls": "none"},
    "not bounded": {"marker": "x", "ms": 4, "color": GREY, "ls": "none"},
    "at least": {"marker": "^", "ms": 4, "mec": "none", "color": PALETTE[5], "ls": "none"},
}
WATER = {
    "filtered": "filtered (dissolved)",
    "total": "total (unfiltered)",
    "unknown": "whether filtered or total was not stated",
}


def figure(result, compared=None):
    """Box and points of log10 Kd, a column per metal, lowest median first, over published ranges if given."""
    log = result.log10_kd.dropna(axis=1, how="all")
    order = log.median().sort_values().index
    drawn, axes = new_figure(180, 85)
    values = [log[metal].dropna().to_numpy() for metal in order]
    places = np.arange(len(order))
    _boxes(axes, values, places)
    if compared is not None:
        shift = np.log10(LITRES_PER_KG / result.options.factor)
        for row in compared.itertuples():
            if row.metal in order:
                place = order.get_loc(row.metal)
                axes.bar(place, row.high - row.low, 0.86, row.low - shift, color="#d1d5db", zorder=0.5)
    spread = np.random.default_rng(0).uniform(-0.2, 0.2, len(log))
    for place, metal in zip(places, order):
        for kind, style in SYMBOLS.items():
            chosen = (result.bound[metal] == kind).to_numpy()
            axes.plot(place + spread[chosen], log[metal].to_numpy()[chosen], **style)
    axes.set_xticks(places)
    axes.set_xticklabels([f"{metal}\nn = {len(some)}" for metal, some in zip(order, values)])
    axes.set_ylabel(f"log10 Kd ({'L/kg' if result.options.unit == 'L/kg' else 'see caption'})")
    return drawn


def _boxes(axes, values, places):
    axes.boxplot(
        values,
        positions=places,
        widths=0.55,
        manage_ticks=False,
        showfliers=False,
        patch_artist=True,
        boxprops={"facecolor": "#e5e7eb", "edgecolor": GREY, "linewidth": 0.8},
        medianprops={"color": "#111827", "linewidth": 1.4},
        whiskerprops={"color": GREY, "linewidth": 0.8},
        capprops={"color": GREY, "linewidth": 0.8},
    )


def by_group(result, groups):
    """A panel per metal, a box and the sites per group."""
    metals = list(result.log10_kd.dropna(axis=1, how="all").columns)
    names = list(dict.fromkeys(groups.dropna()))
    drawn, axes = panels(len(metals), 3, 52, sharey=False)
    spread = np.random.default_rng(0).uniform(-0.18, 0.18, len(groups))
    for metal, panel in zip(metals, axes):
        log = result.log10_kd[metal]
        values = [log[groups == name].dropna() for name in names]
        _boxes(panel, [one.to_numpy() for one in values], np.arange(len(names)))
        for place, one in enumerate(values):
            colour = PALETTE[place % len(PALETTE)]
            panel.plot(place + spread[one.index], one, "o", ms=2.6, mec="none", alpha=0.75, color=colour)
        slanted = sum(map(text_width, names)) > 26
        labels = [f"{name} ({len(one)})" if slanted else f"{name}\n{len(one)}" for name, one in zip(names, values)]
        panel.set_xticks(np.arange(len(names)), labels, **({"rotation": 25, "ha": "right"} if slanted else {}))
        panel.set_xlim(-0.6, len(names) - 0.4)
        panel.set_title(metal, loc="left", fontweight="bold", fontsize=9)
    for panel in axes[::3]:
        panel.set_ylabel("log10 Kd")
    return drawn


def _comparison(compared):
    names = {
        "metal": "Metal",
        "n": "n",
        "median": "Median",
        "low": "Published, low",
        "high": "Published, high",
        "percent_inside": "Sites inside (%)",
        "position": "Median lies",
        "source": "Source",
    }
    return Listing("log10 Kd (L/kg) beside published ranges.", compared.rename(columns=names))


def _table(result):
    names = {
        "metal": "Metal",
        "sites": "Sites",
        "n": "n",
        "log10Kd_median": "Median",
        "log10Kd_q25": "Lower quartile",
        "log10Kd_q75": "Upper quartile",
        "log10Kd_min": "Least",
        "log10Kd_max": "Greatest",
        "n_at_most": "At most",
        "n_at_least": "At least",
        "n_not_bounded": "Not bounded",
        "missing_sediment": "No sediment value",
        "missing_water": "No water value",
        "zero": "Zero",
    }
    return result.summary()[list(names)].rename(columns=names)


def _warnings(result):
    warnings = []
    if result.options.unit != "L/kg":
        warnings.append(f"Kd is in {result.options.unit}.")
    if result.options.water_fraction != "filtered":
        warnings.append(
            "Kd is defined with dissolved metal. In total (unfiltered) water, metal on suspended particles lowers it."
        )
    few = [str(row.metal) for row in result.summary().itertuples() if 0 < row.n < 10]
    if few:
        warnings.append(f"Fewer than 10 sites: {', '.join(few)}.")
    return tuple(warnings)
