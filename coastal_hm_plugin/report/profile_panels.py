"""Profiles of a factorization as panels of bars, to set ranges or other runs beside them."""

import numpy as np

from .style import new_figure, text_width


def profile_panels(result, height_mm, label=None):
    """A figure ``height_mm`` high with a panel per factor, bars of its share of every species in %.

    label: of the bars in a legend. Returns the figure, the panels, the places of the species, the percentages (p, m).
    """
    names, count = result.data.fitted_species, len(result.factors)
    percent = result.profiles()["percent_of_species"].to_numpy().reshape(count, -1)
    figure, axes = new_figure(180, height_mm, count, 1, squeeze=False, sharex=True, sharey=True)
    places = np.arange(len(names))
    for k, panel in enumerate(axes[:, 0]):
        panel.bar(places, percent[k], 0.84, color="#d1d5db", label=label)
        panel.set_ylim(-4, 105)
        panel.set_yticks([0, 50, 100])
        panel.set_ylabel("% of species")
        panel.set_title(f"Factor {k + 1}", loc="left", fontweight="bold", fontsize=9)
    crowded = len(names) > 16 or max(map(text_width, names)) * len(names) > 130
    axes[-1, 0].set_xticks(places, names, **({"rotation": 90} if crowded else {}))
    axes[-1, 0].set_xlim(-0.6, len(names) - 0.4)
    return figure, axes[:, 0], places, percent
