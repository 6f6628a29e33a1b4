"""The area of applicability in a report: how unlike each other the sites are, and what that does to errors."""

import numpy as np
import pandas as pd

from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

GROUPS = 5


def section(model, surface=None, title=None):
    """The area of applicability of a :class:`RiskModel` (with one), and of its :class:`RasterPrediction` if given."""
    title = title or f"Area of applicability of the model of {model.target}"
    stem = "".join(c if c.isalnum() else "_" for c in title.lower())
    listings = [Listing(_groups_caption(model), error_by_dissimilarity(model))]
    chart = Chart(f"{stem}_di", dissimilarity_figure(model), caption(model))
    warnings = ()
    if surface is not None and surface.outside:
        share = surface.outside / surface.predicted
        warnings = (f"{share:.1%} of the map lies outside the area of applicability: there, the scores do not hold.",)
    return Section(title, tuple(_paragraphs(model)), tuple(listings), (chart,), warnings)


def _paragraphs(model):
    area = model.applicability
    weights = pd.Series(area.weights, area.names).sort_values(ascending=False)
    shares = ", ".join(f"{name} {share:.0%}" for name, share in (weights / weights.sum()).head(6).items())
    yield (
        "The scores hold where predictors resemble those of the training sites. The dissimilarity index (DI; Meyer and "
        "Pebesma 2021) is the distance to the nearest training site in the space of the predictors, standardised and "
        f"weighted by their share of the gain ({shares}), over the mean distance between training sites. A place is "
        f"inside the area of applicability where its DI is at most {area.threshold:.3g}: the upper quartile of the "
        "training sites' DI to sites of other folds, plus 1.5 times the distance between quartiles."
    )
    yield (
        f"On average {area.mean_lpd:.1f} training sites of other folds lie within the threshold of a training site "
        "(local point density)."
    )


def error_by_dissimilarity(model):
    """Held-out errors of the training sites in groups of rising DI: sites, mean DI, RMSE, MAE."""
    di, error = _di_and_error(model)
    groups = np.array_split(np.argsort(di, kind="stable"), min(GROUPS, max(1, len(di) // 5)))
    rows = [
        {
            "DI from": di[rows].min(),
            "DI to": di[rows].max(),
            "Sites": len(rows),
            "RMSE": np.sqrt(np.mean(error[rows] ** 2)),
            "MAE": np.abs(error[rows]).mean(),
        }
        for rows in groups
    ]
    return pd.DataFrame(rows)


def _di_and_error(model):
    """DI and held-out error of the training sites that have every predictor."""
    held_out = model.held_out.iloc[model.applicability.rows]
    error = held_out[f"predicted_{model.skill.scheme}"] - held_out["observed"]
    return model.applicability.di, error.to_numpy()


def _groups_caption(model):
    return f"Held-out errors of {model.target} by dissimilarity to the sites of other folds, in its unit."


def caption(model):
    """What the figure shows."""
    return (
        f"DI of {len(model.applicability.di)} training sites to the sites of other folds. Left: its distribution. "
        f"Right: held-out errors of {model.target} against it, bars: the mean of each fifth of the sites. Dashed: the "
        "threshold beyond which a place is outside."
    )


def dissimilarity_figure(model):
    """The distribution of DI, and held-out errors against it."""
    figure, (left, right) = new_figure(180, 80, 1, 2)
    di, error = _di_and_error(model)
    threshold = model.applicability.threshold
    edges = np.linspace(0, max(di.max(), threshold) * 1.05, 26)
    left.hist(di, bins=edges, color=PALETTE[4], alpha=0.85)
    left.set_ylabel("Training sites")
    right.scatter(di, np.abs(error), s=9, color=PALETTE[0], alpha=0.6, linewidths=0)
    groups = error_by_dissimilarity(model)
    middles = [(row["DI from"], row["DI to"]) for _, row in groups.iterrows()]
    for (low, high), mean in zip(middles, groups["MAE"]):
        right.plot([low, high], [mean, mean], color=PALETTE[5], lw=2, solid_capstyle="butt")
    right.set_ylabel(f"|Held-out error| of {model.target}")
    if (error != 0).any() and np.abs(error).max() > 20 * np.median(np.abs(error)):
        right.set_yscale("log")
    for axes in (left, right):
        axes.axvline(threshold, color=GREY, lw=0.9, ls="--")
        axes.set_xlabel("Dissimilarity index")
        axes.set_xlim(0, edges[-1])
    return figure
