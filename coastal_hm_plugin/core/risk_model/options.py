"""The choices behind a risk model."""

from dataclasses import dataclass
from typing import Optional

from ..chemistry.elements import HEAVY_METALS
from ..errors import InputError
from . import boosting

SELECTIONS = ("nested", "wu2025", "none")
TRANSFORMS = ("auto", "none", "log")


@dataclass(frozen=True)
class TrainingOptions:
    """How to train and score.

    folds, repeats: of the cross-validation. groups: column of the table whose values stay in one fold.
    block_size_m: side of the spatial blocks; None takes it from the data.
    matched: also score on folds whose held-out sites lie as far from the others as the map's cells do (kNNDM), where
    the covariates come from rasters.
    search: number of other parameters of the trees tried inside every training fold (0: none), in at most
    search_seconds. learning_curve: also score with fewer training sites. compare_wu2025: also score the paper's way.
    selection: "nested" chooses predictors anew inside every training fold, "wu2025" once on all data with circular
    predictors allowed (as in Wu et al. 2025), "none" keeps all. max_predictors, importance_threshold: at most so many,
    with a larger share of the gain. transform: "none", "log" (see :class:`boosting.Trees`), or "auto": log for a
    target above 0 with a skewness above 1.
    categories: number columns that hold class codes. medium: of the target, where its name does not say.
    circular: further columns that the target is computed from. elements: those in the target's index.
    interval_level: probability of the prediction intervals.
    """

    folds: int = 5
    repeats: int = 5
    groups: Optional[str] = None
    block_size_m: Optional[float] = None
    matched: bool = False
    search: int = 0
    search_seconds: float = 600.0
    learning_curve: bool = False
    compare_wu2025: bool = False
    selection: str = "nested"
    max_predictors: int = 10
    importance_threshold: float = 0.01
    transform: str = "auto"
    seed: int = 1
    n_trees: int = 200
    max_depth: int = 3
    learning_rate: float = 0.05
    categories: tuple = ()
    medium: Optional[str] = None
    circular: tuple = ()
    elements: tuple = HEAVY_METALS
    interval_level: float = 0.9

    def __post_init__(self):
        if self.selection not in SELECTIONS:
            raise InputError(f"Selection '{self.selection}' is not one of {', '.join(SELECTIONS)}.")
        if self.transform not in TRANSFORMS:
            raise InputError(f"Transform '{self.transform}' is not one of {', '.join(TRANSFORMS)}.")
        if self.folds < 2 or self.repeats < 1:
            raise InputError(f"Two folds and one repeat at least; got {self.folds} and {self.repeats}.")
        if self.search < 0 or not self.search_seconds > 0:
            raise InputError(
                "A search has 0 or more candidates and lasts more than 0 s; got "
                f"{self.search} and {self.search_seconds:g} s."
            )
        if self.block_size_m is not None and not self.block_size_m > 0:
            raise InputError(f"The side of spatial blocks must be above 0 m; got {self.block_size_m}.")
        if not 0.5 <= self.interval_level <= 0.99:
            raise InputError(f"The level of prediction intervals lies between 0.5 and 0.99; got {self.interval_level}.")

    @property
    def trees(self):
        """How the trees are grown."""
        return boosting.Trees(self.transform, self.n_trees, self.max_depth, self.learning_rate, self.seed)
