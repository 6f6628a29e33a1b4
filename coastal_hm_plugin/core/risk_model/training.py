"""Training a risk model so that its score can be believed: choice of predictors and scoring inside held-out folds."""

import os
import threading
from concurrent import futures
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..applicability import area_of_applicability
from ..errors import Cancelled, InputError, name_rows
from ..geodesy import crs_of, local_plane, project
from ..monitor import SILENT
from . import boosting, folds, linear, scores
from .matched_folds import held_out_distances, map_places, matched_folds, nearest_distances
from .model import RiskModel
from .options import TrainingOptions
from .predictors import (
    LeftOut,
    circular_predictors,
    default_predictors,
    describe_predictors,
    encode,
    require_columns,
)

FEWEST_SITES = 20
WU2025_WARNING = (
    "Trained as in Wu et al. (2025): predictors that the target is computed from are allowed, and the best ten were "
    "chosen on the very sites that the folds then score. Both flatter the scores; they do not tell how well the model "
    "predicts a new site."
)


@dataclass(frozen=True)
class _Data:
    """What the folds work on: matrix (n x p), y (n), predictors (p)."""

    matrix: np.ndarray
    y: np.ndarray
    predictors: tuple

    @property
    def is_category(self):
        return np.array([predictor.is_category for predictor in self.predictors])

    @property
    def n_labels(self):
        return [len(predictor.labels) for predictor in self.predictors]

    def columns(self, chosen):
        return _Data(self.matrix[:, chosen], self.y, tuple(self.predictors[index] for index in chosen))


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
    rows, values, options = _target(table, target, options, monitor)
    used = table.iloc[rows].reset_index(drop=True)
    names, left_out = _predictor_names(used, target, predictors, options, monitor)
    of_classes = [covariate.name for covariate in manifest.covariates if covariate.is_categorical] if manifest else []
    described = describe_predictors(used, names, {*options.categories, *of_classes})
    encoded = encode(used, described)
    data = _Data(encoded.matrix, values, described)
    rasters = manifest.select([name for name in names if name in manifest.names]) if manifest else None
    schemes = _schemes(used, rows, values, options, (x, y, crs), rasters, monitor)

    chosen = _chosen_on_all(data, options, monitor.is_cancelled)
    chosen_share = np.zeros(len(described))
    if options.selection == "wu2025":
        monitor.warn(WU2025_WARNING)
        held_out, chosen_share[chosen] = _cross_validate(data.columns(chosen), schemes, options, monitor.part(0, 0.95))
    else:
        held_out, chosen_share[:] = _cross_validate(data, schemes, options, monitor.part(0, 0.95))
    score_tables = [scores.score_table(values, held_out[s.scheme], s, options.transform) for s in schemes]
    strict = schemes[-1]
    skill = scores.judge(values, held_out[strict.scheme], strict, score_tables[-1], options.transform, options.seed)
    (monitor.info if skill.has_skill else monitor.warn)(skill.sentence)
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


