"""How good held-out predictions are, and whether that is any better than the mean."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

XGBOOST, LINEAR, MEAN = "XGBoost", "linear model", "mean of the training sites"
MODELS = (XGBOOST, LINEAR, MEAN)
SCHEME_LABELS = {
    "random": "random folds",
    "grouped": "folds by group",
    "matched": "folds matched to the map",
    "spatial": "spatial blocks",
}
CONFIDENCE = 0.90
RESAMPLES = 2000
CLOSE = 0.02


@dataclass(frozen=True)
class Skill:
    """The verdict on a model. gain: share by which its held-out loss is below the mean predictor's.

    The loss is the one the trees were grown for: squared error, or Poisson deviance with transform "log".
    low, high: 90 % interval of ``gain`` over blocks; scheme: the folds it is judged on (the strictest there are).
    """

    has_skill: bool
    sentence: str
    gain: float
    low: float
    high: float
    scheme: str


def losses(observed, predicted, transform):
    """Loss of each prediction: squared error, or the Poisson unit deviance 2 (y ln(y / m) - y + m).

    Both are least, on average, for the mean; the deviance takes the variance to grow with the mean, so that a few very
    high values do not decide alone (McCullagh & Nelder 1989, Generalized Linear Models, ch. 6 and 9).
    """
    if transform == "log":
        return 2 * (observed * np.log(observed / predicted) - observed + predicted)
    return (observed - predicted) ** 2


def score_table(observed, predictions, folds, transform="none"):
    """R2, RMSE, MAE and D2 of each model in one scheme, averaged over repeats: a frame of three rows.

    observed: n; predictions: model -> repeats x n, all held out. R2 = 1 - SSE / sum((y - mean y)^2) per repeat; D2 the
    same with the loss the trees were grown for (equal to R2 without a transform).
    """
    rows = []
    squares = np.sum((observed - observed.mean()) ** 2)
    loss_of_mean = np.sum(losses(observed, observed.mean(), transform))
    for model in MODELS:
        errors = predictions[model] - observed
        r2 = 1 - np.sum(errors**2, axis=1) / squares
        d2 = 1 - np.sum(losses(observed, predictions[model], transform), axis=1) / loss_of_mean
        rows.append(
            {
                "folds": folds.scheme,
                "model": model,
                "r2": r2.mean(),
                "r2_sd": r2.std(ddof=1) if len(r2) > 1 else np.nan,
                "rmse": np.sqrt(np.mean(errors**2, axis=1)).mean(),
                "mae": np.abs(errors).mean(),
                "d2": d2.mean(),
                "n": len(observed),
                "n_folds": folds.n_folds,
                "n_blocks": folds.n_blocks,
                "repeats": len(errors),
                "block_size_m": folds.block_size_m if folds.block_size_m else np.nan,
            }
        )
    return pd.DataFrame(rows)


def judge(observed, predictions, folds, scores, transform, seed):
    """Whether the model beats the mean on these folds, in words: Skill.

    The rule: the held-out loss must be below the mean predictor's, and stay below in 95 % of 2000 resamples of
    whole blocks (of sites where folds are random): the 90 % interval of the gain lies above zero.
    """
    ours = np.mean(losses(observed, predictions[XGBOOST], transform), axis=0)
    means = np.mean(losses(observed, predictions[MEAN], transform), axis=0)
    ours_of, means_of = np.bincount(folds.block_of, ours), np.bincount(folds.block_of, means)
    drawn = np.random.default_rng(seed).integers(0, len(ours_of), (RESAMPLES, len(ours_of)))
    gains = 1 - ours_of[drawn].sum(axis=1) / means_of[drawn].sum(axis=1)
    gain = float(1 - ours.sum() / means.sum())
    low, high = (float(q) for q in np.quantile(gains, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]))
    has_skill = gain > 0 and low > 0
    sentence = _sentence(has_skill, (gain, low, high), folds.scheme, scores.set_index("model"), transform)
    return Skill(has_skill, sentence, gain, low, high, folds.scheme)


def _sentence(has_skill, gains, scheme, scores, transform):
    gain, low, high = gains
    loss = "Poisson deviance" if transform == "log" else "squared error"
    where = SCHEME_LABELS[scheme]
    verdict = "Skill" if has_skill else "No skill"
    beats = "beats" if has_skill else ("does not surely beat" if gain > 0 else "does not beat")
    sentence = (
        f"{verdict}: on {where} the model {beats} the mean. The {loss} of held-out sites is {_percent(abs(gain))} "
        f"{'below' if gain > 0 else 'above'} the mean predictor's (90 % interval of the gain: {_percent(low)} to "
        f"{_percent(high)}); R² {two_decimals(scores.loc[XGBOOST, 'r2'])}."
    )
    linear_r2 = f"R² {two_decimals(scores.loc[LINEAR, 'r2'])}"
    lead = scores.loc[XGBOOST, "d2"] - scores.loc[LINEAR, "d2"]
    compared = "as well" if abs(lead) < CLOSE else "better by the same measure" if lead < 0 else "less well"
    return f"{sentence} A linear model does {compared} ({linear_r2})."


def two_decimals(value):
    """A score as text: two decimals, a true minus sign, no minus zero."""
    return f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _percent(share):
    if share < -1:
        return "less than −100 %"
    return f"{round(100 * share) + 0:d} %".replace("-", "−")


def dominant_site(observed):
    """Position of the one site that makes more than half of the target's variance, or None."""
    squares = (observed - observed.mean()) ** 2
    return int(np.argmax(squares)) if squares.max() > 0.5 * squares.sum() else None
