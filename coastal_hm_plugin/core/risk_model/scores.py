"""How good held-out predictions are, with intervals over the sites that there happen to be."""

import numpy as np
import pandas as pd

XGBOOST, LINEAR, KRIGING, MEAN = "XGBoost", "linear model", "kriging", "mean of the training sites"
MODELS = (XGBOOST, LINEAR, KRIGING, MEAN)
SCHEME_LABELS = {
    "random": "random folds",
    "grouped": "folds by group",
    "matched": "folds matched to the map",
    "spatial": "spatial blocks",
}
MEASURES = ("r2", "rmse", "mae", "bias", "ccc", "d2")
# deviations are taken where errors are symmetrical, so that bounds stay possible values
SCALES = {
    "r2": (lambda value: np.log(1 - value), lambda scaled: 1 - np.exp(scaled)),
    "rmse": (np.log, np.exp),
    "mae": (np.log, np.exp),
    "bias": (np.asarray, np.asarray),
    "ccc": (np.arctanh, np.tanh),
}
SCALES["d2"] = SCALES["gain"] = SCALES["r2"]
CONFIDENCE = 0.90
RESAMPLES = 2000
AT_ONCE = 1_000_000


def models_for(data):
    """The models that these data allow: kriging needs places."""
    return tuple(model for model in MODELS if model != KRIGING or data.places is not None)


def losses(observed, predicted, transform):
    """Loss of each prediction: squared error, or the Poisson unit deviance 2 (y ln(y / m) - y + m).

    Both are least, on average, for the mean; the deviance takes the variance to grow with the mean, so that a few very
    high values do not decide alone (McCullagh & Nelder 1989, Generalized Linear Models, ch. 6 and 9).
    """
    if transform == "log":
        return 2 * (observed * np.log(observed / predicted) - observed + predicted)
    return (observed - predicted) ** 2


def score(observed, predicted, block_of=None, n_folds=None, transform="none", seed=1):
    """Scores of held-out predictions and their 90 % intervals: a dict of r2, r2_low, r2_high, rmse, rmse_low ...

    observed: n; predicted: n, or repeats x n, over which every score is averaged. block_of: n codes of sites that are
    resampled together (None: each alone). n_folds: of the cross-validation that the predictions come from, None for
    predictions of one model at sites kept apart. R2 = 1 - SSE / sum((y - mean y)^2); bias = mean(predicted - observed);
    ccc: Lin's (1989) concordance, 2 cov / (var + var + (difference of means)^2), 1 for predictions on the 1:1 line;
    d2 = 1 - loss / loss of the mean, with the loss of ``transform`` (R2 for "none").

    The intervals are percentiles over 2000 resamples of whole blocks, drawn with replacement. Those of a
    cross-validation are widened by :func:`widening`: its folds share their training sites, and plain resampling takes
    them for independent (Bates et al. 2023, doi:10.1080/01621459.2023.2197686).
    """
    observed, predicted = np.asarray(observed, dtype=np.float64), np.atleast_2d(predicted).astype(np.float64)
    blocks = np.arange(len(observed)) if block_of is None else np.unique(block_of, return_inverse=True)[1].ravel()
    moments = _moments(observed, predicted, transform)
    centre = observed.mean()
    whole = _measures(moments.sum(axis=-1)[None], centre, transform)
    drawn = _measures(resampled_sums(moments, blocks, seed), centre, transform)
    found = {}
    for name in MEASURES:
        found[name] = float(whole[name][0])
        found[f"{name}_low"], found[f"{name}_high"] = interval(found[name], drawn[name], name, n_folds)
    found["r2_sd"] = float(whole["r2_by_repeat"][0].std(ddof=1)) if len(predicted) > 1 else np.nan
    return found


