"""How a risk model was validated: scores with intervals, classes, distances, choice of predictors, learning curve."""

import re

import numpy as np
import pandas as pd

from ..core.risk_model.confusion import class_agreement
from ..core.risk_model.distances import MAP, SITES
from ..core.risk_model.scores import KRIGING, LINEAR, MEAN, MODELS, SCHEME_LABELS, XGBOOST, with_interval
from .document import Chart, Listing, Section
from .style import GREY, PALETTE, new_figure

COLOURS = {XGBOOST: PALETTE[0], LINEAR: PALETTE[1], KRIGING: PALETTE[2], MEAN: GREY}
MARKERS = {XGBOOST: "o", LINEAR: "s", KRIGING: "^", MEAN: "D"}
MEASURE_TITLES = {"r2": "R²", "ccc": "Concordance (Lin's CCC)"}
WU2025_LABEL = "as in Wu et al. 2025"
LOWEST = -0.6  # a score shown; a lower one is drawn at the edge
MOST_SHOWN = 20
_DISTANCE_STYLES = {  # colour, line
    SITES: (GREY, ":"),
    "random": (PALETTE[0], "-"),
    "grouped": (PALETTE[3], "-"),
    "matched": (PALETTE[2], "-"),
    "spatial": (PALETTE[1], "-"),
    MAP: ("#000000", "--"),
}


def section(model, title=None):
    """How a :class:`RiskModel` was validated, beyond its scores; None for one of an older file."""
    if model.validation is None:
        return None
    title = title or f"Validation of the model of {model.target}"
    stem = re.sub(r"\W+", "_", title.lower()).strip("_")
    charts, listings = [], []
    if model.scheme is not None:
        agreement = strict_agreement(model)
        charts.append(Chart(f"{stem}_classes", confusion_figure(model, agreement), _classes_caption(model, agreement)))
    if model.validation.distances is not None:
        charts.append(Chart(f"{stem}_distances", distances_figure(model), _distances_caption(model)))
    if model.options.selection == "nested":
        caption = "Share of the training folds that chose a predictor. One that few folds choose is not needed."
        charts.append(Chart(f"{stem}_selection", selection_figure(model), caption))
    if model.validation.learning_curve is not None:
        charts.append(Chart(f"{stem}_learning_curve", learning_curve_figure(model), _curve_caption(model)))
    if model.validation.search is not None:
        listings.append(Listing(_search_caption(model), _search_table(model)))
    return Section(title, tuple(_paragraphs(model)), tuple(listings), tuple(charts))


def _paragraphs(model):
    yield (
        "The intervals of the scores (90 %) come from 2000 resamples of whole blocks of sites, widened because the "
        "folds share their training sites (Nadeau and Bengio 2003): what the score would be with other sites of the "
        "same kind."
    )
    if model.validation.without_kriging:
        yield (
            f"Kriging could not be fitted in {model.validation.without_kriging} of {model.validation.folds} folds; the "
            "mean stood in for it there."
        )


def score_listing(model):
    """The scores with their intervals, the paper's way below them if it was asked for: Listing."""
    frames = [model.scores.assign(folds=model.scores["folds"].map(SCHEME_LABELS))]
    paper = model.validation.wu2025 if model.validation else None
    if paper is not None:
        frames.append(paper.scores[paper.scores["model"] == XGBOOST].assign(folds=WU2025_LABEL))
    scores = pd.concat(frames, ignore_index=True)
    if "r2_low" not in scores:  # a model of an older file
        table = scores[["folds", "model", "r2", "rmse", "mae"]].set_axis(
            ["Folds", "Model", "R²", "RMSE", "MAE"], axis=1
        )
        return Listing(_scores_caption(model, ""), table)
    rows = [
        {
            "Folds": row["folds"],
            "Model": row["model"],
            "R²": with_interval(row),
            "RMSE": _digits(row, "rmse"),
            "MAE": _digits(row, "mae"),
            "Bias": _digits(row, "bias"),
            "CCC": with_interval(row, "ccc"),
            "Blocks": int(row["n_blocks"]),
        }
        for _, row in scores.iterrows()
    ]
    return Listing(_scores_caption(model, ", with 90 % intervals over blocks"), pd.DataFrame(rows))


def _digits(row, measure):
    values = (row[measure], row[f"{measure}_low"], row[f"{measure}_high"])
    value, low, high = (f"{value:.3g}".replace("-", "−") for value in values)
    return f"{value} ({low} to {high})"


