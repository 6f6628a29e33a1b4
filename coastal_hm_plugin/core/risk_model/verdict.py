"""Whether a model is worth anything: held-out losses beside those of the mean, of a line and of kriging."""

from dataclasses import dataclass

import numpy as np

from .scores import (
    KRIGING,
    LINEAR,
    MEAN,
    MODELS,
    SCHEME_LABELS,
    XGBOOST,
    interval,
    losses,
    resampled_sums,
    two_decimals,
)

CLOSE = 0.02
SHORT = {MEAN: "the mean", LINEAR: "the linear model", KRIGING: "kriging"}


@dataclass(frozen=True)
class Gain:
    """Share by which the model's held-out loss is below that of ``over``, with its 90 % interval over blocks."""

    over: str
    gain: float
    low: float
    high: float

    @property
    def is_sure(self):
        """Whether the whole interval lies above zero."""
        return self.gain > 0 and self.low > 0


@dataclass(frozen=True)
class Skill:
    """The verdict on a model. gain: share by which its held-out loss is below the mean predictor's.

    The loss is the one the trees were grown for: squared error, or Poisson deviance with transform "log".
    has_skill: it surely beats the mean. low, high: 90 % interval of ``gain`` over blocks; scheme: the folds it is
    judged on (the strictest there are). gains: over each alternative. better: the alternative to use instead
    ("kriging", "linear model", "mean of the training sites"), or "" where the model serves best.
    """

    has_skill: bool
    sentence: str
    gain: float
    low: float
    high: float
    scheme: str
    better: str = ""
    gains: tuple = ()

    @property
    def beats_kriging(self):
        """Whether it surely beats kriging; None where there was no kriging to compare with."""
        return next((gain.is_sure for gain in self.gains if gain.over == KRIGING), None)

    @classmethod
    def from_dict(cls, content):
        """What ``dataclasses.asdict`` gave; the verdicts of older files have no gains."""
        return cls(**{**content, "gains": tuple(Gain(**gain) for gain in content.get("gains", ()))})


def judge(observed, predictions, folds, transform, seed, scores):
    """Whether the model beats the mean on these folds, and what does better, in words: Skill.

    The rule: the 90 % interval of the gain over the mean predictor, from 2000 resamples of whole blocks (of sites where
    folds are random), widened as that of a score (:func:`scores.score`), lies above zero. The better
    alternative of a model without skill is the mean, unless another one beats the mean by the same rule; of a model
    with skill it is the one whose explained deviance is higher by more than 0.02.
    scores: the rows of this scheme, by model.
    """
    models = [model for model in MODELS if model in predictions]
    by_site = np.stack([losses(observed, predictions[model], transform).mean(axis=0) for model in models])
    totals = dict(zip(models, by_site.sum(axis=1)))
    drawn = dict(zip(models, resampled_sums(by_site, np.unique(folds.block_of, return_inverse=True)[1], seed).T))

    def gain(model, over):
        value = float(1 - totals[model] / totals[over])
        return Gain(over, value, *interval(value, 1 - drawn[model] / drawn[over], "gain", folds.n_folds))

    gains = tuple(gain(XGBOOST, over) for over in models if over != XGBOOST)
    over_mean = next(entry for entry in gains if entry.over == MEAN)
    has_skill = over_mean.is_sure
    d2 = scores["d2"]
    others = [model for model in models if model != XGBOOST]
    if has_skill:
        others = [model for model in others if d2[model] > d2[XGBOOST] + CLOSE]
    else:
        others = [model for model in others if model == MEAN or gain(model, MEAN).is_sure]
    better = max(others, key=lambda model: d2[model]) if others else ""
    sentence = _sentence(gains, folds.scheme, scores, transform, better)
    return Skill(has_skill, sentence, over_mean.gain, over_mean.low, over_mean.high, folds.scheme, better, gains)


def _sentence(gains, scheme, scores, transform, better):
    by = {entry.over: entry for entry in gains}
    mean, kriging = by[MEAN], by.get(KRIGING)
    verdict = "Skill" if mean.is_sure else "No skill"
    beats = "beats" if mean.is_sure else ("does not surely beat" if mean.gain > 0 else "does not beat")
    beaten = "the mean"
    if mean.is_sure and kriging and kriging.is_sure:
        beaten = "the mean and kriging"
    elif mean.is_sure and kriging:
        verdict = "Skill over the mean, not over kriging"
        beaten = f"the mean, but {'not surely' if kriging.gain > 0 else 'not'} kriging"
    loss = "Poisson deviance" if transform == "log" else "squared error"
    sentence = (
        f"{verdict}: on {SCHEME_LABELS[scheme]} the model {beats} {beaten}. The {loss} of held-out sites is "
        f"{_percent(abs(mean.gain))} {'below' if mean.gain > 0 else 'above'} the mean predictor's (90 % interval of "
        f"the gain: {_percent(mean.low)} to {_percent(mean.high)}); R² {two_decimals(scores['r2'][XGBOOST])}."
    )
    sentence += f" A linear model does {_compared(scores, LINEAR)}"
    if kriging:
        sentence += f", kriging {_compared(scores, KRIGING)}"
    if not better:
        return f"{sentence}."
    return f"{sentence}. " + (f"Better: {SHORT[better]}." if mean.is_sure else f"Take {SHORT[better]} instead.")


def _compared(scores, other):
    lead = scores["d2"][XGBOOST] - scores["d2"][other]
    compared = "as well" if abs(lead) < CLOSE else "better by the same measure" if lead < 0 else "less well"
    return f"{compared} (R² {two_decimals(scores['r2'][other])})"


def _percent(share):
    if share < -1:
        return "less than −100 %"
    return f"{round(100 * share) + 0:d} %".replace("-", "−")
