"""The path diagram of a structural equation model, in the manner of Wu et al. 2025, Fig. 6."""

import textwrap

import numpy as np

from .sem_layout import lay_out
from .style import GREY, PALETTE, new_figure

POSITIVE, NEGATIVE = PALETTE[0], PALETTE[5]
CERTAIN, LIKELY = 0.05, 0.10
OPACITY = {"certain": 1.0, "likely": 0.6, "open": 0.3}
WIDEST = 3.6
LEGEND = 13.0
LONG_NAME = 15
BOX, OVAL = (23.0, 7.4), (31.0, 15.0)
INK = "#111827"


def path_diagram(result):
    """Latents as ellipses, observed variables as boxes; arrows as wide as their standardized coefficient is large,
    blue above 0 and vermilion below, and the fainter the less certain (p < 0.05, < 0.10, more)."""
    table = _drawn(result)
    latent = result.specification.latent
    layout = lay_out(list(zip(table["lhs"], table["op"], table["rhs"])), latent)
    figure, axes = new_figure(180, (layout.height + LEGEND) * 180 / layout.width)
    axes.set_xlim(0, layout.width)
    axes.set_ylim(-LEGEND, layout.height)
    axes.set_axis_off()
    figure.set_layout_engine("none")
    axes.set_position((0, 0, 1, 1))
    scale = 180 / layout.width  # of a unit, in millimetres
    explained = result.r_squared()
    for name, place in layout.places.items():
        _node(axes, name, place, name in latent, explained.get(name), scale)
    labels = _Labels(axes, list(layout.places.values()))
    for row in table.itertuples():
        if row.op == "~~":
            _covariance(axes, row, layout, latent, labels)
        else:
            ends = (row.lhs, row.rhs) if row.op == "=~" else (row.rhs, row.lhs)
            _arrow(axes, row, ends, layout, latent, labels)
    _legend(axes, layout.width)
    return figure


def _drawn(result):
    """Standardized paths to draw: no variances, no means, nothing fixed to 0."""
    table = result.standardized()
    values = result.values
    table = table.iloc[: len(values)]
    kept = table["op"].isin(["=~", "~", "~~"]) & (table["lhs"] != table["rhs"]) & (values != 0.0)
    exogenous = set(result.specification.exogenous)
    given = table["lhs"].isin(exogenous) & table["rhs"].isin(exogenous)
    return table[kept & ~given & np.isfinite(table["est"])]


def _node(axes, name, place, is_latent, explained, scale):
    from matplotlib.patches import Ellipse, FancyBboxPatch

    look = {"facecolor": "#eef2ff" if is_latent else "white", "edgecolor": INK, "linewidth": 1.0, "zorder": 5}
    x, y = place
    if is_latent:
        axes.add_patch(Ellipse(place, *OVAL, **look))
    else:
        corner = (x - BOX[0] / 2, y - BOX[1] / 2)
        axes.add_patch(FancyBboxPatch(corner, *BOX, boxstyle="round,pad=0,rounding_size=0.8", **look))
    text = _wrapped(name)
    size = (8.5 if is_latent else 7.0 if "\n" not in text else 5.8) * scale**0.5
    weight = "bold" if is_latent else "normal"
    shows = explained is not None and np.isfinite(explained) and is_latent and explained > 1e-9
    words = {"ha": "center", "va": "center", "zorder": 6, "parse_math": False}
    axes.text(x, y + (1.6 if shows else 0), text, fontsize=size, weight=weight, **words)
    if shows:
        axes.text(x, y - 3.2, f"R² = {explained:.2f}", fontsize=6.5, color=GREY, **words)


def _wrapped(name):
    """A long name in two lines, broken at spaces and underscores."""
    if len(name) <= LONG_NAME:
        return name
    lines = textwrap.wrap(name.replace("_", "_ "), LONG_NAME + 3, max_lines=2, placeholder="…")
    return "\n".join(line.replace("_ ", "_") for line in lines)


def _look(row):
    size = min(abs(row.est), 1.0)
    certainty = "certain" if row.p < CERTAIN else "likely" if row.p < LIKELY else "open"
    if np.isnan(row.p):  # fixed: nothing to test
        certainty = "certain"
    colour = POSITIVE if row.est >= 0 else NEGATIVE
    return {"color": colour, "lw": 0.5 + (WIDEST - 0.5) * size, "alpha": OPACITY[certainty], "zorder": 2}


def _stars(p):
    return "***" if p < 0.001 else "**" if p < 0.01 else "*" if p < 0.05 else ""


def _arrow(axes, row, ends, layout, latent, labels):
    from matplotlib.patches import FancyArrowPatch

    places = [np.array(layout.places[name]) for name in ends]
    start, end = (_border(a, b, name in latent) for name, a, b in zip(ends, places, places[::-1]))
    look = _look(row)
    head = f"-|>,head_length={2.5 + 1.2 * look['lw']},head_width={1.2 + 0.8 * look['lw']}"
    axes.add_patch(FancyArrowPatch(start, end, arrowstyle=head, shrinkA=0, shrinkB=0, mutation_scale=1, **look))
    labels.put([start + share * (end - start) for share in (0.48, 0.36, 0.6, 0.28, 0.7)], row)


