"""Training a risk model so that its score can be believed: choice of predictors and scoring inside held-out folds."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ..applicability import area_of_applicability
from ..errors import InputError
from ..geodesy import crs_of, project
from ..monitor import SILENT
from . import boosting, scores
from .cross_validation import chosen_on_all, cross_validate, splits
from .data import training_data, usable_target
from .distances import distance_table
from .intervals import prediction_intervals
from .learning_curve import learning_curve
from .model import RiskModel
from .options import TrainingOptions
from .schemes import places_of_map, places_of_sites, schemes_of_folds
from .tuning import search_trees
from .validation import Validation
from .verdict import judge
from .wu2025 import WU2025_WARNING, score_as_in_wu2025


def train_risk_model(
    table, target, predictors=None, options=None, x=None, y=None, crs=None, manifest=None, monitor=SILENT
):
    """Train XGBoost on a table of sites and score it on held-out folds: RiskModel.

    table: a row per site; target: the column to predict (e.g. PERI); predictors: columns, None for all that
    can serve (see :func:`default_predictors`). x, y (n, in ``crs``; None: metres): for spatial folds; without them
    only random and grouped folds are made. manifest: the rasters the covariates came from, kept in the model.

    Rows without a target are left out, counted and named; missing predictors are allowed (XGBoost's default
    direction) and counted. Circular predictors are left out and named, unless ``selection="wu2025"``.
    Raises InputError for an unknown column, fewer than 20 sites or 2 for a fold, a constant target, no predictor left.
    Source: Chen & Guestrin (2016); Roberts et al. (2017) for the folds; Ambroise & McLachlan (2002, PNAS 99) for
    choosing predictors inside the folds.
    """
    options = options or TrainingOptions()
    rows, values, options = usable_target(table, target, options, monitor)
    used = table.iloc[rows].reset_index(drop=True)
    places = places_of_sites(rows, (x, y, crs))
    offered = training_data(used, values, target, predictors, options, manifest, places, monitor)
    rasters = manifest.select([name for name in offered.names if name in manifest.names]) if manifest else None
    on_map = places_of_map(rows, (x, y, crs), rasters, options, monitor)
    schemes = schemes_of_folds(used, offered.data, options, on_map, monitor)

    run = _Run(offered.data, schemes, options, monitor)
    options = run.options
    held_out, strict = run.held_out.predictions, schemes[-1]
    score_tables, skill, intervals = _judged(values, held_out, schemes, options, monitor)
    given = (used, offered.data, target, predictors, options, manifest)
    paper = _paper_way(given, score_tables[-1].iloc[0], monitor.part(0.85, 0.95))
    final = offered.data.columns(run.chosen)
    booster = boosting.fit(final.matrix, values, final.is_category, run.trees, monitor.is_cancelled)
    monitor.progress(1.0)
    return RiskModel(
        booster=booster,
        target=target,
        predictors=final.predictors,
        inputs=_inputs(offered, run.chosen, booster, run.chosen_share),
        scores=pd.concat(score_tables, ignore_index=True),
        held_out=_held_out_table(rows, values, held_out, schemes, (x, y, crs)),
        skill=skill,
        left_out=offered.left_out,
        options=options,
        n_rows=len(table),
        manifest=rasters,
        applicability=_applicability(final, booster, strict.fold_of[0], monitor),
        intervals=intervals,
        validation=Validation(
            folds=run.held_out.folds,
            without_kriging=run.held_out.without_kriging,
            distances=None if places is None else distance_table(places, schemes, on_map),
            learning_curve=run.curve,
            search=run.search,
            wu2025=paper,
        ),
    )


def _judged(values, held_out, schemes, options, monitor):
    """What held-out predictions tell: a table of scores for each scheme, the verdict, the prediction intervals."""
    strict = schemes[-1]
    tables = [scores.score_table(values, held_out[s.scheme], s, options.transform, options.seed) for s in schemes]
    of_strict = tables[-1].set_index("model")
    skill = judge(values, held_out[strict.scheme], strict, options.transform, options.seed, of_strict)
    (monitor.info if skill.has_skill else monitor.warn)(skill.sentence)
    predicted = held_out[strict.scheme][scores.XGBOOST]
    intervals = prediction_intervals(values, predicted, strict, options.interval_level, options.transform)
    (monitor.info if intervals.as_promised else monitor.warn)(intervals.sentence)
    return tables, skill, intervals


class _Run:
    """The folds run through, and what the final model takes from all sites: predictors chosen and trees."""

    def __init__(self, data, schemes, options, monitor):
        self.chosen = chosen_on_all(data, options, monitor.is_cancelled)
        paper = options.selection == "wu2025"
        if paper:
            monitor.warn(WU2025_WARNING)
        seen = data.columns(self.chosen) if paper else data
        jobs = splits(schemes, options)
        self.options, self.trees, self.search, self.curve = options, options.trees, None, None
        if options.search:
            jobs = self._search(seen, jobs, schemes, options, monitor.part(0.0, 0.5))
        part = (0.5 if options.search else 0.0, 0.7 if options.learning_curve else 0.85)
        self.held_out = cross_validate(seen, jobs, options, monitor.part(*part))
        self.chosen_share = np.zeros(len(data.predictors))
        self.chosen_share[self.chosen if paper else slice(None)] = self.held_out.chosen_share
        if self.held_out.without_kriging:
            monitor.warn(
                f"Kriging could not be fitted in {self.held_out.without_kriging} of {self.held_out.folds} folds; the "
                "mean stood in for it."
            )
        if options.learning_curve:
            strict = schemes[-1]
            last = [fold for fold in jobs if fold.scheme == strict.scheme]
            there = self.held_out.predictions[strict.scheme]
            self.curve = learning_curve(seen, last, strict, there, options, monitor.part(0.7, 0.85))

    def _search(self, data, jobs, schemes, options, monitor):
        """The folds with the trees that each prefers; the final model's are searched on all sites."""
        blocks = {scheme.scheme: scheme.block_of for scheme in schemes}
        sets = [(fold.train, blocks[fold.scheme][fold.train]) for fold in jobs]
        found = search_trees(data, [*sets, (np.arange(len(data.y)), schemes[-1].block_of)], options, monitor)
        self.trees, self.search = found.trees[-1], found.table
        self.options = replace(options, search=len(found.table) - 1)  # with these the same numbers again
        return [replace(fold, trees=trees) for fold, trees in zip(jobs, found.trees)]


