"""How many factors positive matrix factorization needs, as a section of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

RULES = (
    "A number of factors is enough when one factor more lowers Q no more than it does in data simulated without that "
    "factor: less than {needed:g} times as far on average, or no farther than in the farthest of {simulations} "
    "simulations. Simulated data are the modelled concentrations plus the residuals with signs drawn at random: as "
    "large, but without the pattern that a factor would explain (wild bootstrap; Liu 1988). The fall of Q is taken "
    "relative to the Q left, so that uncertainties which are all too large or too small do not matter.",
    "Factors may be interpreted when each comes back in at least {stable:.0f} % of {runs} bootstrap runs (Norris et "
    "al. 2014), more than one random start found the solution, and Q(expected) is above 0. Recommended is the smallest "
    "number that is enough, as all larger ones tried are, if its factors may be interpreted; where the two disagree, "
    "no number is clear. A number is a start: that the factors make sense as sources is for the reader to judge.",
)
CAPTION = (
    "What speaks for each number of factors; the recommended one is shaded{none}. Fall of Q: with one factor more, "
    "observed (points) and in data simulated without it (bars: mean to highest). IM, IS: largest mean and standard "
    "deviation of a species' scaled residuals (Lee et al. 1999). Least steady factor: share of the bootstrap runs that "
    "brought it back; dashed: 80 %. Smallest factor: its mean share of the species."
)
COLUMNS = {
    "factors": "Factors",
    "q_robust": "Q(robust)",
    "q_true": "Q(true)",
    "q_expected": "Q(expected)",
    "q_robust_over_expected": "Q(robust)/Q(exp.)",
    "q_true_over_expected": "Q(true)/Q(exp.)",
    "im": "IM",
    "is": "IS",
    "beyond_3_percent": "Beyond ±3 (%)",
    "r2_minimum": "Lowest r²",
    "r2_minimum_species": "of",
}
STEADINESS = {
    "factors": "Factors",
    "starts_alike": "Starts with the lowest Q",
    "starts": "Starts",
    "reproduced_percent": "Least steady factor (% of runs)",
    "smallest_share_percent": "Smallest factor (% of species)",
    "fall_percent": "Q falls with one more (%)",
    "simulated_fall_percent": "Simulated: mean (%)",
    "simulated_fall_highest_percent": "Simulated: highest (%)",
    "gain": "Times as far",
    "enough": "Enough",
    "recommended": "Recommended",
}


def section(found, medium=""):
    """A :class:`FactorNumber` as a Section whose first words are the recommendation and its reasons."""
    from ..core.pmf.error_estimation.bootstrap import STABLE
    from ..core.pmf.factor_number import NEEDED

    table, options = found.table(), found.options
    given = {
        "needed": NEEDED,
        "simulations": options.simulations,
        "stable": 100 * STABLE,
        "runs": options.bootstraps,
    }
    paragraphs = (" ".join((found.verdict(), *found.reasons)), *(rule.format(**given) for rule in RULES))
    listings = (
        Listing("Fit.", table[list(COLUMNS)].rename(columns=COLUMNS), digits=4),
        Listing("Steadiness, and what one factor more explains.", table[list(STEADINESS)].rename(columns=STEADINESS)),
    )
    name = f"pmf_factor_number_{medium}".rstrip("_")
    caption = CAPTION.format(
        none="" if found.clear else " (no number is clear)" if found.number else " (there is none)"
    )
    title = f"Number of factors (PMF): {medium}" if medium else "Number of factors (PMF)"
    chart = Chart(name, criteria(found), caption)
    return Section(title, paragraphs, listings, (chart,), found.trials[0].result.data.warnings)


def criteria(found):
    """Small panels of the criteria against the number of factors."""
    table = found.table()
    robust = found.options.model.solver.robust
    figure, axes = new_figure(180, 98, 2, 4, sharex=True)
    flat, p = axes.ravel(), table["factors"].to_numpy()
    kind = "robust" if robust else "true"
    _line(flat[0], p, table[f"q_{kind}_over_expected"], f"Q({kind}) / Q(expected)")
    flat[0].axhline(1, color=GREY, linewidth=0.7, linestyle="--")
    _falls(flat[1], table)
    _line(flat[2], p, table["im"], "IM and IS", label="IM")
    _line(flat[2], p, table["is"], "IM and IS", colour=PALETTE[5], marker="s", label="IS")
    flat[2].legend(loc="upper right", fontsize=7.5, frameon=False)
    _line(flat[3], p, table["beyond_3_percent"], "Residuals beyond ±3 (%)")
    _line(flat[4], p, 100 * table["starts_alike"] / table["starts"], "Starts at lowest Q (%)", top=105)
    _line(flat[5], p, table["reproduced_percent"], "Least steady factor (%)", top=105)
    flat[5].axhline(80, color=GREY, linewidth=0.7, linestyle="--")
    _line(flat[6], p, table["r2_minimum"], "Lowest r² of a species", top=1.05)
    _line(flat[7], p, table["smallest_share_percent"], "Smallest factor (%)")
    for panel in flat:
        if found.number is not None:
            panel.axvspan(found.number - 0.5, found.number + 0.5, color="#e5e7eb", zorder=0, linewidth=0)
        panel.set_xlim(p[0] - 0.5, p[-1] + 0.5)
        panel.set_xticks(p)
    for panel in axes[1]:
        panel.set_xlabel("Number of factors")
    return figure


def _falls(panel, table):
    """Observed falls of Q as points, simulated ones as bars, on a logarithmic axis."""
    from .axes import logarithmic

    shown = table.dropna(subset=["fall_percent"])
    shown = shown[(shown["fall_percent"] > 0) & (shown["simulated_fall_percent"] > 0)]
    panel.set_title("Fall of Q with one more (%)", loc="left", fontsize=8)
    if shown.empty:
        panel.text(0.5, 0.5, "not to be tested", ha="center", va="center", transform=panel.transAxes, color=GREY)
        return
    p, mean = shown["factors"].to_numpy(), shown["simulated_fall_percent"].to_numpy()
    highest = shown["simulated_fall_highest_percent"].to_numpy()
    values = np.concatenate([shown["fall_percent"], mean, highest])
    logarithmic(panel.yaxis, values.min(), values.max())
    panel.vlines(p, mean, highest, color=PALETTE[5], linewidth=5, alpha=0.7)
    panel.plot(p, shown["fall_percent"], "o", color=PALETTE[0], ms=4.5, mec="white", mew=0.6)
    panel.set_ylim(values.min() / 1.5, values.max() * 1.5)


def _line(panel, p, values, title, colour=PALETTE[0], marker="o", label=None, top=None):
    panel.plot(p, values, marker=marker, color=colour, linewidth=1.1, ms=4.5, mec="white", mew=0.6, label=label)
    panel.set_title(title, loc="left", fontsize=8)
    finite = np.asarray(values, float)[np.isfinite(np.asarray(values, float))]
    if top is not None:
        panel.set_ylim(min(0, finite.min(initial=0)), top)
    elif finite.size:
        panel.set_ylim(min(0, 1.1 * finite.min()), max(panel.get_ylim()[1], 1.1 * finite.max()))
