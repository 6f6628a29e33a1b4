"""A scenario in a report: what it is worth first, then how much changes, where, and what the model never saw."""

import numpy as np

from ..core.scenario import ALTERED, INSIDE, OUTSIDE, PART_LABELS
from .document import Chart, Listing, Section, format_number
from .style import GREY, PALETTE, new_figure

WIDEST_MM, TALLEST_MM = 130.0, 140.0  # of the map itself
DIVERGING = "RdBu_r"  # ColorBrewer, colour-blind safe: blue is lower, red is higher
ASSOCIATION = (
    "A scenario is what the model would predict if the covariates were others: an association seen across places, not "
    "the effect of changing them. Use it to see what the model responds to and where it may be asked; an intervention "
    "needs evidence of cause."
)
MOST_BARS = 60
SHOWN = 0.995  # of the altered area, within the range of the histogram
_SUMMARY = {
    "part": "Places",
    "cells": "Number",
    "hectares": "Area (ha)",
    "mean_before": "Mean before",
    "mean_after": "Mean after",
    "mean_change": "Mean change",
    "change_percent": "Change (%)",
    "smallest_change": "Lowest change",
    "largest_change": "Highest change",
    "higher_share": "Higher (share)",
    "lower_share": "Lower (share)",
    "higher_class_share": "Higher class (share)",
    "lower_class_share": "Lower class (share)",
}
_COVARIATES = {
    "covariate": "Covariate",
    "cells": "Places altered",
    "before_minimum": "Before, lowest",
    "before_maximum": "Before, highest",
    "after_minimum": "After, lowest",
    "after_maximum": "After, highest",
    "training_minimum": "Training, lowest",
    "training_maximum": "Training, highest",
    "outside_before": "Outside training, before",
    "outside_after": "Outside training, after",
}


def section(model, scenario, title=None):
    """The section of a :class:`Scenario` of a :class:`RiskModel`."""
    title = title or f"Scenario of {model.target}"
    stem = "".join(c if c.isalnum() else "_" for c in title.lower())
    charts = [Chart(f"{stem}_changes", change_figure(model, scenario), _change_caption(model, scenario))]
    if scenario.picture is not None:
        charts.append(Chart(f"{stem}_map", map_figure(model, scenario), _map_caption(model, scenario)))
    weighted = "; means are weighted by area" if scenario.files else ""
    listings = [
        Listing(f"{model.target} before and after{weighted}.", _summary(scenario)),
        Listing("The changed covariates, and the range that training saw.", _covariates(scenario)),
    ]
    if scenario.class_changes is not None:
        listings.append(Listing(f"Classes before (rows) and after, {_unit(scenario)}.", class_matrix(scenario)))
    paragraphs = tuple(_paragraphs(model, scenario))
    return Section(title, paragraphs, tuple(listings), tuple(charts), tuple(_warnings(model, scenario)))


def _warnings(model, scenario):
    if not model.skill.has_skill:
        yield f"{model.skill.sentence} A difference of two such predictions tells nothing about places."
    altered, outside = scenario.part(ALTERED), scenario.part(OUTSIDE)
    if outside is not None and outside["cells"]:
        share = outside["hectares"] / altered["hectares"]
        yield (
            f"{share:.1%} of what changes lies outside the area of applicability after the change "
            f"({scenario.moved_out} of {outside['cells']} because of it): there, the scores do not hold."
        )
    beyond = scenario.covariates[scenario.covariates["outside_after"] > scenario.covariates["outside_before"]]
    if len(beyond):
        names = ", ".join(f"{row.covariate} ({row.outside_after} of {row.cells})" for row in beyond.itertuples())
        yield (
            f"Changed beyond the range of training: {names}. Trees do not extrapolate: they predict there what they "
            "learned at the end of the range, so that a larger change adds nothing."
        )


def _paragraphs(model, scenario):
    if model.skill.has_skill:
        yield model.skill.sentence
    where = "inside the polygons given" if scenario.in_area else "everywhere"
    yield f"Changes made, in this order, {where}: {'; '.join(map(str, scenario.changes))}."
    altered, share = scenario.part(ALTERED), None
    if altered["mean_before"] > 0:
        share = f" ({format_number(altered['change_percent'], 2)} %)"
    size = f", {format_number(altered['hectares'])} ha" if scenario.files else ""
    yield (
        f"{altered['cells']} places changed{size}: on average {model.target} goes from "
        f"{format_number(altered['mean_before'])} to {format_number(altered['mean_after'])}{share or ''}; it is higher "
        f"on {altered['higher_share']:.0%} and lower on {altered['lower_share']:.0%} of them."
        + _classes_sentence(altered)
    )
    yield ASSOCIATION


