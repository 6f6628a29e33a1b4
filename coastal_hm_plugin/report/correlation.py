"""Correlations as a section of a report: heat map and table."""

import numpy as np

from .document import Chart, Listing, Section
from .style import new_figure

NAMES = {
    "pearson": "Pearson's r",
    "spearman": "Spearman's rank correlation",
    "kendall": "Kendall's tau-b",
}
COEFFICIENTS = {"pearson": "Pearson's r", "spearman": "Spearman's ρ", "kendall": "Kendall's τ"}
TRANSFORMS = {
    "none": "",
    "log10": " of log10 of the concentrations",
    "clr": " of centred log-ratios of the concentrations",
}
COLOURS = "RdBu_r"
SMALL = 4.4  # mm: smaller cells hold dots in place of numbers
SHOWN = 15  # strongest pairs listed
INK, FAINT = "#111827", "#8b93a1"


def section(result, transform="none", sites=""):
    """:class:`Correlations` as a Section. transform: what was done before; sites: what a row is, "103 sites"."""
    options = result.options
    pairs = result.pairs()
    tested = pairs["p"].notna()
    significant = int((pairs["p_adjusted"] < options.alpha).sum())
    rows = "only rows with every variable" if options.listwise else "the rows that have both variables of a pair"
    paragraphs = (
        f"{NAMES[options.method]}{TRANSFORMS[transform]}{f', {sites}' if sites else ''}, from {rows}. p is two-sided, "
        f"adjusted over the {tested.sum()} pairs by Benjamini and Hochberg; {significant} are below {options.alpha:g}.",
    )
    if transform == "none" and options.method == "pearson":
        paragraphs += ("Pearson's r of concentrations as they are follows their few highest values; ranks do not.",)
    chart = Chart("correlations", heat_map(result), caption(result, transform))
    return Section("Correlations", paragraphs, tuple(_listings(result)), (chart,), result.warnings)


def caption(result, transform="none"):
    """What the heat map shows, with n and method."""
    known = result.pairs()["n"]
    n = f"n = {known.min()}" if known.min() == known.max() else f"n = {known.min()} to {known.max()}"
    numbers = "Dots" if cell_side(result) < SMALL else "Dark numbers"
    return (
        f"{NAMES[result.options.method]}{TRANSFORMS[transform]}, {n}. {numbers}: p adjusted (Benjamini-Hochberg) below "
        f"{result.options.alpha:g}."
    )


def cell_side(result):
    """The side of a heat map's cell, mm, in a figure at most 180 mm wide."""
    return min(11.0, 136.0 / result.r.shape[1])


def heat_map(result):
    """Coefficients as coloured cells: the triangle below the diagonal, or the rectangle of two sets."""
    (rows, columns), cell = result.r.shape, cell_side(result)
    figure, axes = new_figure(180, cell * rows + 46)
    values = result.r.to_numpy(copy=True)
    if result.within:
        values[np.triu_indices(rows)] = np.nan
    mesh = draw_cells(axes, values, result.significant.to_numpy(), cell)
    first = 1 if result.within else 0  # a triangle has no first row and no last column
    axes.set_xticks(range(columns - first), result.r.columns[: columns - first], rotation=60, ha="right",
                    rotation_mode="anchor")  # fmt: skip
    axes.set_yticks(range(first, rows), result.r.index[first:])
    axes.set_xlim(-0.5, columns - first - 0.5)
    axes.set_ylim(rows - 0.5, first - 0.5)
    colour_bar(figure.colorbar(mesh, ax=axes, location="top", shrink=0.4, aspect=28, pad=0.03), result)
    return figure


def colour_bar(bar, result):
    """Label the colour bar of a heat map."""
    bar.set_ticks([-1, -0.5, 0, 0.5, 1], labels=["−1", "−0.5", "0", "0.5", "1"], fontsize=7.5)
    bar.set_label(COEFFICIENTS[result.options.method], fontsize=8)
    bar.outline.set_visible(False)


def draw_cells(axes, values, significant, cell):
    """Cells of -1 to 1 with their numbers, dark where significant. cell: its side, mm. Returns the mesh."""
    rows, columns = values.shape
    edges = np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5
    mesh = axes.pcolormesh(*edges, np.ma.masked_invalid(values), cmap=COLOURS, vmin=-1, vmax=1, ec="white", lw=0.6)
    size = min(8.0, 0.95 * cell)
    for i, j in zip(*np.nonzero(np.isfinite(values))):
        value, sure = values[i, j], significant[i, j]
        mark = "•" if sure else ""
        text = mark if cell < SMALL else f"{round(value, 2) + 0.0:.2f}".replace("0.", ".").replace("-", "−")
        colour = "white" if abs(value) > 0.65 else INK if sure else FAINT
        weight = "bold" if sure else "normal"
        axes.text(j, i, text, ha="center", va="center", fontsize=size, color=colour, fontweight=weight)
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    return mesh


COLUMNS = {
    **{"variable_1": "Variable 1", "variable_2": "Variable 2", "n": "n", "r": "Coefficient"},
    **{"r_low": "95 % from", "r_high": "to", "p": "p", "p_adjusted": "p adjusted"},
}


def publication(result, transform="none"):
    """All pairs as a reader wants them: file stem -> Listing."""
    table = result.pairs()[list(COLUMNS)].rename(columns=COLUMNS)
    return {"correlations": Listing(f"{NAMES[result.options.method]}{TRANSFORMS[transform]}.", table)}


def _listings(result):
    pairs = result.pairs().dropna(subset=["r"])
    order = pairs["r"].abs().sort_values(ascending=False, kind="stable").index
    some = pairs.loc[order[:SHOWN], list(COLUMNS)].rename(columns=COLUMNS)
    yield Listing(f"The {len(some)} strongest of {len(pairs)} pairs, with 95 % intervals (Fisher's z).", some)
