"""Axes of geochemical figures: concentrations, probabilities, panels of elements."""

from .style import new_figure

PERCENTS = (0.1, 1, 5, 20, 50, 80, 95, 99, 99.9)


def panels(count, columns=4, height_mm=45, **subplots):
    """A figure of ``count`` panels, 180 mm wide, and the axes used, in order; those left over are hidden."""
    columns = min(columns, max(count, 1))
    rows = max(1, -(-count // columns))
    width = 180 if columns > 2 else 90 * columns
    figure, axes = new_figure(width, height_mm * rows + 8, rows, columns, squeeze=False, **subplots)
    flat = axes.ravel()
    for spare in flat[count:]:
        spare.set_visible(False)
    return figure, flat[:count]


def logarithmic(axis, low, high):
    """Make a matplotlib axis (``axes.xaxis``) logarithmic, its ticks plain numbers few enough to read."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    decades = high / low if low > 0 else 10
    steps = (1.0,) if decades > 100 else (1.0, 3.0) if decades > 10 else (1.0, 2.0, 5.0)
    (axis.axes.set_xscale if axis.axis_name == "x" else axis.axes.set_yscale)("log")
    axis.set_major_locator(LogLocator(subs=steps, numticks=20))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def probability(axes, lowest, highest):
    """Label a y axis of normal scores with percentages, between two of them."""
    from scipy.special import ndtri

    shown = [percent for percent in PERCENTS if lowest <= percent <= highest] or [50]
    axes.set_yticks([ndtri(percent / 100) for percent in shown])
    axes.set_yticklabels([f"{percent:g}" for percent in shown])
