"""The risk model in a report: the verdict first, then scores, importance and SHAP."""

import re

import numpy as np

from ..core.risk_model import WU2025_WARNING
from ..core.risk_model.scores import LINEAR, MEAN, SCHEME_LABELS, XGBOOST, dominant_site, two_decimals
from .document import Chart, Listing, Section
from .explanation import charts as explanation_charts
from .style import GREY, PALETTE, new_figure

_SCORE_TITLES = {
    "folds": "Folds",
    "model": "Model",
    "r2": "R²",
    "r2_sd": "SD of R²",
    "rmse": "RMSE",
    "mae": "MAE",
    "n_blocks": "Blocks",
    "block_size_m": "Block side (m)",
}


def section(model, explanation=None, title=None):
    """The section of a :class:`RiskModel`, with its :class:`Explanation` if there is one."""
    title = title or f"Risk model of {model.target}"
    stem = re.sub(r"\W+", "_", title.lower()).strip("_")
    charts = [Chart(f"{stem}_held_out", held_out_figure(model), _held_out_caption(model))]
    listings = [Listing(_scores_caption(model), _scores(model)), Listing("Predictors offered", _inputs(model))]
    if model.left_out:
        left_out = model.left_out_table().rename(columns={"name": "Column", "kind": "Kind", "reason": "Reason"})
        listings.append(Listing("Columns left out", left_out))
    if explanation is not None:
        charts += explanation_charts(explanation, stem)
    return Section(
        title=title,
        paragraphs=tuple(_paragraphs(model)),
        listings=tuple(listings),
        charts=tuple(charts),
        warnings=tuple(_warnings(model)),
    )


def _paragraphs(model):
    if model.skill.has_skill:
        yield model.skill.sentence
    used, options = len(model.held_out), model.options
    text = f"XGBoost, {options.n_trees} trees of depth {options.max_depth}, {len(model.names)} predictors"
    text += f", trained on {used} of {model.n_rows} sites" if used < model.n_rows else f", trained on {used} sites"
    if options.transform == "log":
        text += ", with a logarithmic link and Poisson deviance: it predicts the mean in the target's own unit"
    yield text + "."
    how = {
        "nested": "Predictors were chosen anew inside every training fold, from its sites alone, so that the scores "
        "include the choice.",
        "none": "All predictors were kept; none was chosen by its fit.",
        "wu2025": "Predictors were chosen once on all sites, as in Wu et al. (2025).",
    }[options.selection]
    strict = SCHEME_LABELS[model.skill.scheme]
    yield (
        f"{how} The verdict is on {strict}: it asks for a held-out loss below that of the mean of the training sites, "
        "in 95 % of the resamples of whole blocks."
    )
    if model.circular:
        yield f"Left out, because {model.target} is computed from them: {', '.join(model.circular)}."


def _warnings(model):
    if not model.skill.has_skill:
        yield f"{model.skill.sentence} Read its map as a sketch of the mean, not as a prediction."
    if model.options.selection == "wu2025":
        yield WU2025_WARNING
    position = dominant_site(model.held_out["observed"].to_numpy())
    if position is not None:
        site = model.held_out.iloc[position]
        yield (
            f"Row {int(site['row']) + 1} ({model.target} {site['observed']:g}) alone makes more than half of the "
            "variance: R² and RMSE tell mostly about that row."
        )


def _scores_caption(model):
    repeats = int(model.scores["repeats"].max())
    return f"Scores on held-out sites, mean of {repeats} repeats (RMSE and MAE in the unit of {model.target})"


def _scores(model):
    columns = [name for name in _SCORE_TITLES if not model.scores[name].isna().all()]
    frame = model.scores[columns].copy()
    frame["folds"] = frame["folds"].map(SCHEME_LABELS)
    return frame.rename(columns=_SCORE_TITLES)


def _inputs(model):
    frame = model.inputs[["predictor", "type", "used", "gain_share", "chosen_share", "missing"]].copy()
    frame["used"] = np.where(frame["used"], "yes", "no")
    titles = (
        "Predictor",
        "Type",
        "In the model",
        "Share of gain",
        "Share of folds that chose it",
        "Sites without value",
    )
    return frame.set_axis(titles, axis=1)


def _held_out_caption(model):
    return (
        "Observed against predicted, every site predicted by models that did not see it (mean of the repeats). "
        "On random folds neighbours help; the right panel, where there is one, is the stricter test."
    )


def held_out_figure(model):
    """Observed against held-out predictions, a panel for each scheme of folds."""
    schemes = list(dict.fromkeys(model.scores["folds"]))
    figure, axes = new_figure(180, 78, 1, len(schemes), squeeze=False, sharex=True, sharey=True)
    observed = model.held_out["observed"].to_numpy()
    by = model.scores.set_index(["folds", "model"])["r2"]
    for axis, scheme, color in zip(axes[0], schemes, PALETTE):
        predicted = model.held_out[f"predicted_{scheme}"].to_numpy()
        low, high = min(observed.min(), predicted.min()), max(observed.max(), predicted.max())
        axis.plot([low, high], [low, high], color=GREY, linewidth=0.8, label="1:1")
        axis.scatter(observed, predicted, s=10, color=color, alpha=0.65, linewidths=0)
        if model.options.transform == "log":
            axis.set(xscale="log", yscale="log")
        axis.set_title(
            f"{SCHEME_LABELS[scheme].capitalize()}: R² {two_decimals(by[scheme, XGBOOST])}\n"
            f"(linear {two_decimals(by[scheme, LINEAR])}, mean {two_decimals(by[scheme, MEAN])})",
            fontsize=9,
        )
        axis.set_xlabel(f"Observed {model.target}")
    axes[0, 0].set_ylabel(f"Predicted {model.target}")
    axes[0, 0].legend(loc="upper left", frameon=False, fontsize=7.5)
    return figure
