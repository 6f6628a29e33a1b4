"""Rotations and constraints of a factorization as sections of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .profile_panels import profile_panels
from .style import GREY, PALETTE, new_figure

CUSTOMARY = 5.0
FPEAK_RULE = (
    "Fpeak: starting from the base run, the factors were turned into one another with a given strength and everything "
    "else refitted within its bounds. A positive strength adds contributions to one another and subtracts profiles "
    "(sharper profiles), a negative one the other way (sharper contributions; Paatero et al. 2002). The rise of Q says "
    "what the data hold against a rotation; one that costs no more than a few % and makes more sense can be preferred "
    "to the base run. Strengths have this program's own unit: compare dQ, not strengths, with other programs."
)
CONSTRAINT_RULE = (
    "Constraints were applied to the base run and everything else refitted within its bounds. What is held (=, >=, <=) "
    "holds exactly. What is pulled (up, down, ->) went as far as Q rises by no more than its limit, in % of Q(robust) "
    "(Paatero and Hopke 2009; Norris et al. 2014). dQ of a row is the cost of that constraint alone, for pulls on top "
    "of what is held; Q(aux) of a pull to a value is what its equation still carries, 0 once it is met."
)
STRENGTH_CAPTION = (
    "Left: rise of Q over the base run, in %, against the strength of the rotation. Filled: of what is minimized "
    "(Huber's function in robust mode); open: of Q(robust), as EPA PMF 5.0 reports it; dashed: 5 %. Right: lowest "
    "correlation of a factor's contributions with those of the base run."
)
PROFILE_CAPTION = "Factor profiles as % of the species. Bars: base run. Points: rotated runs, by strength."
CONSTRAINED_CAPTION = (
    "Factor profiles as % of the species. Bars: base run. Points: constrained run, joined to the base run where they "
    "differ; orange: species under a constraint in that factor."
)


def fpeak_section(found, medium=""):
    """An Fpeak as a Section whose first words are the verdict."""
    charts = (
        Chart(_name("pmf_fpeak_dq", medium), cost(found), STRENGTH_CAPTION),
        Chart(_name("pmf_fpeak_profiles", medium), rotated_profiles(found), PROFILE_CAPTION),
    )
    columns = {
        "strength": "Strength",
        "q_robust": "Q(robust)",
        "dq_robust": "dQ(robust)",
        "percent_dq_robust": "% dQ(robust)",
        "q_true": "Q(true)",
        "percent_dq": "% dQ (minimized)",
        "mean_rotation": "Mean rotation",
        "lowest_correlation": "Lowest correlation",
        "converged": "Converged",
    }
    table = found.to_frame()[list(columns)].rename(columns=columns)
    listing = Listing("Fpeak runs; strength 0 is the minimum the base run was polished to.", table, digits=5)
    return Section(
        _title("Rotation (Fpeak)", medium), (found.verdict(), FPEAK_RULE), (listing,), charts, found.warnings
    )


def constraint_section(found, medium="", unit="mg/kg"):
    """A Constrained as a Section whose first words are the verdict. unit: that of the concentrations."""
    chart = Chart(_name("pmf_constrained_profiles", medium), constrained_profiles(found), CONSTRAINED_CAPTION)
    table = found.to_frame()
    shown = table[["constraint", "base_value", "value", "dq", "percent_dq", "q_aux", "met"]]
    shown = shown.set_axis(["Constraint", "Base run", "Constrained", "dQ", "% dQ", "Q(aux)", "Met"], axis=1)
    columns = {
        "dq_robust": "dQ(robust)",
        "percent_dq_robust": "% dQ(robust)",
        "q_robust": "Q(robust)",
        "q_true": "Q(true)",
        "q_aux": "Q(aux)",
        "percent_dq": "% dQ (minimized)",
        "converged": "Converged",
    }
    summary = found.summary()[list(columns)].rename(columns=columns)
    listings = (
        Listing(f"Constraints ({unit} for profile values, mean 1 for contributions).", shown, digits=4),
        Listing("The constrained run.", summary, digits=5),
    )
    title = _title("Constraints", medium)
    return Section(title, (found.verdict(), CONSTRAINT_RULE), listings, (chart,), found.warnings)


def cost(found):
    """Two panels on the strength: the rise of Q in %, and how like the base run the contributions stay."""
    table = found.to_frame()
    figure, (left, right) = new_figure(180, 70, 1, 2)
    x = table["strength"]
    left.plot(x, table["percent_dq"], "o-", color=PALETTE[0], ms=4.5, linewidth=1.2, label="minimized")
    left.plot(
        x, table["percent_dq_robust"], "o--", color=PALETTE[5], mfc="white", ms=4.5, linewidth=0.8, label="Q(robust)"
    )
    if table["percent_dq"].max() > 0.4 * CUSTOMARY:
        left.axhline(CUSTOMARY, color=GREY, linewidth=0.8, linestyle="--")
    left.axhline(0, color=GREY, linewidth=0.6)
    left.set_ylabel("Rise of Q (%)")
    left.legend(loc="upper center", bbox_to_anchor=(0.5, 0.95), fontsize=7.5)
    right.plot(x, table["lowest_correlation"], "o-", color=PALETTE[0], ms=4.5, linewidth=1.2)
    right.set_ylim(min(0.9, table["lowest_correlation"].min() - 0.02), 1.004)
    right.set_ylabel("Lowest correlation with the base run")
    for panel in (left, right):
        panel.set_xticks(x, [f"{strength:g}" for strength in x])
        panel.set_xlabel("Strength of the rotation (Fpeak)")
    return figure


def rotated_profiles(found):
    """A panel per factor: bars of the base run, points of the rotated runs."""
    turned = [run for run in found.runs if run.strength != 0]
    base = found.run(0).result
    figure, axes, places, _ = profile_panels(base, 18 + 30 * len(base.factors))
    offsets = np.linspace(-0.3, 0.3, len(turned)) if len(turned) > 1 else [0.0]
    for run, offset, colour in zip(turned, offsets, _colours([run.strength for run in turned])):
        percent = _percent(run.result)
        for k, panel in enumerate(axes):
            label = f"Fpeak {run.strength:g}" if k == 0 else None
            panel.plot(places + offset, percent[k], "o", ms=4.2, mec="white", mew=0.4, color=colour, label=label)
    axes[0].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=min(len(turned), 6), fontsize=7.5)
    return figure


def constrained_profiles(found):
    """A panel per factor: bars of the base run, points of the constrained run."""
    figure, axes, places, bars = profile_panels(found.base, 18 + 30 * len(found.base.factors))
    percent, names = _percent(found.result), found.base.data.fitted_species
    for k, panel in enumerate(axes):
        own = [c for c in found.constraints if c.factor == k + 1 and c.sample is None]
        touched = {name for c in own for name, _ in c.terms} | {c.divisor for c in own}
        orange = np.array([name in touched for name in names])
        panel.vlines(places, bars[k], percent[k], color=GREY, linewidth=0.9)
        for which, colour, size in ((~orange, PALETTE[0], 4.2), (orange, PALETTE[5], 5.4)):
            panel.plot(places[which], percent[k][which], "o", ms=size, mec="white", mew=0.5, color=colour)
    return figure


def _percent(result):
    return result.profiles()["percent_of_species"].to_numpy().reshape(len(result.factors), -1)


def _colours(strengths):
    """Blue for negative strengths, orange for positive ones, darker with their size."""
    from matplotlib.colors import to_rgb

    largest = max(abs(strength) for strength in strengths)
    colours = []
    for strength in strengths:
        weight = 0.45 + 0.55 * abs(strength) / largest
        end = np.array(to_rgb(PALETTE[0] if strength < 0 else PALETTE[5]))
        colours.append(tuple(1 - weight * (1 - end)))
    return colours


def _title(what, medium):
    return f"{what} (PMF): {medium}" if medium else f"{what} (PMF)"


def _name(stem, medium):
    return f"{stem}_{medium}".rstrip("_")