def _paper_way(given, honest, monitor):
    """The score as in Wu et al. (2025), if it was asked for and is not the model's own."""
    options = given[4]
    if not options.compare_wu2025 or options.selection == "wu2025":
        return None
    paper = score_as_in_wu2025(*given, honest, monitor)
    monitor.info(paper.sentence)
    return paper


def _applicability(data, booster, fold_of, monitor):
    """Where the scores may be believed, by the gain of the predictors and the strictest folds; None if unknown."""
    names = [predictor.name for predictor in data.predictors]
    weights = boosting.gain_shares(booster, len(names))
    try:
        return area_of_applicability(data.matrix, weights, fold_of, names, data.n_labels, monitor)
    except InputError as reason:
        monitor.warn(f"No area of applicability: {reason}")
        return None


def _inputs(offered, chosen, booster, chosen_share):
    """A row per predictor offered, best first."""
    data = offered.data
    gains = np.zeros(len(data.predictors))
    gains[chosen] = boosting.gain_shares(booster, len(chosen))
    columns = np.where(data.is_category, np.nan, data.matrix.astype(np.float64))
    with np.errstate(invalid="ignore"):
        frame = pd.DataFrame(
            {
                "predictor": offered.names,
                "type": ["category" if predictor.is_category else "number" for predictor in data.predictors],
                "used": np.isin(np.arange(len(data.predictors)), chosen),
                "gain_share": gains,
                "chosen_share": chosen_share,
                "missing": np.isnan(data.matrix).sum(axis=0),
                "unreadable": offered.encoded.unreadable.sum(axis=0),
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