def _target(table, target, options, monitor):
    """Rows with a target, its values there, and the options with the transform decided."""
    require_columns(table, [target] + ([options.groups] if options.groups else []))
    numbers = pd.to_numeric(table[target], errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    usable = np.isfinite(numbers)
    rows = np.flatnonzero(usable)
    if len(rows) < len(table):
        lost = np.flatnonzero(~usable)
        monitor.warn(f"{len(lost)} of {len(table)} rows have no number in '{target}', left out: {name_rows(lost)}.")
    if len(rows) < FEWEST_SITES:
        raise InputError(
            f"Column '{target}' has a number in {len(rows)} rows; a risk model needs {FEWEST_SITES} sites at least."
        )
    values = numbers[rows]
    if np.ptp(values) <= 1e-9 * np.abs(values).max():
        raise InputError(f"Column '{target}' has the same value ({values[0]:g}) in every row: nothing to predict.")
    if options.transform == "auto":
        options = replace(options, transform="log" if values.min() > 0 and _skewness(values) > 1 else "none")
    if options.transform == "log" and values.min() <= 0:
        raise InputError(
            f"Column '{target}' has values of 0 or less (rows {name_rows(rows[values <= 0])}), which have no "
            "logarithm. Choose no transform."
        )
    outlier = scores.dominant_site(values)
    if outlier is not None:
        monitor.warn(
            f"Row {rows[outlier] + 1} ({target} {values[outlier]:g}) alone makes more than half of the variance of "
            f"'{target}': R² and RMSE tell mostly about that row. Check it."
        )
    return rows, values, options


def _skewness(values):
    return np.mean((values - values.mean()) ** 3) / values.std() ** 3


def _predictor_names(used, target, names, options, monitor):
    """The predictors to offer, and everything left out with its reason."""
    if names is None:
        allowed, left_out = default_predictors(used, target, options.medium, options.groups, options.elements)
    else:
        require_columns(used, names)
        allowed = [name for name in dict.fromkeys(names) if name not in (target, options.groups)]
        left_out = circular_predictors(allowed, target, options.medium, options.elements)
    left_out = {entry.name: entry for entry in left_out}
    for name in options.circular:
        left_out[name] = LeftOut(name, "circular", f"named as circular: '{target}' is computed from it")
    if options.selection == "wu2025":
        allowed += [name for name, entry in left_out.items() if entry.kind == "circular" and name not in allowed]
        allowed = [name for name in allowed if name in used.columns]
        left_out = {name: entry for name, entry in left_out.items() if entry.kind != "circular"}
    for name in allowed:
        if name not in left_out and used[name].dropna().nunique() < 2:
            left_out[name] = LeftOut(name, "unsuitable", "constant or empty")
    allowed = [name for name in allowed if name not in left_out]
    circular = [name for name, entry in left_out.items() if entry.kind == "circular"]
    if circular:
        monitor.warn(f"Left out because '{target}' is computed from them (circular): {', '.join(circular)}.")
    if not allowed:
        reasons = "; ".join(f"{entry.name}: {entry.reason}" for entry in left_out.values()) or "no column given"
        raise InputError(f"No predictor is left for '{target}' ({reasons}). Add columns or rasters.")
    return allowed, tuple(left_out.values())


def _schemes(used, rows, values, options, place, rasters, monitor):
    """The folds, the strictest last."""
    rng = np.random.default_rng(options.seed)
    schemes = [folds.random_folds(len(values), options.folds, options.repeats, rng)]
    groups = None
    if options.groups:
        schemes.append(folds.grouped_folds(used[options.groups], options.folds, options.repeats, rng))
        groups = schemes[-1].block_of
    x, y, crs = place
    if x is None or y is None:
        if groups is None:
            monitor.warn(
                "Without coordinates or groups only random folds can be made; neighbours flatter their scores."
            )
        return schemes
    x, y = folds.to_metres(np.asarray(x)[rows], np.asarray(y)[rows], crs)
    lost = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if len(lost):
        raise InputError(f"Rows {name_rows(rows[lost])} have no coordinates. Give them, or leave the rows out.")
    if options.matched:
        schemes += _matched(x, y, place, rows, rasters, options, groups, monitor)
    spatial = folds.spatial_folds(x, y, values, options.folds, options.repeats, rng, options.block_size_m, groups)
    if spatial is None:
        size = options.block_size_m
        monitor.warn("All sites lie in one spatial block" + (f" of {size:g} m" if size else "") + ": no spatial folds.")
        return schemes
    return [*schemes, spatial]


def _matched(x, y, place, rows, rasters, options, groups, monitor):
    """Folds matched to the map, if there is one: a list of one or none. x, y: the sites on their plane in metres."""
    if place[2] is None or rasters is None or not rasters.covariates:
        monitor.warn("Folds matched to the map need covariates from rasters, and coordinates with a reference system.")
        return []
    at = (np.asarray(axis, dtype=np.float64)[rows] for axis in place[:2])
    longitude, latitude = project(*at, crs_of(place[2]), "EPSG:4326")
    map_x, map_y = project(*map_places(rasters, options.seed, monitor), "EPSG:4326", local_plane(longitude, latitude))
    if not len(map_x):
        monitor.warn("No cell of the rasters has a value in every covariate: no folds matched to the map.")
        return []
    # a generator of its own: the other folds are the same with and without these
    rng = np.random.default_rng(options.seed)
    found = matched_folds(x, y, map_x, map_y, options.folds, options.repeats, rng, groups, monitor)
    held_out = np.median(held_out_distances(np.column_stack([x, y]), found.fold_of[0]))
    to_map = np.median(nearest_distances(x, y, map_x, map_y))
    monitor.info(
        f"Folds matched to the map: held-out sites lie {held_out:,.0f} m from the nearest training site (median), the "
        f"map's cells {to_map:,.0f} m; {found.n_blocks} clusters of sites."
    )
    return [found]


def _cross_validate(data, schemes, options, monitor):
    """Held-out predictions, scheme -> model -> repeats x n, and how often each predictor was chosen (p)."""
    from threadpoolctl import threadpool_limits

    shape = (options.repeats, len(data.y))
    held_out = {s.scheme: {model: np.empty(shape) for model in scores.MODELS} for s in schemes}
    jobs = [(scheme.scheme, *split) for scheme in schemes for split in scheme.splits()]
    stop = threading.Event()
    times_chosen = np.zeros(len(data.predictors))

    def work(job):
        return job, _one_fold(data, job[2], job[3], options, stop.is_set)

    # one thread for each fold's algebra: more would only wait for each other, and could round sums differently
    with threadpool_limits(1), futures.ThreadPoolExecutor(_workers()) as pool:
        waiting = {pool.submit(work, job) for job in jobs}
        try:
            while waiting:
                done, waiting = futures.wait(waiting, timeout=0.2, return_when=futures.FIRST_COMPLETED)
                for future in done:
                    (scheme, repeat, _, test), (predicted, chosen) = future.result()
                    for model, values in predicted.items():
                        held_out[scheme][model][repeat, test] = values
                    times_chosen[chosen] += 1
                monitor.progress(1 - len(waiting) / len(jobs))
        except BaseException:
            stop.set()
            for future in waiting:
                future.cancel()
            raise
    return held_out, times_chosen / len(jobs)


def _one_fold(data, train, test, options, is_cancelled):
    """Everything a fold learns it learns from its training rows: the choice of predictors too."""
    if is_cancelled():
        raise Cancelled("Cancelled by the user.")
    x_train, y_train, x_test = data.matrix[train], data.y[train], data.matrix[test]
    chosen = np.arange(len(data.predictors))
    if options.selection == "nested":
        chosen = boosting.choose_predictors(
            x_train,
            y_train,
            data.is_category,
            options.trees,
            options.max_predictors,
            options.importance_threshold,
            is_cancelled,
        )
    booster = boosting.fit(x_train[:, chosen], y_train, data.is_category[chosen], options.trees, is_cancelled)
    predicted = {
        scores.XGBOOST: boosting.predict(booster, x_test[:, chosen]),
        scores.LINEAR: linear.ridge_predictions(x_train, y_train, x_test, data.n_labels, options.transform),
        scores.MEAN: y_train.mean(),
    }
    return predicted, chosen


def _workers():
    """Folds trained side by side; every fold's numbers are its own, however many."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(8, available)


def _chosen_on_all(data, options, is_cancelled):
    """Column numbers of the final model's predictors, best first."""
    if options.selection == "none":
        return np.arange(len(data.predictors))
    most, threshold = options.max_predictors, options.importance_threshold
    return boosting.choose_predictors(
        data.matrix, data.y, data.is_category, options.trees, most, threshold, is_cancelled
    )


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