def _classes_sentence(altered):
    if np.isnan(altered["higher_class_share"]):
        return ""
    up, down = altered["higher_class_share"], altered["lower_class_share"]
    return f" {up:.0%} move to a higher class, {down:.0%} to a lower one."


def _unit(scenario):
    return "hectares" if scenario.files else "points"


def _summary(scenario):
    table = scenario.summary.copy()
    table["part"] = table["part"].map(PART_LABELS)
    if not scenario.files:
        table = table.drop(columns="hectares")
    return table.dropna(axis=1, how="all").rename(columns=_SUMMARY)


def _covariates(scenario):
    return scenario.covariates.rename(columns=_COVARIATES)


def class_matrix(scenario):
    """The altered area (hectares; points: their number) by class before (rows) and after (columns)."""
    names = list(dict.fromkeys(scenario.class_changes["class_before"]))
    wide = scenario.class_changes.pivot_table("hectares", "class_before", "class_after", aggfunc="sum")
    wide = wide.loc[names, names].reset_index().rename_axis(columns=None)
    return wide.rename(columns={"class_before": "Before \\ after"})


def _change_caption(model, scenario):
    text = f"What changes, {_unit(scenario)} by change of {model.target} (after minus before)."
    if scenario.part(INSIDE) is not None:
        text += " Hatched: outside the area of applicability after the change."
    if scenario.class_changes is not None:
        text += " Right: classes before and after, as shares of what changes; dark frames: no change of class."
    return text


def change_figure(model, scenario):
    """The distribution of the change and, where the target has classes, from which to which."""
    if scenario.class_changes is None:
        figure, axes = new_figure(120, 70)
        _draw_histogram(axes, model, scenario)
        return figure
    figure, (left, right) = new_figure(180, 78, 1, 2, width_ratios=(1.1, 1))
    _draw_histogram(left, model, scenario)
    _draw_classes(right, scenario)
    return figure


def _draw_histogram(axes, model, scenario):
    bars = _bars(scenario.histogram)
    width = bars["high"] - bars["low"]
    place = {"x": bars["low"], "width": width, "align": "edge", "linewidth": 0}
    knows_area = scenario.part(INSIDE) is not None
    axes.bar(height=bars["inside"], color=PALETTE[0], label="Inside the area of applicability", **place)
    look = {"color": "#d6d3d1", "hatch": "////", "edgecolor": GREY}
    axes.bar(height=bars["outside"], bottom=bars["inside"], label="Outside", **place, **look)
    axes.axvline(0, color="black", linewidth=0.7)
    axes.set_xlabel(f"Change of {model.target}")
    axes.set_ylabel("Area (ha)" if scenario.files else "Points")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 10 else f"{value:g}")
    axes.set_xlim(bars["low"].min(), bars["high"].max())
    if knows_area:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize=7.5)