def _covariance(axes, row, layout, latent, labels):
    """A dashed curve with two heads."""
    from matplotlib.patches import FancyArrowPatch

    start, end, bend = _curve((row.lhs, row.rhs), layout, latent)
    look = {**_look(row), "ls": (0, (4, 1.5))}
    head = f"<|-|>,head_length={2 + look['lw']},head_width={1 + 0.6 * look['lw']}"
    curve = f"arc3,rad={bend}"
    axes.add_patch(
        FancyArrowPatch(
            start, end, arrowstyle=head, connectionstyle=curve, shrinkA=0, shrinkB=0, mutation_scale=1, **look
        )
    )
    chord = end - start
    control = (start + end) / 2 + bend * np.array([chord[1], -chord[0]])
    shares = (0.5, 0.4, 0.6, 0.3, 0.7)
    labels.put([(1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end for t in shares], row)


def _curve(ends, layout, latent):
    """Start, end and bend (matplotlib's arc3) of a covariance.

    Variables one above the other, or side by side, are joined along one side of the column or row: residuals
    outside, latents inside, but outside where the column is the only one.
    """
    first, second = (np.array(layout.places[name]) for name in ends)
    across = second - first
    latents = all(name in latent for name in ends)
    axis = next((k for k in (0, 1) if abs(across[k]) < 1), None)
    if axis is None:
        start, end = (_border(a, b, name in latent) for name, a, b in zip(ends, (first, second), (second, first)))
        return start, end, 0.18
    middle = (layout.width / 2, layout.height / 2)[axis]
    single = len({round(layout.places[name][0]) for name in layout.places if name not in layout.indicators}) == 1
    side = np.sign(first[axis] - middle) or 1.0
    if latents and not single:
        side = -side
    out, half = np.zeros(2), np.array(OVAL if latents else BOX) / 2
    out[axis] = side * half[axis] * (0.8 if latents else 1.0)
    along = np.zeros(2)
    along[1 - axis] = np.sign(across[1 - axis]) * half[1 - axis] * 0.55
    start, end = first + out + along, second + out - along
    length = max(np.hypot(*(end - start)), 1.0)
    bulge = min(8.0 + (0.3 if single else 0.12) * length, 32.0) if latents else min(6.0 + 0.12 * length, 14.0)
    # arc3 bends by rad (dy, -dx)
    turn = np.sign(across[1]) if axis == 0 else -np.sign(across[0])
    return start, end, side * turn * bulge / length


class _Labels:
    """Coefficients on their paths, off each other and off the variables where there is room."""

    def __init__(self, axes, nodes):
        self.axes, self.nodes, self.taken = axes, [np.array(node) for node in nodes], []

    def put(self, places, row):
        """Write a coefficient at the first free one of some places, else at the first."""
        place = next((one for one in places if self._free(one)), places[0])
        self.taken.append(place)
        text = f"{row.est:.2f}{_stars(row.p)}".replace("-", "−")
        colour = GREY if row.p >= LIKELY else INK
        box = {"boxstyle": "round,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
        self.axes.text(*place, text, ha="center", va="center", fontsize=6.5, color=colour, bbox=box, zorder=4)

    def _free(self, place):
        clear = all(abs(place[0] - one[0]) > 10 or abs(place[1] - one[1]) > 3.4 for one in self.taken)
        return clear and all(abs(place[0] - one[0]) > 15 or abs(place[1] - one[1]) > 5.5 for one in self.nodes)


def _border(centre, towards, is_latent):
    """Where the way from a node's centre to a point leaves the node."""
    way = towards - centre
    half = np.array(OVAL if is_latent else BOX) / 2
    if is_latent:
        return centre + way / np.hypot(*(way / half))
    return centre + way * min(np.where(way == 0, np.inf, half / np.maximum(np.abs(way), 1e-9)))


def _legend(axes, width):
    y = -LEGEND / 2 - 1
    axes.plot([4, width - 4], [-2.5, -2.5], color="#d1d5db", lw=0.6)
    x = 6.0
    for colour, word in ((POSITIVE, "positive"), (NEGATIVE, "negative")):
        axes.plot([x, x + 8], [y, y], color=colour, lw=2.2, solid_capstyle="butt")
        axes.text(x + 9.5, y, word, va="center", fontsize=7)
        x += 25
    for size in (0.2, 0.5, 0.9):
        axes.plot([x, x + 7], [y, y], color=GREY, lw=0.5 + (WIDEST - 0.5) * size, solid_capstyle="butt")
        axes.text(x + 8.2, y, f"{size}", va="center", fontsize=7)
        x += 15
    for name, word in (("certain", "p < 0.05"), ("likely", "p < 0.10"), ("open", "p ≥ 0.10")):
        axes.plot([x, x + 7], [y, y], color=INK, lw=2.2, alpha=OPACITY[name], solid_capstyle="butt")
        axes.text(x + 8.2, y, word, va="center", fontsize=7)
        x += 22.5