def _scores_caption(model, intervals):
    repeats = int(model.scores["repeats"].max())
    return (
        f"Scores on held-out sites, mean of {repeats} repeats{intervals} (RMSE, MAE and bias in the unit of "
        f"{model.target}; CCC: Lin's concordance)"
    )


def scores_figure(model):
    """R2 and concordance with their intervals, a row per kind of folds and model; the paper's way below."""
    groups = [(SCHEME_LABELS[scheme], part) for scheme, part in model.scores.groupby("folds", sort=False)]
    if model.validation is not None and model.validation.wu2025 is not None:
        paper = model.validation.wu2025.scores
        groups.append((WU2025_LABEL, paper[paper["model"] == XGBOOST]))
    rows = sum(len(part) for _, part in groups) + len(groups)
    height = 20 + 4.6 * rows
    figure, axes = new_figure(180, height, 1, 2, sharey=True)
    place, ticks = 0.0, []
    for label, part in groups:
        by = part.set_index("model")
        models = [model for model in MODELS if model in by.index]
        ticks.append((place + (len(models) - 1) / 2, label))
        for name in models:
            for axis, measure in zip(axes, MEASURE_TITLES):
                _dot(axis, place, by.loc[name], measure, name)
            place += 1
        place += 1
    for axis, title in zip(axes, MEASURE_TITLES.values()):
        axis.axvline(0, color=GREY, lw=0.8)
        axis.set_xlabel(title)
        axis.set_xlim(right=1.0)
        axis.set_xlim(left=max(LOWEST - 0.05, min(axis.get_xlim()[0], -0.1)))
        axis.tick_params(axis="y", length=0)
    axes[0].set_yticks([tick for tick, _ in ticks], [label for _, label in ticks])
    axes[0].set_ylim(place - 1, -1)
    handles, labels = _once(axes[0])
    # the legend of both panels above them, in room that the layout keeps free
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - 6 / height))
    figure.legend(handles, labels, loc="upper center", ncol=len(labels), frameon=False, fontsize=7.5)
    return figure


def _dot(axis, place, row, measure, name):
    value, low, high = (max(row[key], LOWEST) for key in (measure, f"{measure}_low", f"{measure}_high"))
    axis.plot([low, high], [place, place], color=COLOURS[name], lw=1.4, solid_capstyle="butt")
    marker = MARKERS[name] if row[measure] > LOWEST else "<"
    axis.plot([value], [place], marker=marker, ms=4.5, color=COLOURS[name], ls="none", label=name)


def _once(axis):
    found = {}
    for handle, label in zip(*axis.get_legend_handles_labels()):
        found.setdefault(label, handle)
    return list(found.values()), list(found)


def scores_figure_caption(model):
    """What :func:`scores_figure` shows."""
    text = (
        "Scores on held-out sites with their 90 % intervals, beside a ridge regression, kriging of the target alone "
        "and the mean of the training sites."
    )
    if model.validation is not None and model.validation.wu2025 is not None:
        text += f" {model.validation.wu2025.sentence}"
    return text


def strict_agreement(model):
    """Observed risk classes against those predicted on the strictest folds, of a model with classes: ClassAgreement."""
    return class_agreement(model.held_out["observed"].to_numpy(), model.strict_predictions, model.scheme)


def confusion_figure(model, agreement):
    """Counts of sites by observed and predicted class, shaded by the share of the observed class."""
    counts = agreement.counts.to_numpy()
    size = len(counts)
    figure, axis = new_figure(110, 30 + 11 * size)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for row, column in np.ndindex(size, size):
        dark = shares[row, column] > 0.6
        text = f"{counts[row, column]}" if counts[row, column] else "·"
        axis.text(column, row, text, ha="center", va="center", color="white" if dark else "black", fontsize=8.5)
        if row == column:
            axis.add_patch(_outline(row))
    limits = model.scheme.limits
    ranges = [f"< {limits[0]:g}", *(f"{a:g}–{b:g}" for a, b in zip(limits, limits[1:])), f"≥ {limits[-1]:g}"]
    labels = [f"{name}\n{bounds}" for name, bounds in zip(model.scheme.class_names, ranges)]
    axis.set_xticks(range(size), labels)
    axis.set_yticks(range(size), labels)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)
    axis.set_xlabel(f"Predicted class of {model.target} (held out)")
    axis.set_ylabel("Observed class")
    return figure


def _outline(place):
    from matplotlib.patches import Rectangle

    return Rectangle((place - 0.5, place - 0.5), 1, 1, fill=False, lw=1.2, edgecolor="#000000", clip_on=False, zorder=3)