def _bars(histogram):
    """The histogram over the range of nearly all changes, with bars wide enough to see; tails in the last bars."""
    total = (histogram["inside"] + histogram["outside"]).to_numpy()
    passed = np.cumsum(total) / total.sum()
    first = int(np.searchsorted(passed, (1 - SHOWN) / 2))
    last = int(np.searchsorted(passed, 1 - (1 - SHOWN) / 2))
    zero = len(histogram) // 2
    joined = max(1, -(-(last - first + 1) // MOST_BARS))
    group = np.floor((np.clip(np.arange(len(histogram)), first, last) - zero) / joined).astype(int)
    bars = histogram.groupby(group)[["inside", "outside"]].sum()
    step = histogram["high"].iloc[0] - histogram["low"].iloc[0]
    return bars.assign(low=bars.index * joined * step, high=(bars.index + 1) * joined * step)


def _draw_classes(axes, scenario):
    from matplotlib.patches import Rectangle

    wide = class_matrix(scenario)
    names, areas = list(wide.columns[1:]), wide.iloc[:, 1:].to_numpy(dtype=float)
    shares = areas / areas.sum() if areas.sum() > 0 else areas
    axes.imshow(shares, cmap="Greys", vmin=0, vmax=max(shares.max() * 1.6, 1e-12), aspect="auto")
    for i, j in np.ndindex(shares.shape):
        if areas[i, j] > 0:
            text = f"{shares[i, j]:.1%}" if shares[i, j] >= 0.001 else "< 0.1%"
            axes.text(j, i, text, ha="center", va="center", fontsize=8)
    for i in range(len(names)):
        axes.add_patch(Rectangle((i - 0.5, i - 0.5), 1, 1, fill=False, edgecolor="black", linewidth=0.9))
    axes.set_xticks(range(len(names)), [name.replace(" ", "\n") for name in names])
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("Class after")
    axes.set_ylabel("Class before")


def _map_caption(model, scenario):
    text = f"Change of {model.target} (after minus before). Grey: not predicted. "
    text += "The colours end where 98 % of what changes lies within."
    if scenario.picture.outside.any():
        text += " Hatched: outside the area of applicability after the change."
    if scenario.in_area:
        text += " Black line: around what was changed."
    return text


def map_figure(model, scenario):
    """The change as a map."""
    picture = scenario.picture
    west, east, south, north, labels, aspect = _frame(picture)
    shape = abs(north - south) * aspect / abs(east - west)
    width = float(np.clip(TALLEST_MM / shape, 60, WIDEST_MM))
    figure, axes = new_figure(width + 45, width * shape + 14)
    limit = scenario.largest or 1.0
    axes.set_facecolor("#e5e7eb")
    look = {"extent": (west, east, south, north), "cmap": DIVERGING, "vmin": -limit, "vmax": limit}
    image = axes.imshow(np.ma.masked_invalid(picture.change), interpolation="nearest", **look)
    axes.set_aspect(aspect)
    frame = (west, east, south, north)
    if picture.outside.any():
        _around(axes, picture.outside, frame, colour=GREY, hatch="////")
    if scenario.in_area:
        _around(axes, picture.altered, frame, colour="black")
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.spines[["top", "right"]].set_visible(True)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, aspect=30, extend="both", pad=0.02)
    bar.set_label(f"Change of {model.target}", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
    return figure


def _around(axes, cells, extent, colour, hatch=None):
    """A line around cells (rows x columns of bool), along their edges; hatched inside, if asked for."""
    from matplotlib.collections import LineCollection

    west, east, south, north = extent
    rows, columns = cells.shape
    x, y = np.linspace(west, east, columns + 1), np.linspace(north, south, rows + 1)
    framed = np.pad(cells, 1).astype(np.int8)
    row, column = np.nonzero(np.diff(framed, axis=1)[1:-1])
    lines = [((x[c], y[r]), (x[c], y[r + 1])) for r, c in zip(row, column)]
    row, column = np.nonzero(np.diff(framed, axis=0)[:, 1:-1])
    lines += [((x[c], y[r]), (x[c + 1], y[r])) for r, c in zip(row, column)]
    axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.6, capstyle="projecting"))
    if hatch:
        middle_x, middle_y = (x[1:] + x[:-1]) / 2, (y[1:] + y[:-1]) / 2
        hatched = axes.contourf(
            middle_x, middle_y, cells.astype(float), levels=[0.5, 1.5], colors="none", hatches=[hatch]
        )
        for part in getattr(hatched, "collections", [hatched]):
            part.set_edgecolor(colour)
            part.set_linewidth(0)


def _frame(picture):
    """West, east, south, north as drawn, labels of the axes, and how much a unit up is longer than one to the right."""
    west, east, south, north = picture.extent
    if picture.crs is None:
        return west, east, south, north, ("Column", "Row"), 1.0
    if picture.crs.is_geographic:
        aspect = 1 / max(np.cos(np.radians((south + north) / 2)), 0.1)
        return west, east, south, north, ("Longitude (°)", "Latitude (°)"), aspect
    km = picture.crs.axis_info[0].unit_conversion_factor / 1000 if picture.crs.axis_info else 0.001
    return west * km, east * km, south * km, north * km, ("Easting (km)", "Northing (km)"), 1.0


def summary_table(model, scenario):
    """The summary with its parts in plain words and what the model is worth: a table of its own."""
    table = scenario.summary.drop(columns=[] if scenario.files else "hectares")
    table.insert(1, "places", table["part"].map(PART_LABELS))
    return table.assign(model_has_skill=model.skill.has_skill)