def interval(value, drawn, measure, n_folds=None):
    """The 90 % interval of a score: (low, high), NaN where it has none. drawn: its resampled values."""
    there, back = SCALES[measure]
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled, centre = there(drawn), there(value)
    scaled = scaled[np.isfinite(scaled)]
    if not len(scaled) or not np.isfinite(centre):
        return np.nan, np.nan
    ends = np.quantile(scaled, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    low, high = sorted(back(centre + widening(n_folds) * (ends - centre)))
    return float(low), float(high)


def widening(n_folds):
    """sqrt(1 + k / (k - 1)) for k folds, 1 without: the correction of Nadeau & Bengio (2003, Machine Learning 52:239).

    A score's variance over resampled sites, times 1 + k x sites held back / training sites.
    """
    return 1.0 if n_folds is None else float(np.sqrt(1 + n_folds / (n_folds - 1)))


def resampled_sums(values, blocks, seed):
    """Sums of ``values`` (... x n) over resamples of whole blocks (n codes from 0): resamples x ..."""
    from threadpoolctl import threadpool_limits

    count = blocks.max() + 1
    flat = values.reshape(-1, values.shape[-1])
    sums = np.column_stack([np.bincount(blocks, row, count) for row in flat])
    rng = np.random.default_rng(seed)
    drawn = np.empty((RESAMPLES, sums.shape[1]))
    step = max(1, AT_ONCE // count)
    with threadpool_limits(1):
        for start in range(0, RESAMPLES, step):
            rows = min(step, RESAMPLES - start)
            picks = rng.integers(0, count, (rows, count)) + count * np.arange(rows)[:, None]
            times = np.bincount(picks.ravel(), minlength=rows * count).reshape(rows, count)
            drawn[start : start + rows] = times.astype(np.float64) @ sums
    return drawn.reshape(RESAMPLES, *values.shape[:-1])


def _moments(observed, predicted, transform):
    """What every score is made of, site by site: repeats x 9 x n. Centred, so that sums of squares keep digits."""
    y = np.broadcast_to(observed - observed.mean(), predicted.shape)
    p = predicted - observed.mean()
    entropy = observed * np.log(observed) if transform == "log" else np.zeros(len(observed))
    parts = (np.ones_like(y), y, y**2, p, p**2, y * p, np.abs(p - y), losses(observed, predicted, transform))
    return np.stack([*parts, np.broadcast_to(entropy, y.shape)], axis=1)


def _measures(sums, centre, transform):
    """Scores, each averaged over the repeats: name -> k. sums: k x repeats x moments."""
    n, y, yy, p, pp, yp, absolute, loss, entropy = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        squares, spread = yy - 2 * yp + pp, yy - y**2 / n
        # resamples of one value only have no spread
        spread = np.where(spread > 1e-12 * np.maximum(yy, 1e-300), spread, np.nan)
        total = y + n * centre
        loss_of_mean = 2 * (entropy - total * np.log(total / n)) if transform == "log" else spread
        covariance = yp - y * p / n
        r2 = 1 - squares / spread
        return {
            "r2_by_repeat": r2,
            "r2": r2.mean(axis=1),
            "rmse": np.sqrt(np.maximum(squares, 0) / n).mean(axis=1),
            "mae": (absolute / n).mean(axis=1),
            "bias": ((p - y) / n).mean(axis=1),
            "ccc": (2 * covariance / (spread + pp - p**2 / n + (p - y) ** 2 / n)).mean(axis=1),
            "d2": (1 - loss / loss_of_mean).mean(axis=1),
        }


def score_table(observed, predictions, folds, transform="none", seed=1):
    """Scores of each model in one scheme, averaged over repeats, with intervals: a frame of a row per model.

    observed: n; predictions: model -> repeats x n, all held out. See :func:`score`.
    """
    rows = []
    for model in MODELS:
        if model not in predictions:
            continue
        found = score(observed, predictions[model], folds.block_of, folds.n_folds, transform, seed)
        rows.append(
            {
                "folds": folds.scheme,
                "model": model,
                **found,
                "n": len(observed),
                "n_folds": folds.n_folds,
                "n_blocks": folds.n_blocks,
                "repeats": len(predictions[model]),
                "block_size_m": folds.block_size_m if folds.block_size_m else np.nan,
            }
        )
    return pd.DataFrame(rows)


def two_decimals(value):
    """A score as text: two decimals, a true minus sign, no minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def with_interval(row, measure="r2"):
    """A score and its 90 % interval as text: "0.42 (0.31 to 0.50)"."""
    low, high = row[f"{measure}_low"], row[f"{measure}_high"]
    return f"{two_decimals(row[measure])} ({two_decimals(low)} to {two_decimals(high)})"


def dominant_site(observed):
    """Position of the one site that makes more than half of the target's variance, or None."""
    squares = (observed - observed.mean()) ** 2
    return int(np.argmax(squares)) if squares.max() > 0.5 * squares.sum() else None
