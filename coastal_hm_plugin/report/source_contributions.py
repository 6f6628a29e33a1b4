"""Contributions of sources, sample by sample and factor against factor."""

import numpy as np
import pandas as pd

from .style import GREY, PALETTE, new_figure

DENSE = 20_000  # so many points are drawn as a picture inside the figure
OUTER = (
    0.75  # share of the samples, those farthest from the origin, that edges are taken from: near it angles are noise
)
BEYOND = 0.025  # of them may lie beyond an edge
OBLIQUE = 10.0  # degrees between an edge and its axis that speak of a rotation
FEW = 7  # factors up to which the panels are large enough for tick labels
TITLE = {"fontweight": "bold", "fontsize": 9}

SERIES_CAPTION = "Contributions of the factors to the samples, in the order of the table; line: the mean, 1."
SPACE_CAPTION = (
    "Contributions of one factor against another's (G space). Lines through the origin: the edges of the cloud, beyond "
    "which 2.5 % of its samples lie, the quarter nearest to the origin left out; orange where an edge is more than 10° "
    "off its axis. Samples that lack one of two sources put the edges on the axes; an edge between them speaks of a "
    "rotation (Paatero et al. 2005), or of sources that go together."
)


def series(result):
    """A panel per factor: contributions over the samples."""
    count = len(result.factors)
    figure, axes = new_figure(180, 14 + 19 * count, count, 1, squeeze=False, sharex=True)
    values = result.contributions().to_numpy()
    ends = np.arange(len(values) + 1) + 0.5
    values = np.vstack([values, values[-1]])
    for number, panel in enumerate(axes[:, 0]):
        look = {"color": _colour(number), "alpha": 0.75, "linewidth": 0, "rasterized": values.size > DENSE}
        panel.fill_between(ends, 0, values[:, number], step="post", **look)
        panel.axhline(1, color=GREY, linewidth=0.6, linestyle="--")
        panel.axhline(0, color="#111827", linewidth=0.6)
        panel.set_title(f"Factor {number + 1}", loc="left", **TITLE)
        panel.locator_params(axis="y", nbins=4)
    axes[0, 0].set_xlim(ends[0], ends[-1])
    axes[-1, 0].set_xlabel("Sample (row of the table)")
    figure.supylabel("Contribution (mean = 1)", fontsize=8)
    return figure


def edges(g):
    """Edges of the clouds of contributions (n x p, mean 1): a row per pair of factors (numbered from 1).

    Columns: factor, other, lower, upper: degrees between an edge and its axis, the factor's own (lower) and the
    other's (upper), 0 where the cloud touches it; correlation; oblique: whether an edge is more than 10 degrees off.
    """
    rows = []
    for first in range(g.shape[1]):
        for second in range(first + 1, g.shape[1]):
            lower, upper = _angles(g[:, first], g[:, second])
            with np.errstate(invalid="ignore", divide="ignore"):
                correlation = np.corrcoef(g[:, first], g[:, second])[0, 1]
            oblique = max(lower, 90 - upper) > OBLIQUE
            rows.append((first + 1, second + 1, max(lower, 0.0), max(90 - upper, 0.0), correlation, oblique))
    return pd.DataFrame(rows, columns=["factor", "other", "lower", "upper", "correlation", "oblique"])


def space(result):
    """A panel per pair of factors: contributions of one against those of the other, with the edges of the cloud."""
    g = result.g
    count = g.shape[1] - 1
    figure, axes = new_figure(180, 176 if count > 2 else 60 * count + 12, count, count, squeeze=False)
    top = 1.06 * g.max(axis=0)
    low = min(float(g.min()), 0.0) - 0.02 * float(top.max())
    dense = len(g) * count * (count + 1) / 2 > DENSE
    for row in range(count):
        for column in range(count):
            panel = axes[row, column]
            if column > row:
                panel.set_visible(False)
                continue
            x, y = g[:, column], g[:, row + 1]
            panel.plot(
                x, y, "o", ms=2.2 if count < FEW else 1.3, mec="none", color=PALETTE[0], alpha=0.6, rasterized=dense
            )
            _draw_edges(panel, _angles(x, y), (top[column], top[row + 1]))
            panel.set_xlim(low, top[column])
            panel.set_ylim(low, top[row + 1])
            panel.locator_params(nbins=4 if count < FEW else 2)
            _label(panel, row, column, count)
    return figure


def space_sentence(table):
    """What the edges say, in one sentence. table: of :func:`edges`."""
    oblique = table[table["oblique"]]
    if oblique.empty:
        return "G space: the clouds of all pairs of factors reach their axes; nothing there speaks of a rotation."
    shown = [f"{one.factor} and {one.other}" for one in oblique.head(6).itertuples()]
    more = f" and {len(oblique) - 6} more" if len(oblique) > 6 else ""
    return (
        f"G space: {len(oblique)} of {len(table)} pairs of factors have an edge more than {OBLIQUE:g}° off its axis "
        f"({'; '.join(shown)}{more}): these sources go together, or a rotation is worth a try (Fpeak, constraints)."
    )


def _angles(x, y):
    """Degrees from the x axis to the lower and to the upper edge of the cloud, its part near the origin left out."""
    reach = np.hypot(x, y)
    outer = reach >= np.quantile(reach, 1 - OUTER)
    angle = np.degrees(np.arctan2(y[outer], x[outer]))
    return tuple(np.quantile(angle, (BEYOND, 1 - BEYOND)))


def _draw_edges(panel, angles, top):
    for angle, off in zip(angles, (angles[0], 90 - angles[1])):
        oblique = off > OBLIQUE
        length = 2 * max(top)
        angle = np.radians(angle)
        panel.plot(
            [0, length * np.cos(angle)],
            [0, length * np.sin(angle)],
            color=PALETTE[5] if oblique else GREY,
            linewidth=1.1 if oblique else 0.6,
            linestyle="-" if oblique else "--",
        )


def _label(panel, row, column, count):
    if column == 0:
        panel.set_ylabel(f"Factor {row + 2}", fontsize=7.5)
    if row == count - 1:
        panel.set_xlabel(f"Factor {column + 1}", fontsize=7.5)
    panel.tick_params(labelsize=6.5, labelleft=column == 0, labelbottom=row == count - 1)


def _colour(number):
    return PALETTE[number % len(PALETTE)]
