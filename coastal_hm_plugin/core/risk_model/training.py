"""Training a risk model so that its score can be believed: choice of predictors and scoring inside held-out folds."""

import numpy as np
import pandas as pd

from ..applicability import area_of_applicability
from ..errors import InputError
from ..geodesy import crs_of, project
from ..monitor import SILENT
from . import boosting, scores
from .cross_validation import chosen_on_all, cross_validate
from .data import TrainingData, offered_predictors, usable_target
from .intervals import prediction_intervals
from .model import RiskModel
from .options import TrainingOptions
from .predictors import describe_predictors, encode
from .schemes import schemes_of_folds

WU2025_WARNING = (
    "Trained as in Wu et al. (2025): predictors that the target is computed from are allowed, and the best ten were "
    "chosen on the very sites that the folds then score. Both flatter the scores; they do not tell how well the model "
    "predicts a new site."
)


def train_risk_model(
    table, target, predictors=None, options=None, x=None, y=None, crs=None, manifest=None, monitor=SILENT
):
    """Train XGBoost on a table of sites and score it on held-out folds: RiskModel.

    table: a row per site; target: the column to predict (e.g. PERI); predictors: columns, None for all that
    can serve (see :func:`default_predictors`). x, y (n, in ``crs``; None: metres): for spatial folds; without them
    only random and grouped folds are made. manifest: the rasters the covariates came from, kept in the model.

    Rows without a target are left out, counted and named; missing predictors are allowed (XGBoost's default
    direction) and counted. Circular predictors are left out and named, unless ``selection="wu2025"``.
    Raises InputError for an unknown column, fewer than 20 sites, a constant target, no predictor left.
    Source: Chen & Guestrin (2016); Roberts et al. (2017) for the folds; Ambroise & McLachlan (2002, PNAS 99) for
    choosing predictors inside the folds.
    """
    options = options or TrainingOptions()
    rows, values, options = usable_target(table, target, options, monitor)
    used = table.iloc[rows].reset_index(drop=True)
    names, left_out = offered_predictors(used, target, predictors, options, monitor)
    of_classes = [covariate.name for covariate in manifest.covariates if covariate.is_categorical] if manifest else []
    described = describe_predictors(used, names, {*options.categories, *of_classes})
    encoded = encode(used, described)
    data = TrainingData(encoded.matrix, values, described)
    rasters = manifest.select([name for name in names if name in manifest.names]) if manifest else None
    schemes = schemes_of_folds(used, rows, values, options, (x, y, crs), rasters, monitor)

    chosen = chosen_on_all(data, options, monitor.is_cancelled)
    chosen_share = np.zeros(len(described))
    if options.selection == "wu2025":
        monitor.warn(WU2025_WARNING)
        held_out, chosen_share[chosen] = cross_validate(data.columns(chosen), schemes, options, monitor.part(0, 0.95))
    else:
        held_out, chosen_share[:] = cross_validate(data, schemes, options, monitor.part(0, 0.95))
    score_tables = [scores.score_table(values, held_out[s.scheme], s, options.transform) for s in schemes]
    strict = schemes[-1]
    skill = scores.judge(values, held_out[strict.scheme], strict, score_tables[-1], options.transform, options.seed)
    (monitor.info if skill.has_skill else monitor.warn)(skill.sentence)
    held_out_here = held_out[strict.scheme][scores.XGBOOST]
    intervals = prediction_intervals(values, held_out_here, strict, options.interval_level, options.transform)
    (monitor.info if intervals.as_promised else monitor.warn)(intervals.sentence)
    final = data.columns(chosen)
    booster = boosting.fit(final.matrix, values, final.is_category, options.trees, monitor.is_cancelled)
    monitor.progress(1.0)
    return RiskModel(
        booster=booster,
        target=target,
        predictors=final.predictors,
        inputs=_inputs(data, encoded, chosen, booster, chosen_share),
        scores=pd.concat(score_tables, ignore_index=True),
        held_out=_held_out_table(rows, values, held_out, schemes, (x, y, crs)),
        skill=skill,
        left_out=left_out,
        options=options,
        n_rows=len(table),
        manifest=rasters,
        applicability=_applicability(final, booster, strict.fold_of[0], monitor),
        intervals=intervals,
    )


def _applicability(data, booster, fold_of, monitor):
    """Where the scores may be believed, by the gain of the predictors and the strictest folds; None if unknown."""
    names = [predictor.name for predictor in data.predictors]
    weights = boosting.gain_shares(booster, len(names))
    try:
        return area_of_applicability(data.matrix, weights, fold_of, names, data.n_labels, monitor)
    except InputError as reason:
        monitor.warn(f"No area of applicability: {reason}")
        return None


def _inputs(data, encoded, chosen, booster, chosen_share):
    """A row per predictor offered, best first."""
    gains = np.zeros(len(data.predictors))
    gains[chosen] = boosting.gain_shares(booster, len(chosen))
    columns = np.where(data.is_category, np.nan, data.matrix.astype(np.float64))
    with np.errstate(invalid="ignore"):
        frame = pd.DataFrame(
            {
                "predictor": [predictor.name for predictor in data.predictors],
                "type": ["category" if predictor.is_category else "number" for predictor in data.predictors],
                "used": np.isin(np.arange(len(data.predictors)), chosen),
                "gain_share": gains,
                "chosen_share": chosen_share,
                "missing": np.isnan(data.matrix).sum(axis=0),
                "unreadable": encoded.unreadable.sum(axis=0),
                **_spread(columns, data.is_category),
            }
        )
    return frame.sort_values(["used", "gain_share"], ascending=False, kind="stable", ignore_index=True)


def _spread(columns, is_category):
    """Mean, standard deviation and range of number columns (NaN for categories)."""
    numbers = ~is_category
    spread = {name: np.full(columns.shape[1], np.nan) for name in ("mean", "sd", "minimum", "maximum")}
    for name, function in (("mean", np.nanmean), ("sd", np.nanstd), ("minimum", np.nanmin), ("maximum", np.nanmax)):
        spread[name][numbers] = function(columns[:, numbers], axis=0) if numbers.any() else np.nan
    return spread


def _held_out_table(rows, values, held_out, schemes, place):
    """A row per site: its row in the table, observed value, mean of its held-out predictions by scheme, its place."""
    frame = pd.DataFrame({"row": rows, "observed": values})
    for scheme in schemes:
        frame[f"predicted_{scheme.scheme}"] = held_out[scheme.scheme][scores.XGBOOST].mean(axis=0)
    frame["fold"] = schemes[-1].fold_of[0]
    frame["block"] = schemes[-1].block_of
    x, y, crs = place
    if x is not None and y is not None and crs is not None:
        longitude, latitude = project(np.asarray(x, float)[rows], np.asarray(y, float)[rows], crs_of(crs), "EPSG:4326")
        frame["longitude"], frame["latitude"] = longitude, latitude
    return frame
