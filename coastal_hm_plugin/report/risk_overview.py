"""The risk models of all media on one page: how well, and by which predictors; and what each may be used for."""

import numpy as np

from ..core.risk_model.scores import SCHEME_LABELS, XGBOOST, two_decimals
from .axes import logarithmic
from .document import Chart, Section
from .style import GREY, PALETTE, new_figure

MOST_SHOWN = 10
LONGEST_NAME = 22


def section(models):
    """The section of risk models by name, e.g. "soil, at the sites" -> TrainedModel (see ``core.assessment``)."""
    paragraphs = tuple(f"{_capital(name)}: {permitted_use(trained.model)}" for name, trained in models.items())
    caption = (
        "Each row a model. Left: observed against held-out predictions on the strictest folds. Middle: share of the "
        "gain of all splits. Right: share of the mean |SHAP value|. In the order of Fig. 7 of Wu et al. (2025), but "
        "with predictors that PERI is not computed from, and with held-out predictions."
    )
    chart = Chart("risk_models", overview_figure(models), caption)
    return Section("Prediction of PERI: all models", paragraphs, charts=(chart,))


def permitted_use(model):
    """What a risk model may and may not be used for, in one sentence."""
    scheme = SCHEME_LABELS[model.skill.scheme]
    if not model.skill.has_skill:
        return (
            "may not be used as a prediction of any place; on "
            f"{scheme} it does not surely beat the mean, and its map shows no more than where the predictors differ."
        )
    on_map = model.manifest is not None and {c.name for c in model.manifest.covariates} >= set(model.names)
    if on_map:
        return (
            "may be used to see the regional pattern and to choose where to sample next, inside the area of "
            "applicability; may not be used to judge a single parcel, to set a clean-up limit, or to argue a cause."
        )
    return (
        "may be used to see which measured properties go with PERI, and to predict further sites where they were "
        "measured; may not be drawn as a map, nor be read as cause and effect."
    )


def overview_figure(models):
    """A row per model: held-out predictions, gain and SHAP shares."""
    figure, axes = new_figure(180, 54 * len(models), len(models), 3, squeeze=False)
    for row, (name, trained), letter in zip(axes, models.items(), "ABCDEFGH"):
        _held_out(row[0], trained.model, f"{letter}  {_capital(name)}")
        table = trained.explanation.importance()
        _bars(row[1], table, "gain_share", "Share of the gain", PALETTE[1])
        _bars(row[2], table, "shap_share", "Share of mean |SHAP|", PALETTE[0])
    return figure


def _held_out(axis, model, title):
    observed, predicted = model.held_out["observed"].to_numpy(), model.strict_predictions
    low, high = min(observed.min(), predicted.min()), max(observed.max(), predicted.max())
    axis.plot([low, high], [low, high], color=GREY, linewidth=0.8)
    axis.scatter(observed, predicted, s=8, color=PALETTE[2], alpha=0.6, linewidths=0)
    if model.options.transform == "log":
        logarithmic(axis.xaxis, low, high)
        logarithmic(axis.yaxis, low, high)
    r2 = model.scores.set_index(["folds", "model"]).loc[(model.skill.scheme, XGBOOST), "r2"]
    axis.set_title(title, fontsize=9, loc="left", fontweight="bold")
    axis.text(0.04, 0.95, f"R² {two_decimals(r2)}\n{SCHEME_LABELS[model.skill.scheme]}", transform=axis.transAxes,
              va="top", fontsize=7.5)  # fmt: skip
    axis.set(xlabel=f"Observed {model.target}", ylabel=f"Predicted {model.target}")


def _bars(axis, table, column, label, color):
    shown = table.sort_values(column, ascending=False).head(MOST_SHOWN).iloc[::-1]
    place = np.arange(len(shown))
    axis.barh(place, shown[column], 0.7, color=color)
    names = [name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…" for name in shown["predictor"]]
    axis.set_yticks(place, names, fontsize=7)
    axis.set_xlabel(label)


def _capital(name):
    return name[:1].upper() + name[1:]
