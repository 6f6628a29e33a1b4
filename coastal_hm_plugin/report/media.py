"""Sources of several media side by side, and in one model, as a section of a report."""

import numpy as np

from .document import Chart, Listing, Section
from .style import PALETTE, new_figure

MATCHING = (
    "Factors of {one} and {other} were matched by the cosine of their profiles over {count} species, each divided by "
    "its mean in both media, as otherwise a few major elements would decide alone. As profiles are never negative, "
    "unrelated ones have high cosines too: the null level is what the same matching reaches when the species of one "
    "medium are permuted ({permutations} times). Called the same source: a cosine of at least {same:g} that at most "
    "5 % of the permutations reach. It says that profiles are alike, not that one place sends the metals to both media."
)
JOINT = (
    "Joint model: the samples of {media} stand in one table and share one set of profiles; shares by medium follow "
    "from their contributions. Concentrations are not scaled by medium, so that a source has one profile in {unit}. "
    "Every sample counts alike. Beside it, each medium was modelled apart with the same weights."
)
MATCH_COLUMNS = {
    "cosine": "Cosine",
    "null_median": "Permuted: median",
    "null_95": "Permuted: 95 %",
    "p_value": "p",
    "same_source": "Same source",
}
SHARE_COLUMNS = {
    "medium": "Medium",
    "factor": "Factor",
    "samples": "Samples",
    "mean_contribution": "Mean contribution",
    "percent_of_total": "% of total",
    "mean_percent_of_species": "Mean % of species",
}
FIT_COLUMNS = {
    "medium": "Medium",
    "samples": "Samples",
    "q_true_joint": "Q(true) joint",
    "q_true_apart": "apart",
    "q_robust_joint": "Q(robust) joint",
    "q_robust_apart": "apart ",
    "rise_percent": "Rise (%)",
    "least_cosine": "Lowest cosine",
}
COSINE_CAPTION = (
    "Cosine of every pair of profiles. Framed: matched; bold and a full frame: the same source, dashed: matched, but "
    "not the same."
)
PAIR_CAPTION = (
    "Profiles of the matched factors side by side, each species divided by its mean in both media, at length 1: the "
    "cosine is the sum over species of the products of the two bars."
)
SHARE_CAPTION = "Joint model: what the factors give to each medium, as their mean share of the species."


def section(comparison, joint=None):
    """A :class:`FactorComparison` of two media, and the :class:`Joint` model if there is one, as a Section."""
    one, other = comparison.labels
    options = comparison.options
    given = {"one": one, "other": other, "count": len(comparison.species), "same": options.same}
    paragraphs = [comparison.verdict(), MATCHING.format(permutations=options.permutations, **given)]
    listings = [Listing(f"Factors of {one} and {other}, matched.", _match_table(comparison))]
    stem = f"pmf_{{}}_{one}_{other}"
    charts = [
        Chart(stem.format("cosines"), cosines(comparison), COSINE_CAPTION),
        Chart(stem.format("pairs"), pairs(comparison), PAIR_CAPTION),
    ]
    if joint is not None:
        media = " and ".join(joint.media)
        paragraphs += [joint.verdict(), JOINT.format(media=media, unit=joint.stacked.unit)]
        shares = joint.shares().rename(columns=SHARE_COLUMNS)
        shares["Factor"] = shares["Factor"].map(_name)
        listings.append(Listing("Joint model: shares of the factors by medium.", shares))
        listings.append(
            Listing("Fit in one model and apart.", joint.fit_table()[list(FIT_COLUMNS)].rename(columns=FIT_COLUMNS))
        )
        charts.append(Chart(stem.format("joint_shares"), joint_shares(joint), SHARE_CAPTION))
    warnings = joint.warnings if joint is not None else ()
    return Section(
        f"Sources across media: {one} and {other}", tuple(paragraphs), tuple(listings), tuple(charts), warnings
    )


