"""The score against the number of training sites: whether more samples would help."""

from dataclasses import replace

import numpy as np
import pandas as pd

from . import scores
from .cross_validation import cross_validate

SHARES = (0.3, 0.45, 0.6, 0.8)
FEWEST = 12


def learning_curve(data, jobs, scheme, held_out, options, monitor):
    """Scores of each model with fewer and fewer training sites on the same held-out sites: a frame.

    Columns as :func:`scores.score_table`, and n_train, the mean number of training sites. jobs: the folds of
    ``scheme``; held_out: their predictions with all training sites, the curve's last point. The smaller training sets
    are drawn at random, each one within the next; predictors, trees and variogram are learned from them alone.
    """
    orders = [np.random.default_rng([options.seed, number]).permutation(fold.train) for number, fold in enumerate(jobs)]
    points = []
    for number, share in enumerate(SHARES):
        sizes = [max(FEWEST, round(share * len(order))) for order in orders]
        if min(len(order) for order in orders) <= FEWEST:
            continue
        few = [replace(fold, train=np.sort(order[:n])) for fold, order, n in zip(jobs, orders, sizes)]
        part = monitor.part(number / len(SHARES), (number + 1) / len(SHARES))
        found = cross_validate(data, few, options, part)
        points.append((np.mean(sizes), found.predictions[scheme.scheme]))
    points.append((np.mean([len(order) for order in orders]), held_out))
    tables = [
        scores.score_table(data.y, predictions, scheme, options.transform, options.seed).assign(n_train=size)
        for size, predictions in points
    ]
    return pd.concat(tables, ignore_index=True)
