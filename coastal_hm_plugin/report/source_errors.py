"""How sure the sources found by positive matrix factorization are, as a section of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .profile_panels import profile_panels
from .style import PALETTE

BOOTSTRAP_RULE = (
    "Bootstrap: {runs} resampled data sets ({blocks}) were factorized, each from the base solution and from "
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
BS_DISP_RULE = (
    "Bootstrap with displacement: in each of {runs} resamples whose factors map to the base run's, the profile values "
    "of {species} were moved as above, at smaller rises of Q ({levels}). A resample is rejected if a factor is "
    "unmapped, if Q falls by 1 % or more, or if factors change places; the result is called stable if at least 80 % "
    "are accepted at the lowest rise. The largest fall of Q: {decrease:.2f} %."
)
CAPTION = (
    "Factor profiles as % of the species, with their ranges. Bars: base solution. {parts} The bootstrap takes in "
    "random errors and some rotation, displacement rotational ambiguity{both}."
)
FULL_HEIGHT, LESS_HEIGHT, MANY_FACTORS = 30, 23, 6  # mm a panel


def section(bootstrap=None, displacement=None, medium="", bs_disp=None):
    """A Bootstrap, a Displacement and a BsDisp of one base run (any may be None) as a Section, the verdicts first."""
    estimates = [one for one in (bootstrap, displacement, bs_disp) if one is not None]
    paragraphs = [" ".join(one.verdict() for one in estimates)]
    listings = []
    if bootstrap is not None:
        paragraphs.append(_bootstrap_rule(bootstrap))
        listings += _bootstrap_listings(bootstrap)
    if displacement is not None:
        levels = ", ".join(f"{level:g}" for level in displacement.levels)
        paragraphs.append(DISPLACEMENT_RULE.format(levels=levels, decrease=displacement.percent_decrease))
        listings.append(_swap_listing(displacement, "Displacement"))
    if bs_disp is not None:
        paragraphs.append(_bs_disp_rule(bs_disp))
        listings += [_case_listing(bs_disp), _swap_listing(bs_disp, "Bootstrap with displacement")]
    name = f"pmf_intervals_{medium}".rstrip("_")
    parts = " ".join(f"{colour}: {text}." for _, colour, text, *_ in _ranges(bootstrap, displacement, bs_disp))
    caption = CAPTION.format(parts=parts, both="; the two together take in both" if bs_disp is not None else "")
    chart = Chart(name, intervals(bootstrap, displacement, bs_disp), caption)
    title = f"Error estimation (PMF): {medium}" if medium else "Error estimation (PMF)"
    warnings = tuple(warning for one in estimates for warning in one.warnings)
    return Section(title, tuple(paragraphs), tuple(listings), (chart,), warnings)


def intervals(bootstrap=None, displacement=None, bs_disp=None):
    """A panel per factor: its share of every species as bars, with the ranges found side by side."""
    base = next(one for one in (bootstrap, displacement, bs_disp) if one is not None).base
    names, count = base.data.fitted_species, len(base.factors)
    height = FULL_HEIGHT if count <= MANY_FACTORS else LESS_HEIGHT
    figure, axes, places, _ = profile_panels(base, 22 + height * count, "base solution")
    ranges = _ranges(bootstrap, displacement, bs_disp)
    offsets = 0.25 * (np.arange(len(ranges)) - (len(ranges) - 1) / 2)
    width = float(np.clip(60 / len(names), 1.1, 2.4))
    for k, panel in enumerate(axes):
        for offset, (colour, _, _, label, low, median, high) in zip(offsets, ranges):
            panel.vlines(places + offset, low[k], high[k], color=colour, linewidth=width, label=label)
            if median is not None:
                panel.plot(places + offset, median[k], "o", ms=1.7 * width, color=colour, mec="white", mew=0.5)
    place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0.3}
    axes[0].legend(ncol=len(ranges) + 1, fontsize=7.5, frameon=False, columnspacing=1.2, handlelength=1.4, **place)
    return figure


def _ranges(bootstrap, displacement, bs_disp):
    """What is drawn: colour, its name, words, label, low, median (or None) and high (p, m), in % of the species."""
    found = []
    if bootstrap is not None:
        low, median, high = bootstrap.percent[[0, 2, 4]]
        words = "bootstrap, 5th to 95th percentile and median"
        found.append((PALETTE[0], "Blue", words, "bootstrap", low, median, high))
    if displacement is not None:
        dq = displacement.levels[0]
        ends = displacement.percent_low[0], None, displacement.percent_high[0]
        found.append((PALETTE[5], "Orange", f"displacement at dQ {dq:g}", f"displacement, dQ {dq:g}", *ends))
    if bs_disp is not None:
        dq = bs_disp.levels[0]
        ends = bs_disp.percent_low[0], None, bs_disp.percent_high[0]
        words = f"bootstrap with displacement at dQ {dq:g}, 5th percentile of the lowest to 95th of the highest values"
        found.append((PALETTE[2], "Green", words, f"bootstrap with displacement, dQ {dq:g}", *ends))
    return found


def _bootstrap_rule(found):
    options = found.options
    return BOOTSTRAP_RULE.format(
        runs=options.runs,
        blocks=_blocks(found),
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


def _blocks(found):
    if found.grouped:
        return "groups of samples drawn together"
    return f"blocks of {found.options.block}"


def _bs_disp_rule(found):
    return BS_DISP_RULE.format(
        runs=found.options.runs,
        species=", ".join(found.species),
        levels=", ".join(f"{level:g}" for level in found.levels),
        decrease=found.largest_decrease,
    )


def _case_listing(found):
    table = found.cases_table()
    table.columns = ["dQ", "Resamples", "Accepted", "Accepted (%)", "Unmapped", "Q fell", "Changed places"]
    return Listing("Bootstrap with displacement: resamples accepted, and rejected by their first reason.", table)


def _swap_listing(found, name):
    table = found.swap_table()
    table.columns = ["dQ", *_names(len(found.base.factors))]
    return Listing(f"{name}: how often the contributions of a factor came to resemble another's most.", table)


def _names(count):
    return [f"Factor {k}" for k in range(1, count + 1)]