def cosines(comparison):
    """Heat map of the cosines of all pairs, the matched ones framed."""
    values = comparison.cosines
    rows, columns = values.shape
    figure, panel = new_figure(180, 24 + 9 * rows)
    image = panel.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect=0.55)
    same = comparison.table().set_index("factor_a")["same_source"]
    for k, row in enumerate(values):
        for number, value in enumerate(row):
            matched = comparison.partner[k] == number
            bold = matched and bool(same[comparison.a.factors[k]])
            colour = "#111827" if value > 0.6 else "white"
            weight = "bold" if bold else "normal"
            panel.text(number, k, f"{value:.2f}", ha="center", va="center", color=colour, fontweight=weight, fontsize=8)
            if matched:
                _frame(panel, number, k, "-" if bold else "--")
    one, other = comparison.labels
    panel.set_xticks(range(columns), [_name(name) for name in comparison.b.factors], **_slant(columns))
    panel.set_yticks(range(rows), [_name(name) for name in comparison.a.factors])
    panel.set_xlabel(other.capitalize())
    panel.set_ylabel(one.capitalize())
    panel.tick_params(length=0)
    for spine in panel.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=panel)
    bar.set_label("Cosine", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
    bar.outline.set_visible(False)
    return figure


def pairs(comparison):
    """A panel per matched pair: both profiles as they were compared."""
    names, matched = comparison.species, comparison.matched
    figure, axes = new_figure(180, 16 + 30 * len(matched), len(matched), 1, squeeze=False, sharex=True, sharey=True)
    places = np.arange(len(names))
    for k, panel in zip(matched, axes[:, 0]):
        partner = comparison.partner[k]
        chosen = comparison.a.factors[k], comparison.b.factors[partner]
        heights = comparison.scaled_a[k], comparison.scaled_b[partner]
        for side, (height, factor, label) in enumerate(zip(heights, chosen, comparison.labels)):
            panel.bar(places + 0.4 * side - 0.2, height, 0.38, color=PALETTE[side], label=f"{label}: {_name(factor)}")
        panel.set_ylim(0, 1)
        panel.set_ylabel("Scaled profile")
        panel.set_title(f"Cosine {comparison.cosines[k, partner]:.2f}", loc="left", fontweight="bold", fontsize=9)
        panel.legend(
            loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=7.5, frameon=False, borderaxespad=0.2
        )
    axes[-1, 0].set_xticks(places, names, **({"rotation": 90} if len(names) > 16 else {}))
    axes[-1, 0].set_xlim(-0.6, len(names) - 0.4)
    return figure


def joint_shares(joint):
    """A stacked bar per medium: mean shares of the species."""
    table = joint.shares()
    figure, panel = new_figure(180, 24 + 12 * len(joint.media))
    left = np.zeros(len(joint.media))
    for number, factor in enumerate(joint.result.factors):
        own = table[table["factor"] == factor]["mean_percent_of_species"].to_numpy()
        hatch = "" if number < len(PALETTE) else "////"
        colour = PALETTE[number % len(PALETTE)]
        panel.barh(joint.media, own, left=left, color=colour, hatch=hatch, edgecolor="white", label=_name(factor))
        left += own
    panel.invert_yaxis()
    panel.set_xlim(0, 100)
    panel.set_xlabel("Mean share of the species (%)")
    panel.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7.5, frameon=False)
    return figure


def _match_table(comparison):
    table = comparison.table()
    for side in "ab":
        table[f"factor_{side}"] = [_name(name) if name else "–" for name in table[f"factor_{side}"]]
    labels = dict(zip(("factor_a", "factor_b"), (label.capitalize() for label in comparison.labels)))
    return table[["factor_a", "factor_b", *MATCH_COLUMNS]].rename(columns={**labels, **MATCH_COLUMNS})


def _frame(panel, x, y, style):
    from matplotlib.patches import Rectangle

    panel.add_patch(Rectangle((x - 0.47, y - 0.45), 0.94, 0.9, fill=False, ec="#D55E00", lw=1.6, ls=style))


def _slant(columns):
    return {"rotation": 45} if columns > 8 else {}


def _name(factor):
    """factor3 -> Factor 3."""
    return f"Factor {factor.removeprefix('factor')}"
