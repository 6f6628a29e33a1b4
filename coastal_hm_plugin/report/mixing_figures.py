"""Figures of isotopes: tracer space with its sources, posteriors, deltas, PMF and isotopes together."""

import re
from itertools import cycle

import numpy as np

from .axes import panels
from .style import GREY, PALETTE, new_figure
from .ternary import frame, places_of, regions

INK, PALE = "#111827", "#c3c8d0"
GROUPS_DRAWN = 9
GROUP_MARKS, REFERENCE_MARKS = "oDsPXH", "v^<>hp8d"
SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
ISOTOPE = re.compile(r"(?<![\d.])(\d{2,3})(?=(?:Pb|Cd|Hg|Sr|Nd|Zn|Cu|Ni|Cr|[CNHOS])(?![a-z]))")
BOLD = {"loc": "left", "fontweight": "bold", "fontsize": 9}


def isotope_label(text):
    """206Pb/207Pb with its mass numbers raised; other names as they are."""
    return ISOTOPE.sub(lambda found: found.group(1).translate(SUPERSCRIPTS), str(text))


def tracer_space(result, reference=None):
    """Mixtures and sources on two tracers, with the polygon around the sources; lead isotopes on their usual axes.

    reference: DataFrame of :func:`core.mixing.reference_points`, drawn open and grey.
    """
    from ..core.mixing import plotted_tracers

    figure, axes = new_figure(180, 105)
    names = plotted_tracers(result.sources.tracers)
    places = [result.sources.tracers.index(name) for name in names]
    centre, spread = result.sources.centre[:, places], result.sources.spread[:, places]
    corners = _hull(centre)
    axes.fill(*centre[corners].T, facecolor="#f3f4f6", edgecolor=GREY, linewidth=0.8, zorder=1)
    if reference is not None:
        _references(axes, reference, names, centre)
    for number, source in enumerate(result.sources.names):
        x, y = spread[number]
        axes.errorbar(*centre[number], xerr=x, yerr=y, fmt="s", ms=6, color=_colour(number), elinewidth=1.1,
                      label=source, zorder=3)  # fmt: skip
    _mixtures(axes, result, list(names))
    axes.set_xlabel(isotope_label(names[0]))
    axes.set_ylabel(isotope_label(names[1]))
    axes.margins(0.06)
    handles, labels = axes.get_legend_handles_labels()
    named = list(result.sources.names)
    order = sorted(range(len(labels)), key=lambda i: named.index(labels[i]) - len(named) if labels[i] in named else i)
    axes.legend([handles[i] for i in order], [labels[i] for i in order], loc="upper left", bbox_to_anchor=(1.01, 1.0),
                fontsize=7.5, borderaxespad=0)  # fmt: skip
    return figure


def _mixtures(axes, result, names):
    """Mixtures by group, those outside their sources as crosses."""
    points, outside = result.mixtures[names].to_numpy(), result.outside["outside"].to_numpy()
    groups = np.asarray(result.groups, dtype=object)
    shown = result.group_names if len(result.group_names) <= len(GROUP_MARKS) else (None,)
    for number, group in enumerate(shown):
        some = ~outside & ((groups == group) if group is not None else True)
        label = "mixtures" if len(shown) == 1 else f"mixtures: {group}"
        face = INK if number % 2 == 0 else "white"
        axes.plot(*points[some].T, GROUP_MARKS[number], ms=4.2, mfc=face, mec=INK if number % 2 else "white", mew=0.6,
                  ls="none", label=label, zorder=4)  # fmt: skip
    if outside.any():
        axes.plot(
            *points[outside].T, "x", ms=6, mew=1.4, color=PALETTE[5], ls="none", label="mixtures outside", zorder=4
        )


def _references(axes, reference, names, centre):
    """Open grey marks; a medium that is one of the sources itself is not drawn again."""
    marks = cycle(REFERENCE_MARKS)
    for _, row in reference.iterrows():
        point = row[list(names)].to_numpy(float)
        if np.isclose(centre, point).all(axis=1).any():
            continue
        label = f"{row['name']} ({row['cited_as']})" if row["cited_as"] else row["name"]
        errors = [row[f"{name}_sd"] if np.isfinite(row[f"{name}_sd"]) else None for name in names]
        axes.errorbar(*point, *errors[::-1], fmt=next(marks), ms=5.5, mfc="white", mec=GREY, ecolor=PALE,
                      elinewidth=0.8, label=label, zorder=2)  # fmt: skip


