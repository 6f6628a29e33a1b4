"""Structural equation models: lavaan's syntax and numbers (Rosseel 2012, doi:10.18637/jss.v048.i02)."""

from .fit import fit
from .media_model import MEDIA, media_model
from .moments import logarithms
from .refine import Refinement, refine
from .result import ESTIMATORS, MISSING, FitOptions, Problem, SemFit
from .syntax import ModelText, parse

__all__ = [
    "ESTIMATORS",
    "MEDIA",
    "MISSING",
    "FitOptions",
    "ModelText",
    "Problem",
    "Refinement",
    "SemFit",
    "fit",
    "logarithms",
    "media_model",
    "parse",
    "refine",
]
