"""SHAP values in a report: importance, their spread over the sites, and what the model does with a predictor."""

import re

import numpy as np
import pandas as pd

from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

MOST_SHOWN = 15
MOST_POINTS = 1500
MOST_LABELS = 6
RAMP = "viridis"
_BINS = 60
_NAME_WIDTH = 34


def section(explanation, interactions=None, title=None, raster=None):
    """The section of an :class:`Explanation`; with its :class:`Interactions` and :class:`RasterExplanation`, if any."""
    title = title or f"Explanation of the model of {explanation.target}"
    listings = [Listing("Importance of the predictors", _importance(explanation))]
    listings.append(
        Listing("Dominant driver: the predictor of the largest |SHAP value| of a site", _counts(explanation))
    )
    if interactions is not None and len(interactions.strength) > 1:
        listings.append(Listing(_interactions_caption(interactions), _pairs(interactions)))
    if raster is not None:
        listings.append(Listing(f"Dominant driver of the raster's cells ({raster.label})", _titled(raster.drivers)))
    return Section(
        title=title,
        paragraphs=tuple(_paragraphs(explanation, raster)),
        listings=tuple(listings),
        charts=tuple(charts(explanation, _stem(title), interactions)),
        warnings=tuple(_warnings(explanation)),
    )


def charts(explanation, stem, interactions=None):
    """The figures of an :class:`Explanation`; stem: how their file names begin."""
    effect = "log units: 0.1 is a factor of 1.11" if explanation.unit == "log" else "the target's unit"
    importance = "Importance: share of the gain of all splits, and share of the mean |SHAP value|."
    swarm = (
        f"SHAP values of the sites ({effect}). Right of zero a predictor raises the prediction. Grey: a category, or "
        "no value."
    )
    dependence = (
        f"What the model does with its most important predictors: SHAP value ({effect}) against the predictor. An "
        "association, not a cause."
    )
    if interactions is not None:
        dependence += " Coloured by the predictor that it interacts with most (grey: no value there)."
    return [
        Chart(f"{stem}_importance", importance_figure(explanation), importance),
        Chart(f"{stem}_shap", beeswarm_figure(explanation), swarm),
        Chart(f"{stem}_dependence", dependence_figure(explanation, interactions), dependence),
    ]


def importance_figure(explanation):
    """Horizontal bars of the gain share and the SHAP share, most important on top."""
    table = explanation.importance().head(MOST_SHOWN).iloc[::-1]
    figure, axis = new_figure(180, 22 + 7 * len(table))
    place = np.arange(len(table))
    axis.barh(place + 0.2, 100 * table["shap_share"], 0.38, color=PALETTE[0], label="mean |SHAP value|")
    axis.barh(place - 0.2, 100 * table["gain_share"], 0.38, color=PALETTE[1], label="gain")
    axis.set_yticks(place, [_short(name) for name in table["predictor"]])
    axis.set_xlabel("Share of the total (%)")
    axis.legend(loc="lower right", frameon=False, fontsize=7.5)
    return figure


def beeswarm_figure(explanation):
    """SHAP values of every site, a row of points per predictor, coloured by the predictor's rank among the sites."""
    names = explanation.importance()["predictor"].head(MOST_SHOWN).tolist()[::-1]
    figure, axis = new_figure(180, max(60, 24 + 8 * len(names)))
    rows = _spread_rows(len(explanation.shap))
    span = float(np.ptp(explanation.shap[names].to_numpy())) or 1.0
    for place, name in enumerate(names):
        values = explanation.shap[name].to_numpy()[rows]
        height = place + _swarm(values, span)
        rank = explanation.encoded[name].iloc[rows].rank(pct=True).to_numpy()
        colored = np.isfinite(rank) & (not _is_category(explanation.data[name]))
        axis.scatter(values[~colored], height[~colored], s=5, color=GREY, linewidths=0)
        axis.scatter(values[colored], height[colored], s=5, c=rank[colored], cmap=RAMP, vmin=0, vmax=1, linewidths=0)
    axis.axvline(0, color=GREY, linewidth=0.7)
    axis.set_yticks(range(len(names)), [_short(name) for name in names])
    axis.set_ylim(-0.6, len(names) - 0.4)
    axis.set_xlabel(_shap_label(explanation))
    bar = figure.colorbar(_scale(None, RAMP), ax=axis, ticks=[0, 1], aspect=30, pad=0.01)
    bar.ax.set_yticklabels(["low", "high"], fontsize=7.5)
    bar.set_label("Predictor's value (rank)", fontsize=8)
    bar.outline.set_visible(False)
    return figure


