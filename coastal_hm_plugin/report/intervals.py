"""Prediction intervals in a report: do they hold what they promise, and where not."""

import re

import numpy as np
import pandas as pd

from ..core.risk_model.scores import SCHEME_LABELS
from .axes import logarithmic
from .document import Chart, Listing, Section, format_number
from .style import GREY, PALETTE, new_figure


def section(model, title=None):
    """The prediction intervals of a :class:`RiskModel` (with them), as a Section."""
    title = title or f"Prediction intervals of the model of {model.target}"
    stem = re.sub(r"\W+", "_", title.lower()).strip("_")
    intervals = model.intervals
    return Section(
        title,
        paragraphs=tuple(_paragraphs(model)),
        listings=tuple(publication(model).values()),
        charts=(Chart(f"{stem}_coverage", coverage_figure(model), caption(model)),),
        warnings=() if intervals.as_promised else (intervals.sentence,),
    )


def publication(model):
    """The coverage as a reader wants it: file stem -> Listing."""
    return {
        "interval_coverage": Listing(
            f"Held-out sites inside their prediction interval, {SCHEME_LABELS[model.intervals.scheme]}; widths in the "
            f"unit of {model.target}.",
            coverage_table(model),
        )
    }


def coverage_table(model):
    """Coverage overall, by fifths of the prediction, by its classes and by fifths of the dissimilarity index."""
    intervals, predicted = model.intervals, model.strict_predictions
    rows = [("All sites", len(intervals.inside), intervals.coverage, intervals.width.mean())]
    rows += _fifths("Prediction", intervals.by_fifth(predicted))
    if model.scheme is not None:
        numbers = np.searchsorted(model.scheme.limits, predicted, side="right")
        for row in intervals.by_group(numbers).itertuples():
            rows.append((f"Predicted class {model.scheme.class_names[row.group]}", row.sites, row.inside, row.width))
    if model.applicability is not None:
        area = model.applicability
        rows += _fifths("Dissimilarity", intervals.by_fifth(area.di, area.rows))
    return pd.DataFrame(rows, columns=["Sites by", "Sites", "Share inside", "Mean width"])


def _fifths(name, table):
    return [
        (f"{name} {format_number(low)}" + (f" to {format_number(high)}" if high > low else ""), sites, inside, width)
        for low, high, sites, inside, width in table.itertuples(index=False)
    ]


def _paragraphs(model):
    intervals = model.intervals
    middle = float(np.median(model.strict_predictions))
    lower, upper = (float(bound) for bound in intervals.bounds(middle))
    yield (
        f"A {intervals.level:.0%} prediction interval is to hold the value of a new site with that probability. It is "
        "taken from the errors of held-out sites (cross-conformal prediction; Vovk 2015), a quantile for either end, "
        f"over a spread that changes with the prediction. At {format_number(middle)}, the median prediction, it runs "
        f"from {format_number(lower)} to {format_number(upper)}."
    )
    if intervals.as_promised:
        yield intervals.sentence
    yield (
        "What was measured holds for places that are to the training sites as the held-out sites of these folds are to "
        "the others. Outside the area of applicability, and where something changes that no predictor tells, the share "
        "inside may be any."
    )


def caption(model):
    """What the figure shows."""
    return (
        f"Left: {len(model.intervals.inside)} held-out sites in the order of their prediction, the "
        f"{model.intervals.level:.0%} intervals (area), and what was observed (dots; orange outside the interval). "
        "Right: share of the sites inside, by fifths of the prediction and of the dissimilarity index (equal values "
        "stay together). Dashed: what the intervals promise; band: 90 % interval of the share of all sites."
    )


def coverage_figure(model):
    """Intervals and observed values in the order of the prediction, and the coverage by fifths."""
    figure, (left, right) = new_figure(180, 82, 1, 2, width_ratios=(3, 2))
    _draw_sites(left, model)
    _draw_coverage(right, model)
    return figure


def _draw_sites(axes, model):
    intervals, predicted = model.intervals, model.strict_predictions
    order = np.argsort(predicted, kind="stable")
    rank, observed = np.arange(len(order)), model.held_out["observed"].to_numpy()[order]
    lower, upper = intervals.lower[order], intervals.upper[order]
    outside = (observed < lower) | (observed > upper)
    axes.fill_between(rank, lower, upper, step="mid", color=PALETTE[4], alpha=0.3, lw=0)
    axes.plot(rank, predicted[order], color=GREY, lw=0.9, label="predicted")
    size = 5 if len(rank) > 200 else 10
    for chosen, color, label in (
        (~outside, PALETTE[0], "observed"),
        (outside, PALETTE[5], "outside the interval"),
    ):
        axes.scatter(rank[chosen], observed[chosen], s=size, color=color, linewidths=0, zorder=3, label=label)
    if model.options.transform == "log":
        logarithmic(axes.yaxis, min(lower.min(), observed.min()), max(upper.max(), observed.max()))
    axes.set_xlabel("Held-out sites, in the order of their prediction")
    axes.set_ylabel(model.target)
    axes.set_xlim(-1, len(rank))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=3, fontsize=7.5, markerscale=1.5, columnspacing=1.2)


def _draw_coverage(axes, model):
    intervals = model.intervals
    axes.axhspan(intervals.coverage_low, intervals.coverage_high, color=GREY, alpha=0.18, lw=0)
    axes.axhline(intervals.level, color=GREY, lw=0.9, ls="--")
    groups = [("prediction", PALETTE[0], "o", intervals.by_fifth(model.strict_predictions))]
    if model.applicability is not None:
        area = model.applicability
        groups.append(("dissimilarity index", PALETTE[5], "s", intervals.by_fifth(area.di, area.rows)))
    for label, color, marker, table in groups:
        before = table["sites"].cumsum() - table["sites"] / 2
        place = 100 * before / table["sites"].sum()
        axes.plot(place, table["inside"], color=color, marker=marker, ms=4.5, lw=1, label=label)
    lowest = min(table["inside"].min() for *_, table in groups)
    axes.set_ylim(max(0.0, min(0.75, lowest - 0.05)), 1.005)
    axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}")
    axes.set_xlim(0, 100)
    axes.set_xlabel("Sites, from the lowest to the highest (%)")
    axes.set_ylabel("Sites inside their interval (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=2, fontsize=7.5, columnspacing=1.0, handlelength=1.5)
