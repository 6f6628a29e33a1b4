"""The risk model in a report: the verdict first, then scores, importance and SHAP."""

import re

import numpy as np
import pandas as pd

from ..core.risk_model import WU2025_WARNING
from ..core.risk_model.scores import LINEAR, MEAN, SCHEME_LABELS, XGBOOST, dominant_site, two_decimals
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

MOST_SHOWN = 12
MOST_POINTS = 1500
_BINS = 60
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
        effect = "log units: 0.1 is a factor of 1.11" if explanation.unit == "log" else "the target's unit"
        charts += [
            Chart(f"{stem}_importance", importance_figure(explanation), "Importance: share of the gain of all splits, "
                  "and share of the mean |SHAP value|."),
            Chart(f"{stem}_shap", beeswarm_figure(explanation), f"SHAP values of the sites ({effect}). Right of zero "
                  "a predictor raises the prediction. Grey: a category, or no value."),
            Chart(f"{stem}_dependence", dependence_figure(explanation), "What the model does with its most important "
                  f"predictors: SHAP value ({effect}) against the predictor. An association, not a cause."),
        ]  # fmt: skip
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


def importance_figure(explanation):
    """Horizontal bars of the gain share and the SHAP share, most important on top."""
    table = explanation.importance().head(MOST_SHOWN).iloc[::-1]
    figure, axis = new_figure(180, 22 + 7 * len(table))
    place = np.arange(len(table))
    axis.barh(place + 0.2, table["shap_share"], 0.38, color=PALETTE[0], label="mean |SHAP value|")
    axis.barh(place - 0.2, table["gain_share"], 0.38, color=PALETTE[1], label="gain")
    axis.set_yticks(place, table["predictor"])
    axis.set_xlabel("Share of the total")
    axis.legend(loc="lower right", frameon=False, fontsize=7.5)
    return figure


def beeswarm_figure(explanation):
    """SHAP values of every site, a row of points per predictor, coloured by the predictor's rank among the sites."""
    names = explanation.importance()["predictor"].head(MOST_SHOWN).tolist()[::-1]
    figure, axis = new_figure(180, 24 + 8 * len(names))
    rows = _spread_rows(len(explanation.shap))
    span = float(np.ptp(explanation.shap[names].to_numpy())) or 1.0
    points = None
    for place, name in enumerate(names):
        values = explanation.shap[name].to_numpy()[rows]
        height = place + _swarm(values, span)
        rank = explanation.encoded[name].iloc[rows].rank(pct=True).to_numpy()
        colored = np.isfinite(rank) & (not _is_category(explanation.data[name]))
        axis.scatter(values[~colored], height[~colored], s=5, color=GREY, linewidths=0)
        points = axis.scatter(
            values[colored], height[colored], s=5, c=rank[colored], cmap="viridis", vmin=0, vmax=1, linewidths=0
        )
    axis.axvline(0, color=GREY, linewidth=0.7)
    axis.set_yticks(range(len(names)), names)
    axis.set_xlabel(_shap_label(explanation))
    bar = figure.colorbar(points, ax=axis, ticks=[0, 1], aspect=30, pad=0.01)
    bar.ax.set_yticklabels(["low", "high"], fontsize=7.5)
    bar.set_label("Value of the predictor (rank)", fontsize=8)
    return figure


def dependence_figure(explanation, most=4):
    """SHAP value against the predictor, for the most important ones."""
    names = explanation.importance()["predictor"].head(most).tolist()
    columns = min(2, len(names))
    lines = -(-len(names) // columns)
    figure, axes = new_figure(180, 62 * lines, lines, columns, squeeze=False, sharey=True)
    rows = _spread_rows(len(explanation.shap))
    for axis, name in zip(axes.ravel(), names):
        values, data = explanation.shap[name].to_numpy()[rows], explanation.data[name].iloc[rows]
        if _is_category(data):
            _categories(axis, data, values)
        else:
            number = pd.to_numeric(data, errors="coerce").to_numpy(dtype=float)
            axis.scatter(number, values, s=8, color=PALETTE[0], alpha=0.6, linewidths=0)
        axis.axhline(0, color=GREY, linewidth=0.7)
        axis.set_xlabel(name)
    for axis in axes.ravel()[len(names) :]:
        axis.set_visible(False)
    for axis in axes[:, 0]:
        axis.set_ylabel(_shap_label(explanation))
    return figure


def _categories(axis, data, values):
    data = data.astype(object).where(data.notna(), "no value").astype(str)
    labels = data.value_counts().index[:8].tolist()
    for place, label in enumerate(labels):
        chosen = values[(data == label).to_numpy()]
        offset = np.linspace(-0.25, 0.25, len(chosen)) if len(chosen) > 1 else np.zeros(1)
        axis.scatter(place + offset, chosen, s=8, color=PALETTE[0], alpha=0.6, linewidths=0)
    short = [label if len(label) <= 16 else label[:15] + "…" for label in labels]
    axis.set_xticks(range(len(labels)), short, rotation=30, ha="right")


def _is_category(column):
    return not pd.api.types.is_numeric_dtype(column)


def _shap_label(explanation):
    unit = "log units" if explanation.unit == "log" else f"unit of {explanation.target}"
    return f"SHAP value ({unit})"


def _spread_rows(n):
    """At most some hundred rows, evenly spread: more points hide each other."""
    return np.arange(n) if n <= MOST_POINTS else np.linspace(0, n - 1, MOST_POINTS).astype(int)


def _swarm(values, span):
    """Heights (within +-0.4) that set points of nearly the same value apart."""
    bins = np.floor(values / span * _BINS).astype(int)
    heights = np.zeros(len(values))
    fullest = max(1, int(np.unique(bins, return_counts=True)[1].max()))
    for number in np.unique(bins):
        members = np.flatnonzero(bins == number)
        order = np.arange(len(members))
        heights[members] = np.where(order % 2, 1, -1) * ((order + 1) // 2) * 0.8 / max(fullest, 12)
    return heights
