"""The way of Wu et al. (2025) beside the honest one, so that the difference can be seen."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from . import scores
from .cross_validation import chosen_on_all, cross_validate, splits
from .data import training_data
from .folds import random_folds
from .predictors import circular_predictors

WU2025_WARNING = (
    "Trained as in Wu et al. (2025): predictors that the target is computed from are allowed, and the best ten were "
    "chosen on the very sites that the folds then score. Both flatter the scores; they do not tell how well the model "
    "predicts a new site."
)
FOLDS = 5


@dataclass(frozen=True)
class PaperScore:
    """The score of the paper's way. scores: as a model's, of its random folds; names: the predictors chosen on all
    sites; circular: those of them that the target is computed from; sentence: how it differs from the honest score."""

    scores: pd.DataFrame
    names: tuple
    circular: tuple
    sentence: str


def score_as_in_wu2025(used, data, target, predictors, options, manifest, honest, monitor):
    """Rank on all sites, circular predictors allowed, keep the best ten, score on 5 random folds: PaperScore.

    used, data: the rows with a target; predictors, options, manifest: as the model's own; honest: a row of its scores,
    on its strictest folds, that the sentence compares with.
    """
    paper = replace(options, selection="wu2025", folds=FOLDS, max_predictors=10, importance_threshold=0.01, search=0)
    offered = training_data(used, data.y, target, predictors, paper, manifest, data.places)
    chosen = chosen_on_all(offered.data, paper, monitor.is_cancelled)
    folds = random_folds(len(data.y), FOLDS, paper.repeats, np.random.default_rng(paper.seed))
    held_out = cross_validate(offered.data.columns(chosen), splits([folds], paper), paper, monitor)
    table = scores.score_table(data.y, held_out.predictions[folds.scheme], folds, paper.transform, paper.seed)
    names = tuple(offered.names[number] for number in chosen)
    known = {entry.name for entry in circular_predictors(names, target, options.medium, options.elements)}
    circular = tuple(name for name in names if name in known or name in options.circular)
    return PaperScore(table, names, circular, _sentence(table.iloc[0], len(names), circular, honest))


def _sentence(row, count, circular, honest):
    allowed = f", {len(circular)} of which the target is computed from ({', '.join(circular)})" if circular else ""
    return (
        f"As in Wu et al. (2025) the score would be R² {scores.with_interval(row)}: {count} predictors{allowed}, "
        f"chosen on all sites and scored on {FOLDS} random folds of the same sites. Chosen inside the folds"
        f"{', without circular ones,' if circular else ''} and scored on {scores.SCHEME_LABELS[honest['folds']]} it is "
        f"{scores.with_interval(honest)}. What lies between is circularity, choice on the scored sites and help from "
        "neighbours; a new site has none of them."
    )