def dependence_figure(explanation, interactions=None, most=4):
    """SHAP value against the predictor, for the most important ones, coloured by what each interacts with most."""
    names = explanation.importance()["predictor"].head(most).tolist()
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    figure, axes = new_figure(180, 66 * lines, lines, columns, squeeze=False, sharey=True)
    rows = _spread_rows(len(explanation.shap))
    for axis, name in zip(axes.ravel(), names):
        partner = interactions.partner(name) if interactions is not None else None
        x = _positions(axis, explanation.data[name].iloc[rows])
        _scatter(figure, axis, x, explanation.shap[name].to_numpy()[rows], explanation, rows, partner)
        axis.axhline(0, color=GREY, linewidth=0.7, zorder=0.5)
        axis.set_xlabel(_short(name, 44))
    for axis in axes.ravel()[len(names) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel(_shap_label(explanation))
    return figure


def _positions(axis, data):
    """Where the rows lie along the axis: their numbers, or beside each other within their category."""
    if not _is_category(data):
        return pd.to_numeric(data, errors="coerce").to_numpy(dtype=float)
    data = _labels(data)
    shown = data.value_counts().index[:8].tolist()
    x = np.full(len(data), np.nan)
    for place, label in enumerate(shown):
        rows = np.flatnonzero((data == label).to_numpy())
        x[rows] = place + (np.linspace(-0.3, 0.3, len(rows)) if len(rows) > 1 else 0.0)
    axis.set_xticks(range(len(shown)), [_short(label, 18) for label in shown], rotation=30, ha="right")
    return x


def _scatter(figure, axis, x, values, explanation, rows, partner):
    """Points of a dependence panel, coloured by the partner: a ramp for numbers, a colour for each category."""
    style = {"s": 9, "alpha": 0.8, "linewidths": 0}
    if partner is None:
        axis.scatter(x, values, color=PALETTE[0], **style)
        return
    data = explanation.data[partner].iloc[rows]
    colours, norm, labels = _category_colours(data) if _is_category(data) else _number_colours(data)
    known = np.isfinite(colours)
    axis.scatter(x[~known], values[~known], color=GREY, **style)
    ramp = _listed(len(labels)) if labels else RAMP
    axis.scatter(x[known], values[known], c=colours[known], cmap=ramp, norm=norm, **style)
    bar = figure.colorbar(_scale(norm, ramp), ax=axis, aspect=25, pad=0.01)
    if labels:
        bar.set_ticks(range(len(labels)))
        bar.ax.set_yticklabels([_short(label, 16) for label in labels])
        bar.ax.minorticks_off()
    bar.set_label(_short(partner, 30), fontsize=7.5)
    bar.ax.tick_params(labelsize=7, length=0 if labels else 2)
    bar.outline.set_visible(False)


def _number_colours(data):
    """Numbers and the scale of their colours: without a few extreme values, which would leave one colour to others."""
    from matplotlib.colors import Normalize

    number = pd.to_numeric(data, errors="coerce").to_numpy(dtype=float)
    known = number[np.isfinite(number)]
    return number, Normalize(*np.quantile(known, [0.02, 0.98])) if len(known) else Normalize(0, 1), None


def _category_colours(data):
    """Numbers of the most frequent categories, "others" together; their scale and labels."""
    from matplotlib.colors import Normalize

    counts = data.value_counts()
    labels = [str(label) for label in counts.index[:MOST_LABELS]]
    number_of = {label: number for number, label in enumerate(labels)}
    if len(counts) > MOST_LABELS:
        labels.append("others")
    present = data.notna().to_numpy()
    numbers = np.array([number_of.get(str(value), len(labels) - 1.0) for value in data])
    return np.where(present, numbers, np.nan), Normalize(-0.5, len(labels) - 0.5), labels


def _listed(n):
    from matplotlib.colors import ListedColormap

    return ListedColormap(PALETTE[:n])


def _scale(norm, ramp):
    from matplotlib.cm import ScalarMappable

    return ScalarMappable(norm, ramp)


def _paragraphs(explanation, raster):
    if explanation.skill is not None and explanation.skill.has_skill:
        yield explanation.skill.sentence
    unit = (
        "in log units: effects multiply, and a value of 0.1 is a factor of 1.11"
        if explanation.unit == "log"
        else f"in the unit of {explanation.target}"
    )
    yield (
        f"A SHAP value is what a predictor adds to the prediction of a site, {unit}. The values of a site and the base "
        f"({_base(explanation)}) add up to its prediction: at {len(explanation.shap):,} sites the largest difference "
        f"is {explanation.additivity_error():.1g} of the prediction. They are path-dependent TreeSHAP values (Lundberg "
        "et al. 2020, doi:10.1038/s42256-019-0138-9): they tell what the model does, not what causes contamination; "
        "correlated predictors share an effect as the trees happen to split it."
    )
    if raster is not None:
        yield raster.sentence


def _base(explanation):
    if explanation.unit == "log":
        return f"{explanation.base:.3g}, that is {explanation.target} {np.exp(explanation.base):.4g}"
    return f"{explanation.base:.4g}"


def _warnings(explanation):
    if explanation.skill is not None and not explanation.skill.has_skill:
        yield f"{explanation.skill.sentence} What follows explains a model that knows nothing: read no causes into it."


def _importance(explanation):
    frame = explanation.importance()
    titles = ("Predictor", "Share of gain", f"Mean |SHAP value| ({_unit(explanation)})", "Share of mean |SHAP value|")
    return frame.set_axis(titles, axis=1)


def _counts(explanation):
    return _titled(explanation.driver_counts())


def _titled(counts):
    titles = {
        "driver": "Driver",
        "rows": "Sites",
        "cells": "Cells",
        "share": "Share",
        "raises": "Raises the prediction",
    }
    return counts.rename(columns={**titles, "lowers": "Lowers it"})


def _interactions_caption(interactions):
    sample = f" of {interactions.of:,}" if interactions.n_rows < interactions.of else ""
    return f"Strongest interactions, mean over {interactions.n_rows:,}{sample} sites"


def _pairs(interactions):
    unit = "log units" if interactions.unit == "log" else "the target's unit"
    titles = ("Predictor", "With", f"Mean |interaction| ({unit})", "Share of all effects")
    return interactions.to_frame().head(10).set_axis(titles, axis=1)


def _unit(explanation):
    return "log units" if explanation.unit == "log" else f"unit of {explanation.target}"


def _shap_label(explanation):
    return f"SHAP value ({_unit(explanation)})"


def _labels(data):
    return data.astype(object).where(data.notna(), "no value").astype(str)


def _is_category(column):
    return not pd.api.types.is_numeric_dtype(column)


def _short(text, width=_NAME_WIDTH):
    """A name that leaves room for the figure; dollars are no formulas."""
    text = str(text)
    text = text if len(text) <= width else f"{text[: width * 2 // 3]}…{text[-(width // 3 - 1) :]}"
    return text.replace("$", r"\$")


def _stem(title):
    return re.sub(r"\W+", "_", title.lower()).strip("_")


def _spread_rows(n):
    """At most some hundred rows, evenly spread: more points hide each other."""
    return np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(int)


def _swarm(values, span):
    """Heights (within +-0.4) that set points of nearly the same value apart."""
    bins = np.floor(values / span * _BINS).astype(int)
    heights = np.zeros(len(values))
    fullest = max(1, int(np.unique(bins, return_counts=True)[1].max()))
    for number in np.unique(bins):
        members = np.flatnonzero(bins == number)
        order = np.arange(len(members))
        heights[members] = np.where(order % 2, 1, -1) * ((order + 1) // 2) * 0.8 / max(fullest, 12)
    return heights