def posterior(result):
    """A panel per group: a violin, the quartiles and the 95 % interval of every source."""
    shown = result.group_names[:GROUPS_DRAWN]
    figure, axes = new_figure(180, 20 + 40 * len(shown), len(shown), 1, squeeze=False, sharex=True)
    for name, draws, panel in zip(shown, result.draws, axes[:, 0]):
        part = result.table[result.table["group"] == name]
        places = np.arange(len(part))
        bodies = panel.violinplot(draws, places, widths=0.8, showextrema=False)["bodies"]
        for number, body in enumerate(bodies):
            body.set(facecolor=_colour(number), alpha=0.35, edgecolor="none")
        panel.vlines(places, part["q2_5"], part["q97_5"], color=INK, lw=0.8)
        panel.vlines(places, part["q25"], part["q75"], color=INK, lw=2.6)
        panel.plot(places, part["mean"], "o", ms=3.6, color="white", mec=INK)
        panel.set_ylim(0, 1)
        panel.set_ylabel("share")
        panel.set_xticks(places)
        panel.set_xticklabels(part["source"])
        if len(shown) > 1:
            panel.set_title(name, **BOLD)
    return figure


def triangles(result):
    """Posterior of three sources' shares in a triangle, a panel per group: regions that hold 50 and 95 %, the mean."""
    shown = result.group_names[:GROUPS_DRAWN]
    columns = min(len(shown), 3)
    figure, axes = panels(len(shown), columns, height_mm=(100, 82, 58)[columns - 1])
    colours = [_colour(k) for k in range(3)]
    for name, draws, panel in zip(shown, result.draws, axes):
        frame(panel, result.sources.names, colours)
        regions(panel, draws)
        mean = result.table[result.table["group"] == name]["mean"].to_numpy()
        panel.plot(*places_of(mean), "o", ms=4.5, color="white", mec=INK, zorder=5)
        if len(shown) > 1:
            panel.set_title(name, **BOLD)
    return figure


def deltas(media):
    """Mean delta of each medium with the SD of its samples."""
    figure, axes = new_figure(150, 25 + 9 * len(media))
    places = np.arange(len(media))[::-1]
    axes.axvline(0, color="#c9ced6", lw=0.8, zorder=0)
    axes.errorbar(media["mean"], places, xerr=media["sd"], fmt="o", ms=5, color=PALETTE[0], elinewidth=1, capsize=2)
    axes.set_yticks(places)
    axes.set_yticklabels([f"{row.medium} (n = {row.n})" for row in media.itertuples()])
    axes.set_xlabel("δ (‰)")
    axes.set_ylim(-0.6, len(media) - 0.4)
    return figure


def together(agreement):
    """PMF's share and that of the isotopes with their intervals, a pair per group, and the verdict."""
    table = agreement.table
    figure, axes = new_figure(180, 24 + 13 * len(table))
    for place, row in enumerate(reversed(list(table.itertuples()))):
        pairs = (
            ("PMF", row.pmf, row.pmf_low, row.pmf_high),
            ("isotopes", row.isotope, row.isotope_low, row.isotope_high),
        )
        for number, (label, share, low, high) in enumerate(pairs):
            height = place + (0.16, -0.16)[number]
            colour = _colour(number)
            if np.isfinite(low):
                axes.hlines(height, 100 * low, 100 * high, color=colour, lw=2.4)
            axes.plot(100 * share, height, "so"[number], ms=6, color=colour, mec="white", mew=0.7,
                      label=label if place == 0 else None)  # fmt: skip
        axes.text(102, place, row.verdict, va="center", fontsize=8, fontweight="bold", clip_on=False)
    axes.set_yticks(np.arange(len(table)))
    axes.set_yticklabels(table["group"][::-1])
    axes.set_ylim(-0.6, len(table) - 0.4)
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"anthropogenic share of {agreement.species or 'the element'} (%)")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=2, borderaxespad=0.2, fontsize=7.5)
    return figure


def _hull(points):
    """Corners of the convex hull in order; all of them where it is flat."""
    from scipy.spatial import ConvexHull, QhullError

    try:
        return ConvexHull(points).vertices
    except (QhullError, ValueError):
        return np.arange(len(points))


def _colour(number):
    return PALETTE[number % len(PALETTE)]
