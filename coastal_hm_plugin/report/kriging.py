"""Kriging in a report: the variogram, what the sites tell of each other, and what the surface may be used for."""

import numpy as np
import pandas as pd

from ..core.risk_model.scores import two_decimals
from .document import Chart, Listing, Section, format_number
from .style import GREY, PALETTE, new_figure


def section(found, surface=None, title=None):
    """An :class:`Interpolation`, with its :class:`Surface` if one was written, as a Section."""
    title = title or f"Surface of {found.name}"
    stem = "".join(c if c.isalnum() else "_" for c in title.lower())
    charts = (
        Chart(f"{stem}_variogram", variogram_figure(found), variogram_caption(found)),
        Chart(f"{stem}_left_out", left_out_figure(found), left_out_caption(found)),
    )
    return Section(
        title, tuple(_paragraphs(found, surface)), tuple(publication(found).values()), charts, found.warnings
    )


def publication(found):
    """The tables as a reader wants them: file stem -> Listing."""
    scores = found.leave_one_out.scores()
    names = {"n": "Sites", "r2": "R²", "rmse": "RMSE", "mae": "MAE", "bias": "Bias", "z_mean": "Mean of z",
             "z_sd": "SD of z"}  # fmt: skip
    listings = {
        "kriging_variogram": Listing(f"Variogram of {_kriged(found)}, in its squared unit.", _variogram_table(found)),
        "kriging_scores": Listing(
            f"Leave-one-out scores of {_kriged(found)}; z: error over its kriging SD, mean 0 and SD 1 if the variogram "
            "is right.", scores.rename(columns=names)
        ),
    }  # fmt: skip
    if found.trend.predictors:
        table = found.coefficients().rename(columns={"term": "Term", "coefficient": "Coefficient"})
        listings["kriging_trend"] = Listing("The linear trend, by generalised least squares.", table)
    return listings


def _kriged(found):
    name = f"ln {found.name}" if found.options.logarithm else found.name
    return f"the residuals of {name}" if found.trend.predictors else name


def _variogram_table(found):
    model = found.variogram
    return pd.DataFrame(
        {
            "Model": [model.model],
            "Nugget": [model.nugget],
            "Partial sill": [model.partial_sill],
            "Nugget share": [model.nugget / model.sill],
            "Range parameter (m)": [model.range_m],
            "Effective range (m)": [model.effective_range_m],
        }
    )


def _paragraphs(found, surface):
    scores = found.leave_one_out.scores().iloc[0]
    kind = "Ordinary kriging"
    if found.trend.predictors:
        kind = f"Regression kriging (linear trend in {', '.join(found.trend.names)}, estimated with the residuals)"
    what = f"{kind} of {found.name} at {len(found.values)} sites"
    if found.options.logarithm:
        what += ", of natural logarithms; the surface holds their exponentials, the medians"
    origin = "given" if found.options.variogram else "fitted, distance classes weighted by pairs / distance²"
    yield f"{what}. The variogram model is {found.variogram.model}, {origin}."
    yield (
        f"Left out one by one, sites are predicted with R² {two_decimals(scores['r2'])} and an RMSE of "
        f"{format_number(scores['rmse'])}. Where sites are clustered, their neighbours flatter this score: between "
        "clusters the surface is worse."
    )
    if surface is not None:
        yield (
            f"{surface.predicted:,} of {surface.cells:,} cells have a value, from {format_number(surface.minimum)} to "
            f"{format_number(surface.maximum)}, mean {format_number(surface.mean)}. The surface may serve between the "
            "sites; farther than the range it tells no more than the mean, and the variance has risen to the sill."
        )


def variogram_caption(found):
    """What the variogram figure shows."""
    return (
        f"Empirical variogram of {_kriged(found)} (dots, their area by the pairs of sites) and the "
        f"{found.variogram.model} model. Dashed: sill; dotted: effective range."
    )


def variogram_figure(found):
    """The empirical variogram with its model."""
    figure, axes = new_figure(120, 80)
    table, model = found.empirical, found.variogram
    scale = 1000 if table["distance_m"].max() > 5000 else 1
    area = 8 + 60 * table["pairs"] / table["pairs"].max()
    axes.scatter(table["distance_m"] / scale, table["gamma"], s=area, color=PALETTE[0], linewidths=0, zorder=3)
    distance = np.linspace(table["distance_m"].max() * 1e-4, table["distance_m"].max() * 1.05, 300)
    axes.plot(distance / scale, model.gamma(distance), color=PALETTE[5], lw=1.4)
    axes.axhline(model.sill, color=GREY, lw=0.7, ls="--")
    if model.effective_range_m < distance[-1] and model.partial_sill > 0:
        axes.axvline(model.effective_range_m / scale, color=GREY, lw=0.7, ls=":")
    axes.set_xlim(0, distance[-1] / scale)
    axes.set_ylim(0, max(table["gamma"].max(), min(model.sill, 1.5 * table["gamma"].max())) * 1.08)
    axes.set_xlabel(f"Distance ({'km' if scale == 1000 else 'm'})")
    axes.set_ylabel("Semivariance")
    return figure


def left_out_caption(found):
    """What the figure of left-out sites shows."""
    scores = found.leave_one_out.scores().iloc[0]
    return (
        f"Left: each of {int(scores['n'])} sites against its prediction from all others. Right: errors over their "
        f"kriging SD (mean {two_decimals(scores['z_mean'])}, SD {scores['z_sd']:.2f}), and the normal curve that they "
        "follow if the variogram is right."
    )


def left_out_figure(found):
    """Observed against left-out predictions, and the z-scores."""
    figure, (left, right) = new_figure(180, 80, 1, 2)
    table = found.leave_one_out.to_frame().dropna()
    low, high = table[["observed", "predicted"]].min().min(), table[["observed", "predicted"]].max().max()
    name = f"ln {found.name}" if found.options.logarithm else found.name
    left.plot([low, high], [low, high], color=GREY, lw=0.8)
    left.scatter(table["observed"], table["predicted"], s=9, color=PALETTE[0], alpha=0.65, linewidths=0)
    left.set_xlabel(f"Observed {name}")
    left.set_ylabel("Predicted without the site")
    reach = max(3.2, float(table["z"].abs().max()) * 1.05)
    right.hist(table["z"], bins=np.linspace(-reach, reach, 31), density=True, color=PALETTE[4], alpha=0.8)
    normal = np.linspace(-reach, reach, 200)
    right.plot(normal, np.exp(-(normal**2) / 2) / np.sqrt(2 * np.pi), color=PALETTE[5], lw=1.2)
    right.set_xlabel("Error / kriging SD")
    right.set_ylabel("Density")
    return figure
