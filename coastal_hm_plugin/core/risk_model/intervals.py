"""Prediction intervals of a risk model, calibrated on its held-out predictions."""

from dataclasses import asdict, dataclass, fields
from typing import Optional

import numpy as np
import pandas as pd

from .scores import CONFIDENCE, SCHEME_LABELS

GROUPS = 5
_OF_ERROR = 1.11  # standard deviation of ln |z| of a standard normal z


@dataclass(frozen=True)
class Spread:
    """How the size of the errors changes with the prediction m: s(m) = b(m) exp(slope t), t = (l(m) - centre) / width.

    Under a logarithmic link b(m) = m and l(m) = ln m (errors are shares of the prediction), else b = 1 and l(m) = m.
    t stays within ``low`` and ``high``, its range at the training sites: no spread is extrapolated.
    """

    logarithmic: bool
    centre: float
    width: float
    low: float
    high: float
    slope: float

    def of(self, values):
        """s(m) of predictions (float64, any shape)."""
        base = values if self.logarithmic else 1.0
        if self.slope == 0:
            return base * np.ones_like(values)
        place = np.log(values) if self.logarithmic else values
        t = np.clip((place - self.centre) / self.width, self.low, self.high)
        return base * np.exp(self.slope * t)


@dataclass(frozen=True)
class PredictionIntervals:
    """Intervals that hold a new site's value with probability ``level``, if that site is to the others as folds are.

    scheme: the folds they are calibrated on. spread: how wide the errors are at a prediction. low, high: quantiles of
    the held-out errors over that spread. floor: the target is never below this, None without a limit.
    coverage: share of the held-out sites inside an interval made from the other folds; coverage_low, coverage_high: its
    90 % interval. observed, predicted, lower, upper, inside: n, of the held-out sites in the order of the model's
    ``held_out``: means over the repeats; inside is the share of repeats in which the site was inside.
    """

    level: float
    scheme: str
    spread: Spread
    low: float
    high: float
    floor: Optional[float]
    coverage: float
    coverage_low: float
    coverage_high: float
    observed: np.ndarray
    predicted: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    inside: np.ndarray

    def bounds(self, values):
        """Lower and upper bounds of predictions, in the target's unit: two float64 arrays of the shape of ``values``.

        Each value alone, in double precision: the numbers are the same in a table and in any window of a raster.
        """
        return _bounds(np.asarray(values, dtype=np.float64), self.spread, self.low, self.high, self.floor)

    @property
    def mean_width(self):
        """Mean width of the held-out sites' intervals, in the target's unit."""
        return float(np.mean(self.upper - self.lower))

    @property
    def as_promised(self):
        """Whether the interval of the measured coverage holds the level."""
        return self.coverage_low <= self.level <= self.coverage_high

    @property
    def sentence(self):
        """The measured coverage in words."""
        text = (
            f"{_percent(self.level)} prediction intervals hold {_percent(self.coverage)} of the held-out sites on "
            f"{SCHEME_LABELS[self.scheme]} (90 % interval: {_percent(self.coverage_low)} to "
            f"{_percent(self.coverage_high)}); mean width {self.mean_width:.3g}."
        )
        if self.as_promised:
            return text
        if self.coverage < self.level:
            return f"{text} That is less than they promise: read them as intervals of {_percent(self.coverage)}."
        return f"{text} That is more than they promise: they are wider than they need be."

    def by_fifth(self, ranked_by=None, sites=slice(None)):
        """Coverage and width by fifths of the prediction, or of ``ranked_by`` (a number for each of ``sites``).

        A row per fifth: from, to, sites, inside (share), width (mean).
        """
        key = self.predicted if ranked_by is None else np.asarray(ranked_by)
        inside, width = self.inside[sites], (self.upper - self.lower)[sites]
        rows = []
        for part in np.array_split(np.argsort(key, kind="stable"), GROUPS):
            rows.append((key[part].min(), key[part].max(), len(part), inside[part].mean(), width[part].mean()))
        return pd.DataFrame(rows, columns=["from", "to", "sites", "inside", "width"])

    def to_dict(self):
        """A JSON-ready dictionary."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        content["spread"] = asdict(self.spread)
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in content.items()}

    @classmethod
    def from_dict(cls, content):
        """What :meth:`to_dict` gave. Raises KeyError, TypeError or ValueError for anything else."""
        given = dict(content)
        names = ("observed", "predicted", "lower", "upper", "inside")
        arrays = {name: np.asarray(given.pop(name), dtype=np.float64) for name in names}
        if any(array.shape != (len(arrays["observed"]),) for array in arrays.values()):
            raise ValueError("the prediction intervals' sites do not have one length")
        spread = Spread(**given.pop("spread"))
        numbers = ("level", "low", "high", "coverage", "coverage_low", "coverage_high")
        values = np.array([*(given[name] for name in numbers), *asdict(spread).values()], dtype=np.float64)
        if not np.isfinite(values).all() or given["scheme"] not in SCHEME_LABELS:
            raise ValueError("the prediction intervals hold something that is no number")
        return cls(**given, spread=spread, **arrays)


def prediction_intervals(observed, predictions, folds, level=0.9, transform="none"):
    """Cross-conformal prediction intervals of a model: PredictionIntervals.

    observed: n; predictions: repeats x n, held out on ``folds``, by models of the transform ("none" or "log").
    Scores r = (y - m) / s(m) of all held-out sites and repeats are pooled; the interval of a prediction m runs from
    m + q_low s(m) to m + q_high s(m), with q the ceil((n + 1)(1 +- level) / 2)-th of n scores, (1 - level) / 2 beyond
    either end. The coverage is measured fold by fold, with spread and quantiles from the other folds only.

    Sources: Vovk 2015 (doi:10.1007/s10472-013-9368-4) for cross-conformal prediction; Lei et al. 2018
    (doi:10.1080/01621459.2017.1307116) for scores over a spread.
    """
    logarithmic, floor = transform == "log", 0.0 if observed.min() >= 0 else None
    lower, upper = np.empty_like(predictions), np.empty_like(predictions)
    for repeat, fold_of in enumerate(folds.fold_of):
        for fold in range(folds.n_folds):
            own = fold_of == fold
            fitted = _calibrate(observed[~own], predictions[repeat : repeat + 1, ~own], level, logarithmic)
            lower[repeat, own], upper[repeat, own] = _bounds(predictions[repeat, own], *fitted, floor)
    inside = ((lower <= observed) & (observed <= upper)).mean(axis=0)
    return PredictionIntervals(
        level,
        folds.scheme,
        *_calibrate(observed, predictions, level, logarithmic),
        floor,
        *_share(inside, folds.block_of),
        observed=np.asarray(observed, dtype=np.float64),
        predicted=predictions.mean(axis=0),
        lower=lower.mean(axis=0),
        upper=upper.mean(axis=0),
        inside=inside,
    )


def _bounds(values, spread, low, high, floor):
    sizes = spread.of(values)
    lower, upper = np.minimum(values + low * sizes, values), np.maximum(values + high * sizes, values)
    return (lower if floor is None else np.minimum(np.maximum(lower, floor), values)), upper


def _calibrate(observed, predictions, level, logarithmic):
    """Spread, and the two quantiles of the scores. predictions: repeats x n."""
    spread = _fit_spread(observed, predictions, logarithmic)
    scores = np.sort(((observed - predictions) / spread.of(predictions)).ravel())
    n = len(observed)
    rank = min(n, int(np.ceil((n + 1) * (1 + level) / 2 - 1e-9))) * len(predictions)
    return spread, float(scores[len(scores) - rank]), float(scores[rank - 1])


def _fit_spread(observed, predictions, logarithmic):
    """ln |error| as a line in the prediction, its slope drawn towards 0 by as much as chance alone could make it."""
    place = np.log(predictions) if logarithmic else predictions
    centre, width = float(place.mean()), float(place.std()) or 1.0
    t = (place - centre) / width
    errors = np.abs(observed - predictions) / (predictions if logarithmic else 1.0)
    size = np.log(np.maximum(errors, 0.01 * np.median(errors) or 1.0))
    slope = float(np.mean(t * (size - size.mean())))
    chance = _OF_ERROR / np.sqrt(len(observed))
    slope *= max(0.0, 1 - (chance / slope) ** 2) if slope else 0.0
    return Spread(logarithmic, centre, width, float(t.min()), float(t.max()), slope)


def _share(inside, block_of):
    """Mean of ``inside`` (n) and its 90 % interval: Wilson's, with as many sites as whole blocks are worth."""
    from scipy.stats import norm

    n, share = len(inside), float(inside.mean())
    sums = np.bincount(block_of, inside - share)
    plain = share * (1 - share) / n
    sites = n if plain == 0 else n / max(1.0, np.sum(sums**2) / n**2 / plain)
    z = norm.ppf((1 + CONFIDENCE) / 2)
    centre = (share + z**2 / (2 * sites)) / (1 + z**2 / sites)
    half = z / (1 + z**2 / sites) * np.sqrt(share * (1 - share) / sites + z**2 / (4 * sites**2))
    return share, float(max(0.0, centre - half)), float(min(1.0, centre + half))


def _percent(share):
    return f"{100 * share:.0f} %"
