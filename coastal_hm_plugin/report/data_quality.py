"""What the data are worth: how many results, how many non-detects, what was lost and why."""

import pandas as pd

from ..core.chemistry import HIGH_SHARE
from ..core.errors import name_rows
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

_WAYS = {
    "half": "half the detection limit",
    "sqrt2": "the detection limit divided by the square root of 2",
    "zero": "zero",
    "drop": "nothing: they were left out",
}


def section(*samples, nondetects="half"):
    """The report's section on its data. samples: one or more Samples; nondetects: how they were substituted."""
    count = ", ".join(f"{len(one):,} {one.medium} samples" for one in samples)
    paragraphs = [
        f"{count}. Concentrations are in mg/kg, in water in ug/L. Values below their detection limit stand in all "
        f"statistics as {_WAYS[nondetects]}. Above {HIGH_SHARE:.0%} of non-detects an element's statistics rest on "
        "that choice."
    ]
    listings = [Listing(f"Results in {one.medium} ({one.unit})", _results(one)) for one in samples]
    losses = loss_table(*samples)
    if len(losses):
        listings.append(Listing("Values that were not plain numbers, and how they were taken", losses))
    else:
        paragraphs.append("Every value was a plain number.")
    charts = ()
    if any(one.censored.to_numpy().any() for one in samples):
        caption = f"Share of non-detects among the results of each element; the line marks {HIGH_SHARE:.0%}."
        charts = (Chart("nondetects", nondetect_figure(*samples), caption),)
    warnings = tuple(f"{one.medium.capitalize()}: {text}" for one in samples for text in one.warnings)
    return Section("Data", tuple(paragraphs), tuple(listings), charts, warnings)


def loss_table(*samples):
    """All that was not a plain number: a DataFrame with medium, column, count, what happened, and the first rows."""
    rows = [
        (one.medium, loss.column, loss.count, loss.reason, name_rows(loss.rows))
        for one in samples
        for loss in one.losses
    ]
    return pd.DataFrame(rows, columns=["medium", "column", "values", "were", "rows"])


def nondetect_figure(*samples):
    """Bars of the share of non-detects (%) by element, one colour for each medium."""
    elements = list(dict.fromkeys(element for one in samples for element in one.elements))
    figure, axes = new_figure(width_mm=180, height_mm=60)
    width = 0.8 / len(samples)
    for place, one in enumerate(samples):
        shares = 100 * one.nondetect_shares().reindex(elements).astype(float)
        positions = [index - 0.4 + width * (place + 0.5) for index in range(len(elements))]
        axes.bar(positions, shares, width * 0.95, color=PALETTE[place], label=one.medium.capitalize())
    axes.axhline(100 * HIGH_SHARE, color=GREY, linewidth=0.8, linestyle="--")
    axes.set_xticks(range(len(elements)), elements)
    axes.set_ylim(0, 100)
    axes.set_ylabel("Non-detects (%)")
    if len(samples) > 1:
        axes.legend()
    return figure


def _results(samples):
    table = samples.summary()
    table["nondetect_share"] = [f"{share:.0%}" for share in table["nondetect_share"]]
    return table.rename(columns={"nondetects": "non-detects", "nondetect_share": "share of non-detects"})
