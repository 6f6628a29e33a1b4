"""The risk model in a report: the verdict first, then scores, importance and SHAP."""

import re

import numpy as np

from ..core.risk_model import WU2025_WARNING
from ..core.risk_model.scores import KRIGING, LINEAR, MEAN, SCHEME_LABELS, XGBOOST, dominant_site, two_decimals
from .document import Chart, Listing, Section
from .explanation import charts as explanation_charts
from .style import GREY, PALETTE, new_figure
from .validation import score_listing, scores_figure, scores_figure_caption


def section(model, explanation=None, title=None):
    """The section of a :class:`RiskModel`, with its :class:`Explanation` if there is one."""
    title = title or f"Risk model of {model.target}"
    stem = re.sub(r"\W+", "_", title.lower()).strip("_")
    charts = [Chart(f"{stem}_held_out", held_out_figure(model), _held_out_caption(model))]
    if "r2_low" in model.scores:
        charts.append(Chart(f"{stem}_scores", scores_figure(model), scores_figure_caption(model)))
    listings = [score_listing(model), Listing("Predictors offered", _inputs(model))]
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
    if _serves(model):
        yield model.skill.sentence
    used, options = len(model.held_out), model.options
    n_trees, depth = _trees(model)
    text = f"XGBoost, {n_trees} trees of depth {depth}, {len(model.names)} predictors"
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
    if model.validation is not None and model.validation.search is not None:
        how += " So were the parameters of the trees, among those that are listed."
    strict = SCHEME_LABELS[model.skill.scheme]
    yield (
        f"{how} The verdict is on {strict}: it asks that the whole 90 % interval of the gain over the mean of the "
        "training sites lies above zero."
    )
    if model.validation is not None and model.validation.wu2025 is not None:
        yield model.validation.wu2025.sentence
    if model.circular:
        yield f"Left out, because {model.target} is computed from them: {', '.join(model.circular)}."


def _serves(model):
    """Whether nothing simpler does as well."""
    return model.skill.has_skill and model.skill.beats_kriging is not False


def _trees(model):
    """Number and depth of the model's trees."""
    if model.validation is None or model.validation.search is None:
        return model.options.n_trees, model.options.max_depth
    found = model.validation.search[model.validation.search["in_model"].astype(bool)].iloc[0]
    return int(found["n_trees"]), int(found["max_depth"])


def _warnings(model):
    if not model.skill.has_skill:
        yield f"{model.skill.sentence} Read its map as a sketch of the mean, not as a prediction.{_instead(model)}"
    elif not _serves(model):
        yield f"{model.skill.sentence}{_instead(model)}"
    if model.options.selection == "wu2025":
        yield WU2025_WARNING
    position = dominant_site(model.held_out["observed"].to_numpy())
    if position is not None:
        site = model.held_out.iloc[position]
        yield (
            f"Row {int(site['row']) + 1} ({model.target} {site['observed']:g}) alone makes more than half of the "
            "variance: R² and RMSE tell mostly about that row."
        )


def _instead(model):
    """Where the better alternative's map comes from."""
    if model.skill.better == KRIGING:
        return " 'Interpolate a site variable' maps the better alternative, kriging of the sites."
    if model.skill.better == MEAN:
        return f" The better map has one value everywhere: the sites' mean, {model.held_out['observed'].mean():.3g}."
    return ""


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
            _log_axes(axis, high / low)
        axis.set_title(
            f"{SCHEME_LABELS[scheme].capitalize()}: R² {two_decimals(by[scheme, XGBOOST])}\n"
            f"(linear {two_decimals(by[scheme, LINEAR])}, mean {two_decimals(by[scheme, MEAN])})",
            fontsize=9,
        )
        axis.set_xlabel(f"Observed {model.target}")
    axes[0, 0].set_ylabel(f"Predicted {model.target} (held out)")
    axes[0, 0].legend(loc="upper left", frameon=False, fontsize=7.5)
    return figure


def _log_axes(axes, ratio):
    """Logarithmic axes with plain numbers, more of them where the values span little."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set(xscale="log", yscale="log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if ratio < 50 else (1.0,)))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_formatter(NullFormatter())
