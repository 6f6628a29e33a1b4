"""The full coastal assessment: everything the data allow, in one run."""

from .options import AssessmentInputs, AssessmentOptions
from .result import Assessment, Holdout, MediumResult, Skipped, TrainedModel
from .workflow import run_assessment

__all__ = [
    "Assessment",
    "AssessmentInputs",
    "AssessmentOptions",
    "Holdout",
    "MediumResult",
    "Skipped",
    "TrainedModel",
    "run_assessment",
]
