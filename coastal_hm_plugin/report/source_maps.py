"""Where sources contribute: a small map per factor."""

import numpy as np

from ..core.errors import InputError
from .source_contributions import DENSE
from .style import GREY, new_figure

PAGE_MM = (168.0, 232.0)  # of the panels together, width and greatest height
MOST_COLUMNS = 5
HIGHEST = 0.98  # quantile of all contributions at which colour and size end
SIZES = (5.0, 42.0)  # of markers, square points
SCALE_SHARE = 0.3  # longest scale bar, of the width of a panel
CAPTION = (
    "Contributions of the factors at the sites (mean 1 for every factor): colour and size rise together, the same in "
    "all maps. Crosses: samples left out."
)


def maps(result, x, y, crs):
    """A map per factor of its contributions at the sites.

    result: PmfResult; x, y: coordinates of all samples given (easting or longitude first) in ``crs`` (WKT or
    "EPSG:n"); sites without coordinates are not drawn.
    """
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    system = _System(crs, np.asarray(x, float), np.asarray(y, float))
    values = result.contributions().to_numpy()
    count = values.shape[1]
    columns, rows, height = _grid(count, system.shape)
    figure, axes = new_figure(180, rows * (height + 8) + 26, rows, columns, squeeze=False, sharex=True, sharey=True)
    norm = Normalize(0, max(float(np.nanquantile(values, HIGHEST)), 1.0))
    flat = axes.ravel()
    for number, panel in enumerate(flat[:count]):
        _draw(panel, system, values[:, number], norm, values.size > DENSE)
        panel.set_title(f"Factor {number + 1}", loc="left", fontweight="bold", fontsize=9)
    for number, spare in enumerate(flat[count:], start=count):
        spare.set_visible(False)
        flat[number - columns].tick_params(labelbottom=True)
    system.draw_scale(flat[0])
    for panel in axes[:, 0]:
        panel.set_ylabel(system.labels[1], fontsize=8)
    for number in range(count - columns, count):
        flat[number].set_xlabel(system.labels[0], fontsize=8)
    look = {"location": "bottom", "shrink": 0.45, "aspect": 40, "extend": "max", "pad": 0.02}
    bar = figure.colorbar(ScalarMappable(norm, "viridis"), ax=axes, **look)
    bar.set_label("Contribution (mean = 1)", fontsize=8)
    bar.ax.tick_params(labelsize=7.5)
    return figure


def _grid(count, shape):
    """Columns, rows and height of a panel (mm): large panels, few empty places. shape: height over width."""
    best = (0.0, 1, count, PAGE_MM[1] / count)
    for columns in range(1 if count == 1 else 2, min(count, MOST_COLUMNS) + 1):
        rows = -(-count // columns)
        width = PAGE_MM[0] / columns - 8
        height = min(float(np.clip(shape, 0.5, 2.0)) * width, PAGE_MM[1] / rows - 8)
        drawn = min(width, height / shape) * min(height, shape * width)
        worth = drawn * (count / (columns * rows)) ** 2
        best = max(best, (worth, columns, rows, height))
    return best[1:]


class _System:
    """Coordinates as they are drawn: longitude and latitude, or kilometres of a projection."""

    def __init__(self, crs, x, y):
        from ..core.geodesy import crs_of

        known = crs_of(crs, "sites")
        self.geographic = known.is_geographic
        unit_m = known.axis_info[0].unit_conversion_factor if known.axis_info else 1.0
        drawn = 1.0 if self.geographic else unit_m / 1000
        self.x, self.y = x * drawn, y * drawn
        self.there = np.isfinite(self.x) & np.isfinite(self.y)
        if not self.there.any():
            raise InputError("No site has coordinates: there is nothing to map.")
        west, east = self._range(self.x)
        south, north = self._range(self.y)
        middle = np.radians((south + north) / 2)
        self.aspect = 1 / max(np.cos(middle), 0.05) if self.geographic else 1.0
        self.km_per_unit = 111.32 * np.cos(middle) if self.geographic else 1.0
        self.limits = (west, east, south, north)
        self.shape = self.aspect * (north - south) / (east - west)
        words = ("Longitude (°)", "Latitude (°)")
        self.labels = words if self.geographic else ("Easting (km)", "Northing (km)")

    def _range(self, values):
        low, high = values[self.there].min(), values[self.there].max()
        margin = 0.07 * (high - low) or (0.01 if self.geographic else 1.0)
        return low - margin, high + margin

    def draw_scale(self, panel):
        """A scale bar in the lower left corner, of a round length."""
        west, east, south, north = self.limits
        longest = SCALE_SHARE * (east - west) * self.km_per_unit
        power = 10 ** np.floor(np.log10(longest))
        length = next(step * power for step in (5, 2, 1) if step * power <= longest)
        start, level = west + 0.05 * (east - west), south + 0.06 * (north - south)
        end = start + length / self.km_per_unit
        panel.plot([start, end], [level, level], color="#111827", linewidth=2, solid_capstyle="butt")
        text = f"{length:g} km" if length >= 1 else f"{1000 * length:g} m"
        panel.text((start + end) / 2, level + 0.025 * (north - south), text, ha="center", va="bottom", fontsize=7)


def _draw(panel, system, values, norm, dense):
    shown = system.there & np.isfinite(values)
    order = np.flatnonzero(shown)[np.argsort(values[shown])]  # the high ones on top
    share = np.clip(norm(values[order]), 0, 1)
    sizes = SIZES[0] + (SIZES[1] - SIZES[0]) * share
    look = {"cmap": "viridis", "norm": norm, "linewidth": 0.3, "edgecolors": "#333333", "rasterized": dense}
    panel.scatter(system.x[order], system.y[order], s=sizes, c=values[order], **look)
    lost = system.there & ~np.isfinite(values)
    panel.plot(system.x[lost], system.y[lost], "x", ms=3, color=GREY, mew=0.7)
    west, east, south, north = system.limits
    panel.set_xlim(west, east)
    panel.set_ylim(south, north)
    panel.set_aspect(system.aspect)
    panel.locator_params(nbins=4)
    panel.ticklabel_format(useOffset=False)
    panel.tick_params(labelsize=7)
