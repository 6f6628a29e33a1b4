"""SHAP values in a report: importance, their spread over the sites, and what the model does with a predictor."""

import numpy as np
import pandas as pd

from .document import Chart
from .style import GREY, PALETTE, new_figure

MOST_SHOWN = 12
MOST_POINTS = 1500
_BINS = 60


def charts(explanation, stem):
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
    return [
        Chart(f"{stem}_importance", importance_figure(explanation), importance),
        Chart(f"{stem}_shap", beeswarm_figure(explanation), swarm),
        Chart(f"{stem}_dependence", dependence_figure(explanation), dependence),
    ]


def importance_figure(explanation):
    """Horizontal bars of the gain share and the SHAP share, most important on top."""
    table = explanation.importance().head(MOST_SHOWN).iloc[::-1]
    figure, axis = new_figure(180, 22 + 7 * len(table))
    place = np.arange(len(table))
    axis.barh(place + 0.2, table["shap_share"], 0.38, color=PALETTE[0], label="mean |SHAP value|")
    axis.barh(place - 0.2, table["gain_share"], 0.38, color=PALETTE[1], label="gain")
    axis.set_yticks(place, table["predictor"])
    axis.set_xlabel("Share of the total")
    axis.legend(loc="lower right", frameon=False, fontsize=7.5)
    return figure


def beeswarm_figure(explanation):
    """SHAP values of every site, a row of points per predictor, coloured by the predictor's rank among the sites."""
    names = explanation.importance()["predictor"].head(MOST_SHOWN).tolist()[::-1]
    figure, axis = new_figure(180, 24 + 8 * len(names))
    rows = _spread_rows(len(explanation.shap))
    span = float(np.ptp(explanation.shap[names].to_numpy())) or 1.0
    points = None
    for place, name in enumerate(names):
        values = explanation.shap[name].to_numpy()[rows]
        height = place + _swarm(values, span)
        rank = explanation.encoded[name].iloc[rows].rank(pct=True).to_numpy()
        colored = np.isfinite(rank) & (not _is_category(explanation.data[name]))
        axis.scatter(values[~colored], height[~colored], s=5, color=GREY, linewidths=0)
        points = axis.scatter(
            values[colored], height[colored], s=5, c=rank[colored], cmap="viridis", vmin=0, vmax=1, linewidths=0
        )
    axis.axvline(0, color=GREY, linewidth=0.7)
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel(_shap_label(explanation))
    bar = figure.colorbar(points, ax=axis, ticks=[0, 1], aspect=30, pad=0.01)
    bar.ax.set_yticklabels(["low", "high"], fontsize=7.5)
    bar.set_label("Value of the predictor (rank)", fontsize=8)
    return figure


def dependence_figure(explanation, most=4):
    """SHAP value against the predictor, for the most important ones."""
    names = explanation.importance()["predictor"].head(most).tolist()
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    figure, axes = new_figure(180, 62 * lines, lines, columns, squeeze=False, sharey=True)
    rows = _spread_rows(len(explanation.shap))
    for axis, name in zip(axes.ravel(), names):
        values, data = explanation.shap[name].to_numpy()[rows], explanation.data[name].iloc[rows]
        if _is_category(data):
            _categories(axis, data, values)
        else:
            number = pd.to_numeric(data, errors="coerce").to_numpy(dtype=float)
            axis.scatter(number, values, s=8, color=PALETTE[0], alpha=0.6, linewidths=0)
        axis.axhline(0, color=GREY, linewidth=0.7)
        axis.set_xlabel(name)
    for axis in axes.ravel()[len(names) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel(_shap_label(explanation))
    return figure


def _categories(axis, data, values):
    data = data.astype(object).where(data.notna(), "no value").astype(str)
    labels = data.value_counts().index[:8].tolist()
    for place, label in enumerate(labels):
        chosen = values[(data == label).to_numpy()]
        offset = np.linspace(-0.25, 0.25, len(chosen)) if len(chosen) > 1 else np.zeros(1)
        axis.scatter(place + offset, chosen, s=8, color=PALETTE[0], alpha=0.6, linewidths=0)
    short = [label if len(label) <= 16 else label[:15] + "…" for label in labels]
    axis.set_xticks(range(len(labels)), short, rotation=30, ha="right")


def _is_category(column):
    return not pd.api.types.is_numeric_dtype(column)


def _shap_label(explanation):
    unit = "log units" if explanation.unit == "log" else f"unit of {explanation.target}"
    return f"SHAP value ({unit})"


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
