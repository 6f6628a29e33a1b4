"""Mantel tests as a section of a report: the heat map of one set, linked to the sets that were tested against it."""

import numpy as np

from .correlation import NAMES, SMALL, TRANSFORMS, colour_bar, draw_cells
from .document import Chart, Listing, Section
from .style import GREY, new_figure

DISTANCES = {
    "standardized": "Euclidean distances of standardized variables",
    "euclidean": "Euclidean distances",
    "braycurtis": "Bray-Curtis distances",
}
P_CLASSES = ((0.01, "#D55E00", "p < 0.01"), (0.05, "#0072B2", "0.01 ≤ p < 0.05"), (np.inf, "#d1d5db", "p ≥ 0.05"))
R_CLASSES = ((0.2, 0.7, "|r| < 0.2"), (0.4, 1.8, "0.2 ≤ |r| < 0.4"), (np.inf, 3.2, "|r| ≥ 0.4"))
STEP = 4.5  # mm between two sets
CAVEAT = (
    "The test takes the sites as exchangeable. Neighbouring sites that resemble each other make p too small, and the "
    "partial test does not cure that (Guillot and Rousset 2013, doi:10.1111/2041-210x.12018)."
)


def section(tests, correlations, transform="none"):
    """:class:`MantelTests` as a Section. correlations: of the second sets' variables among themselves, or None."""
    options = tests.options
    kind = f"Partial Mantel tests, {tests.control} held constant" if tests.control else "Mantel tests"
    paragraphs = (
        f"{kind}: {NAMES[options.method].split(' (')[0]} of {DISTANCES[options.distance]}{TRANSFORMS[transform]} with "
        f"{DISTANCES['standardized']}; {options.permutations} permutations, seed {options.seed}. p is one-sided: the "
        "share of permutations that give r at least as large. "
        f"{int((tests.table['p'] < 0.05).sum())} of {len(tests.table)} tests have p < 0.05, "
        f"{int((tests.table['p_adjusted'] < 0.05).sum())} after Benjamini and Hochberg's adjustment.",
        CAVEAT,
    )
    charts = ()
    if correlations is not None:
        plot = linked_plot(tests, correlations)
        charts = (Chart("mantel", plot, caption(tests, correlations, transform)),)
    return Section("Mantel tests", paragraphs, tuple(publication(tests).values()), charts, tests.warnings)


def caption(tests, correlations, transform="none"):
    """What the linked plot shows, with n and method."""
    n = tests.table["n"]
    count = f"n = {n.min()}" if n.min() == n.max() else f"n = {n.min()} to {n.max()}"
    kind = f"partial Mantel test ({tests.control} held constant)" if tests.control else "Mantel test"
    marks = "dots" if cell_side(correlations) < SMALL else "dark numbers"
    return (
        f"Cells: {NAMES[correlations.options.method]}, {marks} with adjusted p below {correlations.options.alpha:g}. "
        f"Curves: {kind} of each set on the left{TRANSFORMS[transform]} with each variable, width by Mantel's r and "
        f"colour by p; {count}, {tests.options.permutations} permutations; dashed: r below 0."
    )


def publication(tests):
    """The tests as a reader wants them: file stem -> Listing."""
    names = {"set_1": "Set", "set_2": "With", "n": "n", "r": "Mantel's r", "p": "p", "p_adjusted": "p adjusted"}
    kind = f"Partial Mantel tests, {tests.control} held constant" if tests.control else "Mantel tests"
    caption = f"{kind}; p of {tests.options.permutations} permutations, adjusted by Benjamini and Hochberg."
    return {"mantel_tests": Listing(caption, tests.table[list(names)].rename(columns=names))}


def cell_side(correlations):
    """The side of a cell, mm: the curves take as much width as the cells, the labels and the bar 68 mm."""
    return min(12.0, 112.0 / (1.45 * len(correlations.r) + 0.7))


def linked_plot(tests, correlations):
    """The correlations above the diagonal, and curves from each tested set to the variables on the diagonal."""
    names = list(correlations.r.columns)
    count, cell = len(names), cell_side(correlations)
    sets = list(dict.fromkeys(tests.table["set_1"]))
    reach = max(0.68 * count, (len(sets) - 1) * STEP / cell)
    bottom = 0.48 * count + reach + 0.2
    figure, axes = new_figure(180, cell * (bottom + 0.6) + 36)
    values = correlations.r.to_numpy(copy=True)
    values[np.tril_indices(count)] = np.nan
    mesh = draw_cells(axes, values, correlations.significant.to_numpy(), cell)
    axes.plot(range(count), range(count), "o", ms=3.5, color=GREY, zorder=4)
    axes.set_xticks(range(1, count), names[1:], rotation=60, ha="left", rotation_mode="anchor")
    axes.xaxis.tick_top()
    axes.set_yticks(range(count), names)
    axes.yaxis.tick_right()
    _draw_links(axes, tests.table, names, _places(sets, count, reach))
    axes.set_xlim(-0.45 * count - 0.3, count - 0.4)
    axes.set_ylim(bottom, -0.6)
    colour_bar(figure.colorbar(mesh, ax=axes, shrink=0.5, aspect=25, pad=0.02, anchor=(0.0, 0.9)), correlations)
    _legend(axes)
    return figure


def _places(sets, count, reach):
    """Where the tested sets stand: on a line from left of the diagonal's middle to below it."""
    along = np.linspace(0, 1, len(sets)) if len(sets) > 1 else [0.5]
    return {name: (count * (-0.42 + 0.72 * t), 0.38 * count + reach * t) for name, t in zip(sets, along)}


def _draw_links(axes, table, names, places):
    """The tested sets, and a curve from each to every variable."""
    count = len(names)
    for row in table.sort_values("p", ascending=False, kind="stable").itertuples():
        start, end = np.array(places[row.set_1]), np.full(2, float(names.index(row.set_2)))
        colour = next(colour for limit, colour, _ in P_CLASSES if row.p < limit)
        width = next(width for limit, width, _ in R_CLASSES if abs(row.r) < limit)
        axes.add_patch(_curve(start, end, edgecolor=colour, linewidth=width, linestyle="--" if row.r < 0 else "-"))
    for name, (x, y) in places.items():
        axes.plot(x, y, "s", ms=6, color="#374151", zorder=4)
        axes.text(x - 0.025 * count, y + 0.012 * count, name, ha="right", va="center", fontsize=8, fontweight="bold")


def _curve(start, end, **style):
    """A curve that leaves level and bends towards its end."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    middle = (start + end) / 2 + 0.12 * np.array([end[1] - start[1], start[0] - end[0]])
    path = Path([start, middle, end], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
    return PathPatch(path, facecolor="none", capstyle="round", zorder=3, **style)


def _legend(axes):
    from matplotlib.lines import Line2D

    colours = [Line2D([], [], color=colour, lw=2, label=label) for _, colour, label in P_CLASSES]
    widths = [Line2D([], [], color=GREY, lw=width, label=label) for _, width, label in R_CLASSES]
    place = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0)}
    axes.legend(handles=colours + widths, ncol=6, fontsize=7.5, handlelength=2.2, columnspacing=1.2, **place)
