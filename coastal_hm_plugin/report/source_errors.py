"""How sure the sources found by positive matrix factorization are, as a section of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .style import PALETTE, new_figure

BOOTSTRAP_RULE = (
    "Bootstrap: {runs} resampled data sets (blocks of {block}) were factorized, each from the base solution and from "
    "{restarts} random start{s}, of which the one with the lowest Q counts; {restarted} runs ended in other factors "
    "than the base solution leads to. A boot factor is mapped to the base factor with whose contributions its own "
    "correlate most, if at least {least:g}. A factor is stable that comes back in at least 80 % of the runs "
    "(Norris et al. 2014)."
)
DISPLACEMENT_RULE = (
    "Displacement: every profile value of the strong species was moved up and down, all else refitted, until Q had "
    "risen by {levels}. Factors that change places at the lowest level mean rotational ambiguity; a fall of Q by 1 % "
    "or more means that the base solution was not the best (Paatero et al. 2014). The largest fall: {decrease:.2f} %."
)
CAPTION = (
    "Factor profiles as % of the species, with their ranges. Bars: base solution. {parts} Ranges of the bootstrap take "
    "in random errors and some rotation, those of displacement rotational ambiguity."
)


def section(bootstrap=None, displacement=None, medium=""):
    """A Bootstrap, a Displacement, or both, of one base run, as a Section whose first words are the verdict."""
    estimates = [one for one in (bootstrap, displacement) if one is not None]
    paragraphs = [" ".join(one.verdict() for one in estimates)]
    listings, parts = [], []
    if bootstrap is not None:
        paragraphs.append(_bootstrap_rule(bootstrap))
        listings += _bootstrap_listings(bootstrap)
        parts.append("Blue: bootstrap, 5th to 95th percentile and median.")
    if displacement is not None:
        levels = ", ".join(f"{level:g}" for level in displacement.levels)
        paragraphs.append(DISPLACEMENT_RULE.format(levels=levels, decrease=displacement.percent_decrease))
        listings.append(_swap_listing(displacement))
        parts.append(f"Orange: displacement at dQ {displacement.levels[0]:g}.")
    name = f"pmf_intervals_{medium}".rstrip("_")
    chart = Chart(name, intervals(bootstrap, displacement), CAPTION.format(parts=" ".join(parts)))
    title = f"Error estimation (PMF): {medium}" if medium else "Error estimation (PMF)"
    warnings = tuple(warning for one in estimates for warning in one.warnings)
    return Section(title, tuple(paragraphs), tuple(listings), (chart,), warnings)


def intervals(bootstrap=None, displacement=None):
    """A panel per factor: its share of every species as bars, with the ranges found."""
    base = (bootstrap if bootstrap is not None else displacement).base
    names, count = base.data.fitted_species, len(base.factors)
    figure, axes = new_figure(180, 16 + 30 * count, count, 1, squeeze=False, sharex=True, sharey=True)
    places = np.arange(len(names))
    percent = base.profiles()["percent_of_species"].to_numpy().reshape(count, -1)
    offset = 0.16 if bootstrap is not None and displacement is not None else 0.0
    for k, panel in enumerate(axes[:, 0]):
        panel.bar(places, percent[k], 0.76, color="#d1d5db")
        if bootstrap is not None:
            low, median, high = bootstrap.percent[[0, 2, 4], k]
            panel.vlines(places - offset, low, high, color=PALETTE[0], linewidth=2)
            panel.plot(places - offset, median, "o", ms=4, color=PALETTE[0], mec="white", mew=0.6)
        if displacement is not None:
            low, high = displacement.percent_low[0, k], displacement.percent_high[0, k]
            panel.vlines(places + offset, low, high, color=PALETTE[5], linewidth=2)
        panel.set_ylim(-4, 105)
        panel.set_yticks([0, 50, 100])
        panel.set_ylabel("% of species")
        panel.set_title(f"Factor {k + 1}", loc="left", fontweight="bold", fontsize=9)
    crowded = len(names) > 16 or max(len(name) for name in names) * len(names) > 130
    axes[-1, 0].set_xticks(places, names, **({"rotation": 90} if crowded else {}))
    axes[-1, 0].set_xlim(-0.6, len(names) - 0.4)
    return figure


def _bootstrap_rule(found):
    options = found.options
    return BOOTSTRAP_RULE.format(
        runs=options.runs,
        block=options.block,
        restarts=options.random_restarts,
        s="" if options.random_restarts == 1 else "s",
        restarted=int(found.restarted.sum()),
        least=options.min_correlation,
    )


def _bootstrap_listings(found):
    mapping = found.mapping_table()
    count = len(mapping)
    mapping["boot_factor"] = [f"Boot factor {k}" for k in range(1, count + 1)]
    mapping.columns = ["", *_names(count), "Unmapped"]
    q = found.q_table().set_axis(["", "Base", "Lowest", "25 %", "Median", "75 %", "Highest"], axis=1)
    return [
        Listing(f"Bootstrap mapping: number of {found.options.runs} runs.", mapping),
        Listing("Q over the bootstrap runs.", q, digits=5),
    ]


def _swap_listing(found):
    table = found.swap_table()
    table.columns = ["dQ", *_names(len(found.base.factors))]
    return Listing("Displacement: how often the contributions of a factor came to resemble another's most.", table)


def _names(count):
    return [f"Factor {k}" for k in range(1, count + 1)]
