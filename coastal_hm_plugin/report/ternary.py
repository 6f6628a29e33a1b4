"""Shares of three sources in a triangle."""

import numpy as np

INK = "#111827"
HEIGHT = np.sqrt(3) / 2
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, HEIGHT]])  # of the first, second and third source
LABELS = np.array([[-0.04, -0.12], [1.04, -0.12], [0.5, HEIGHT + 0.055]])
CELL = 1 / 160
REGIONS = (0.95, 0.50)
SHADES = ("#c6dbef", "#5a9bcb")


def places_of(shares):
    """Shares (..., 3) as places in the triangle: x, y."""
    return np.einsum("...k,kc->c...", np.asarray(shares, float), CORNERS)


def frame(panel, names, colours):
    """The triangle with a line at every fifth; the numbers of a source, in its colour, stand in line with its lines."""
    panel.fill(*CORNERS.T, facecolor="none", edgecolor=INK, linewidth=0.9, zorder=3)
    for k, colour in enumerate(colours):
        for share in (0.2, 0.4, 0.6, 0.8):
            ends = np.zeros((2, 3))
            ends[:, k] = share
            ends[0, (k + 1) % 3] = ends[1, (k + 2) % 3] = 1 - share
            near, far = places_of(ends).T
            outward = (near - far) / np.hypot(*(near - far))
            panel.plot(*np.transpose([near + 0.015 * outward, far]), color="#c9ced6", lw=0.6, zorder=2)
            panel.text(*(near + 0.055 * outward), f"{share:.1f}", color=colour, fontsize=7, ha="center", va="center")
    corners = zip(LABELS, names, colours, ("left", "right", "center"))
    for place, name, colour, align in corners:
        panel.text(*place, name, color=colour, fontsize=8, fontweight="bold", ha=align, va="center")
    panel.set_xlim(-0.1, 1.1)
    panel.set_ylim(-0.17, HEIGHT + 0.1)
    panel.set_aspect("equal")
    panel.axis("off")


def regions(panel, draws):
    """The smallest regions that hold 95 and 50 % of the draws (n, 3), shaded."""
    x, y, density = _density(draws)
    inside = np.sort(density[density > 0])[::-1]
    mass = np.cumsum(inside) / inside.sum()
    levels = [inside[min(np.searchsorted(mass, part), len(inside) - 1)] for part in REGIONS]
    if levels[0] < levels[1] < density.max():
        shown = panel.contourf(x, y, density, [*levels, density.max()], colors=SHADES, zorder=1)
        from matplotlib.patches import Polygon

        clip = Polygon(CORNERS, transform=panel.transData)
        for artist in getattr(shown, "collections", [shown]):  # one artist for all levels from matplotlib 3.8 on
            artist.set_clip_path(clip)


def _density(draws):
    """Density of the draws on a grid: a normal kernel shaped like the draws, a quarter as wide (n^-1/6 of Scott 1992).

    The draws are mirrored at the sides, so that none leak out there.
    """
    from scipy.signal import fftconvolve

    edges = [np.arange(low, high, CELL) for low, high in ((-0.25, 1.25), (-0.25, HEIGHT + 0.25))]
    offsets = np.meshgrid(*[CELL * np.arange(-len(one) // 2, len(one) // 2) for one in edges], indexing="ij")
    smooth = 0.0
    for image in _images(draws):
        places = places_of(image)
        counts, *_ = np.histogram2d(*places, edges)
        width = len(draws) ** (-1 / 3) * np.cov(places) + CELL**2 * np.eye(2)
        distance = np.einsum("ixy,ij,jxy->xy", offsets, np.linalg.inv(width), offsets)
        smooth = smooth + fftconvolve(counts, np.exp(-0.5 * distance), mode="same")
    centres = [(one[:-1] + one[1:]) / 2 for one in edges]
    across, up = np.meshgrid(*centres)
    third = up / HEIGHT
    second = across - 0.5 * third
    outside = np.minimum(np.minimum(third, second), 1 - third - second) < -CELL
    return *centres, np.where(outside, 0.0, np.maximum(smooth, 0.0).T)


def _images(draws):
    """The draws, and their images in the three sides."""
    yield draws
    for k in range(3):
        image = draws + draws[:, [k]]
        image[:, k] = -draws[:, k]
        yield image