def _classes_caption(model, agreement):
    kappa = "not defined, all in one class" if np.isnan(agreement.kappa) else f"{agreement.kappa:.2f}"
    return (
        f"Sites by observed and held-out predicted class ({SCHEME_LABELS[model.skill.scheme]}), shaded by the share of "
        f"the observed class. In the same class {agreement.agreement:.0%}, within one {agreement.within_one:.0%}; "
        f"Cohen's kappa with quadratic weights {kappa} (0: as by chance, 1: all agree)."
    )


def distances_figure(model):
    """Nearest-neighbour distances as cumulative shares: between sites, in each kind of folds, from the map."""
    table = model.validation.distances
    figure, axis = new_figure(150, 78)
    kilometres = table["distance_m"] / 1000
    positive = kilometres[kilometres > 0]
    lowest = positive.min() if len(positive) else 1e-3
    for kind, style in _DISTANCE_STYLES.items():
        part = table["kind"] == kind
        if part.any():
            distance = np.maximum(kilometres[part], lowest)
            colour, line = style
            label = SCHEME_LABELS.get(kind, kind)
            axis.plot(distance, table.loc[part, "share"], color=colour, ls=line, lw=1.6, label=label)
    axis.set_xscale("log")
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.set_xlabel("Distance to the nearest training site (km)")
    axis.set_ylabel("Cumulative share")
    axis.set_ylim(0, 1)
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=7.5)
    return figure


def _distances_caption(model):
    text = (
        "How far held-out sites lie from the sites that predict them, by kind of folds (Mila et al. 2022). Folds left "
        "of the map's curve hold back sites that are easier than the map's cells, folds right of it harder ones."
    )
    if (model.validation.distances["kind"] == MAP).any():
        return text
    return text.replace("the map's curve", "the distances of the places to predict").replace("the map's cells", "those")


def selection_figure(model):
    """Share of the folds that chose each predictor, those of the final model darker."""
    table = model.inputs.sort_values("chosen_share", ascending=False, kind="stable").head(MOST_SHOWN).iloc[::-1]
    figure, axis = new_figure(150, 24 + 4.6 * len(table))
    used = table["used"].to_numpy(dtype=bool)
    place = np.arange(len(table))
    for chosen, colour, label in ((used, PALETTE[0], "in the model"), (~used, PALETTE[4], "not in the model")):
        if chosen.any():
            axis.barh(place[chosen], 100 * table["chosen_share"].to_numpy()[chosen], 0.72, color=colour, label=label)
    axis.set_yticks(place, table["predictor"])
    axis.set_xlim(0, 100)
    axis.set_xlabel("Folds that chose the predictor (%)")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=7.5)
    return figure


def learning_curve_figure(model):
    """R2 against the number of training sites, with the model's interval."""
    curve = model.validation.learning_curve
    figure, axis = new_figure(150, 78)
    for name in MODELS:
        part = curve[curve["model"] == name]
        if not len(part):
            continue
        shown = np.maximum(part["r2"], LOWEST)
        axis.plot(part["n_train"], shown, color=COLOURS[name], marker=MARKERS[name], ms=4, lw=1.4, label=name)
        if name == XGBOOST:
            low, high = (np.maximum(part[key], LOWEST) for key in ("r2_low", "r2_high"))
            axis.fill_between(part["n_train"], low, high, color=COLOURS[name], alpha=0.15, lw=0)
    axis.axhline(0, color=GREY, lw=0.8)
    axis.set_xlabel("Training sites")
    axis.set_ylabel("R² on held-out sites")
    axis.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=7.5)
    return figure


def _curve_caption(model):
    return (
        f"R² on {SCHEME_LABELS[model.skill.scheme]} with fewer training sites, choice of predictors included; band: "
        "90 % interval. A curve that still rises says that more sites would help."
    )


def _search_caption(model):
    tried = len(model.validation.search) - 1
    return (
        f"Parameters of the trees: the default and {tried} other{'s' if tried != 1 else ''}, compared inside every "
        "training fold. Loss: of the inner folds, over that of the default"
    )


def _search_table(model):
    table = model.validation.search.copy()
    table["in_model"] = np.where(table["in_model"].astype(bool), "yes", "no")
    titles = (
        "Depth",
        "Trees",
        "Learning rate",
        "Least sites in a leaf",
        "Lambda",
        "Loss",
        "Chosen by folds",
        "In the model",
    )
    return table.set_axis(titles, axis=1)
