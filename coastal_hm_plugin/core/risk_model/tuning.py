"""Search of the trees' parameters inside training folds: seeded, bounded by a number of candidates and by seconds."""

from dataclasses import asdict, dataclass, replace
from time import monotonic

import numpy as np
import pandas as pd

from ..errors import Cancelled
from ..monitor import Monitor
from . import boosting, scores
from .cross_validation import choose
from .folds import deal
from .parallel import run_all

INNER_FOLDS = 3
SEARCHED = ("max_depth", "n_trees", "learning_rate", "min_child_weight", "reg_lambda")


@dataclass(frozen=True)
class Search:
    """trees: of every training set, in the order given. table: a row per candidate tried, the default first.

    Columns of table: the parameters, relative_loss (mean over the training sets of the inner loss over that of the
    default), chosen_share (of the training sets), in_model (whether the last training set, all sites, chose it).
    """

    trees: tuple
    table: pd.DataFrame


def candidates(options):
    """The default and as many others as ``options.search`` asks for. The seed decides; a longer list begins alike."""
    rng = np.random.default_rng([options.seed, 5])
    found = [options.trees]
    for _ in range(options.search):
        found.append(
            replace(
                options.trees,
                max_depth=int(rng.integers(1, 7)),
                n_trees=int(rng.choice([50, 100, 200, 400])),
                learning_rate=float(np.round(np.exp(rng.uniform(np.log(0.015), np.log(0.2))), 3)),
                min_child_weight=float(rng.choice([1.0, 2.0, 4.0, 8.0])),
                reg_lambda=float(rng.choice([0.3, 1.0, 3.0, 10.0])),
            )
        )
    return found


def search_trees(data, training_sets, options, monitor):
    """The trees that each training set prefers: Search.

    training_sets: pairs of rows (m) and the codes of blocks that stay together (m). Each is split into three inner
    folds of whole blocks, in which predictors are chosen and every candidate is fitted anew; the least inner loss wins.
    No row outside a training set takes part in its choice.

    All training sets try a candidate before any tries the next, so that a search cut short by
    ``options.search_seconds`` is the search of fewer candidates, the same on every machine; it is told how many.
    """
    inner = [fold for number, given in enumerate(training_sets) for fold in _inner_folds(number, *given, options)]
    deadline = monotonic() + options.search_seconds

    def is_over():
        return monotonic() > deadline

    timed = Monitor(is_cancelled=lambda: monitor.is_cancelled() or is_over())
    tried = candidates(options)
    losses = []
    try:
        chosen = run_all(_chosen, (data, options), inner, timed)
        for number, trees in enumerate(tried):
            monitor.progress(number / len(tried))
            jobs = list(zip(inner, chosen))
            found = run_all(_loss, (data, options, trees), jobs, timed)
            losses.append(np.bincount([fold[0] for fold in inner], found, len(training_sets)))
    except Cancelled:
        monitor.check()
        monitor.warn(
            f"The search of parameters reached its {options.search_seconds:g} s after {max(len(losses) - 1, 0)} of "
            f"{options.search} candidates, and was ended there. A search of that many gives the same numbers again."
        )
    if not losses:
        losses.append(np.ones(len(training_sets)))
    return _decided(tried, np.array(losses), monitor)


def _inner_folds(number, rows, blocks, options):
    """(training set, rows to learn from, rows to score) of one training set."""
    codes = np.unique(blocks, return_inverse=True)[1].ravel()
    if codes.max() < 1:
        codes = np.arange(len(rows))
    fold_of = deal(codes, INNER_FOLDS, 1, np.random.default_rng([options.seed, number]))[0]
    return [(number, rows[fold_of != fold], rows[fold_of == fold]) for fold in range(fold_of.max() + 1)]


def _chosen(data, options, fold, is_cancelled=lambda: False):
    _, train, _ = fold
    return choose(data.matrix[train], data.y[train], data, options, is_cancelled)


def _loss(data, options, trees, job, is_cancelled=lambda: False):
    (_, train, test), chosen = job
    booster = boosting.fit(data.matrix[train][:, chosen], data.y[train], data.is_category[chosen], trees, is_cancelled)
    predicted = boosting.predict(booster, data.matrix[test][:, chosen]).astype(np.float64)
    return scores.losses(data.y[test], predicted, options.transform).sum()


def _decided(tried, losses, monitor):
    best = np.argmin(losses, axis=0)
    table = pd.DataFrame([{name: asdict(trees)[name] for name in SEARCHED} for trees in tried[: len(losses)]])
    table["relative_loss"] = np.mean(losses / losses[0], axis=1)
    table["chosen_share"] = np.bincount(best, minlength=len(losses)) / losses.shape[1]
    monitor.progress(1.0)
    table["in_model"] = np.arange(len(losses)) == best[-1]
    return Search(tuple(tried[number] for number in best), table)
