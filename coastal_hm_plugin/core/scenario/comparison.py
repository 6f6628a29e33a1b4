"""What a scenario changes, summed while the cells go by: areas, means, classes, a histogram, training ranges."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

ALL, ALTERED, INSIDE, OUTSIDE = "all", "altered", "altered, inside", "altered, outside"
PART_LABELS = {
    ALL: "All places predicted",
    ALTERED: "Places where a covariate changed",
    INSIDE: "of these, inside the area of applicability",
    OUTSIDE: "of these, outside the area of applicability",
}
BINS = 1024
_SUMS = ("cells", "hectares", "before", "after", "higher", "lower", "higher_class", "lower_class")


@dataclass(frozen=True)
class Places:
    """Predictions before and after at n places. size: hectares of each (1 for points). altered, outside: n bool.

    outside: of the area of applicability after the change, None where the model has none. outside_before: likewise.
    """

    before: np.ndarray
    after: np.ndarray
    size: np.ndarray
    altered: np.ndarray
    outside: Optional[np.ndarray] = None
    outside_before: Optional[np.ndarray] = None


class Tally:
    """Sums over places. limits: of the risk classes, empty without classes."""

    def __init__(self, limits=()):
        self.limits = np.asarray(limits, dtype=np.float64)
        self.sums = {part: dict.fromkeys(_SUMS, 0.0) for part in PART_LABELS}
        self.range = {part: [np.inf, -np.inf] for part in PART_LABELS}
        self.classes = np.zeros((2, len(self.limits) + 1, len(self.limits) + 1))  # cells and hectares
        self.moved_out = 0
        self.knows_area = True
        self.histogram = SymmetricHistogram()

    def add(self, places):
        """Count some places."""
        before, after = places.before.astype(np.float64), places.after.astype(np.float64)
        first, last = (np.searchsorted(self.limits, values, side="right") for values in (before, after))
        parts = {ALL: np.ones(len(before), dtype=bool), ALTERED: places.altered}
        if places.outside is None:
            self.knows_area = False
        else:
            parts.update({INSIDE: places.altered & ~places.outside, OUTSIDE: places.altered & places.outside})
            self.moved_out += int((parts[OUTSIDE] & ~places.outside_before).sum())
        for part, rows in parts.items():
            self._add_part(part, before[rows], after[rows], places.size[rows], (last - first)[rows])
        rows = places.altered
        k = len(self.limits) + 1
        cell = first[rows] * k + last[rows]
        self.classes[0] += np.bincount(cell, minlength=k * k).reshape(k, k)
        self.classes[1] += np.bincount(cell, places.size[rows], minlength=k * k).reshape(k, k)
        outside = places.outside[rows] if places.outside is not None else np.zeros(rows.sum(), dtype=bool)
        self.histogram.add((after - before)[rows], places.size[rows], outside)

    def _add_part(self, part, before, after, size, steps):
        if not len(before):
            return
        change = after - before
        weights = {"before": before, "after": after, "higher": change > 0, "lower": change < 0}
        weights.update(higher_class=steps > 0, lower_class=steps < 0)
        sums = self.sums[part]
        sums["cells"] += len(before)
        sums["hectares"] += float(size.sum())
        for name, values in weights.items():
            sums[name] += float((size * values).sum())
        low, high = self.range[part]
        self.range[part] = [min(low, float(change.min())), max(high, float(change.max()))]

    def summary(self):
        """A row per part of the places (see PART_LABELS): cells, hectares and what changes, weighted by area.

        Columns: part, cells, hectares, mean_before, mean_after, mean_change, change_percent (of the mean),
        smallest_change, largest_change, and shares of the area: higher_share, lower_share (of predictions),
        higher_class_share, lower_class_share (NaN without classes). Means are NaN for a part without places.
        """
        rows = []
        for part, sums in self.sums.items():
            if part in (INSIDE, OUTSIDE) and not self.knows_area:
                continue
            area = sums["hectares"]
            mean = {name: sums[name] / area if area > 0 else np.nan for name in _SUMS[2:]}
            change = mean["after"] - mean["before"]
            has_classes = len(self.limits) > 0
            low, high = self.range[part] if sums["cells"] else (np.nan, np.nan)
            rows.append(
                {
                    "part": part,
                    "cells": int(sums["cells"]),
                    "hectares": area,
                    "mean_before": mean["before"],
                    "mean_after": mean["after"],
                    "mean_change": change,
                    "change_percent": 100 * change / mean["before"] if mean["before"] > 0 else np.nan,
                    "smallest_change": low,
                    "largest_change": high,
                    "higher_share": mean["higher"],
                    "lower_share": mean["lower"],
                    "higher_class_share": mean["higher_class"] if has_classes else np.nan,
                    "lower_class_share": mean["lower_class"] if has_classes else np.nan,
                }
            )
        return pd.DataFrame(rows)

    def class_changes(self, names):
        """A row per pair of classes before and after, of the altered places: before, after, cells, hectares."""
        rows = [
            (before, after, int(self.classes[0, i, j]), float(self.classes[1, i, j]))
            for i, before in enumerate(names)
            for j, after in enumerate(names)
        ]
        return pd.DataFrame(rows, columns=["class_before", "class_after", "cells", "hectares"])


class SymmetricHistogram:
    """A histogram around 0 whose bins double when a value lies beyond: exact in one pass, whatever comes."""

    def __init__(self):
        self.reach = 2.0**-40
        self.counts = np.zeros((2, BINS))  # inside, outside

    def add(self, values, weights, outside):
        """Count values (n) with weights, in the row of ``outside`` (n bool)."""
        if not len(values):
            return
        while np.abs(values).max() >= self.reach:
            pairs = self.counts.reshape(2, BINS // 2, 2).sum(axis=2)
            self.counts = np.zeros((2, BINS))
            self.counts[:, BINS // 4 : BINS // 4 + BINS // 2] = pairs
            self.reach *= 2
        place = np.floor((values / self.reach + 1) * (BINS / 2)).astype(int)
        for row, chosen in enumerate((~outside, outside)):
            self.counts[row] += np.bincount(place[chosen], weights[chosen], minlength=BINS)

    def to_frame(self):
        """A row per bin, from low to high: low, high, inside, outside (sums of weights)."""
        edges = np.linspace(-self.reach, self.reach, BINS + 1)
        counts = {"inside": self.counts[0], "outside": self.counts[1]}
        return pd.DataFrame({"low": edges[:-1], "high": edges[1:], **counts})

    def largest(self, share=0.98):
        """The size of change that this share of the weight does not exceed; 0 where nothing changed."""
        bins = self.counts.sum(axis=0)
        by_size = bins[BINS // 2 :] + bins[BINS // 2 - 1 :: -1]
        if by_size.sum() == 0:
            return 0.0
        place = int(np.searchsorted(np.cumsum(by_size), share * by_size.sum()))
        return (min(place, BINS // 2 - 1) + 1) * self.reach / (BINS / 2)


class CovariateTally:
    """What the changes do to the covariates. predictors: the changed ones; ranges: name -> their range in training."""

    def __init__(self, predictors, ranges):
        self.predictors, self.ranges = predictors, ranges
        self.cells = np.zeros(len(predictors), dtype=int)
        self.outside = np.zeros((2, len(predictors)), dtype=int)
        self.extremes = np.tile([[np.inf], [-np.inf], [np.inf], [-np.inf]], (1, len(predictors)))

    def add(self, before, after):
        """Count rows of the changed predictors (n x k); returns which rows changed (n bool)."""
        altered = (before != after) & ~np.isnan(before)
        for k, predictor in enumerate(self.predictors):
            rows = altered[:, k]
            self.cells[k] += int(rows.sum())
            if predictor.is_category or not rows.any():
                continue
            low, high = (np.float32(limit) for limit in self.ranges[predictor.name])
            for step, values in enumerate((before[rows, k], after[rows, k])):
                self.outside[step, k] += int(((values < low) | (values > high)).sum())
                self.extremes[2 * step, k] = min(self.extremes[2 * step, k], float(values.min()))
                self.extremes[2 * step + 1, k] = max(self.extremes[2 * step + 1, k], float(values.max()))
        return altered.any(axis=1)

    def to_frame(self):
        """A row per changed covariate: cells altered, range there before and after, training range, cells beyond it."""
        extremes = np.where(np.isfinite(self.extremes), self.extremes, np.nan)
        limits = np.array([self.ranges.get(p.name, (np.nan, np.nan)) for p in self.predictors], dtype=float)
        return pd.DataFrame(
            {
                "covariate": [predictor.name for predictor in self.predictors],
                "cells": self.cells,
                "before_minimum": extremes[0],
                "before_maximum": extremes[1],
                "after_minimum": extremes[2],
                "after_maximum": extremes[3],
                "training_minimum": limits[:, 0],
                "training_maximum": limits[:, 1],
                "outside_before": self.outside[0],
                "outside_after": self.outside[1],
            }
        )
