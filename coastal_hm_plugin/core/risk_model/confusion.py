"""Observed risk classes against those of held-out predictions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..indices import classify


@dataclass(frozen=True)
class ClassAgreement:
    """counts: k x k frame of sites, observed classes as rows, predicted as columns. within_one: share at most one off.

    agreement: share of sites in the same class. kappa: Cohen's (1968) with quadratic weights: 1 for agreement, 0 for
    what chance gives with these margins, NaN where all sites are in one class.
    """

    counts: pd.DataFrame
    agreement: float
    within_one: float
    kappa: float


def class_agreement(observed, predicted, scheme):
    """Classes of n observed and predicted values in a :class:`RiskScheme`: ClassAgreement."""
    numbers = [classify(values, scheme.limits).to_numpy(dtype=np.int64) - 1 for values in (observed, predicted)]
    size = len(scheme.class_names)
    counts = np.bincount(numbers[0] * size + numbers[1], minlength=size**2).reshape(size, size)
    off = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    total = counts.sum()
    by_chance = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / total
    expected = (off**2 * by_chance).sum()
    kappa = 1 - (off**2 * counts).sum() / expected if expected > 0 else np.nan
    names = list(scheme.class_names)
    frame = pd.DataFrame(counts, index=pd.Index(names, name="observed"), columns=names)
    shares = [float(counts[off <= most].sum() / total) for most in (0, 1)]
    return ClassAgreement(frame, *shares, float(kappa))
