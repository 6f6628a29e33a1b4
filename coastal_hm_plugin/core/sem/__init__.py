"""Structural equation models: lavaan's syntax and numbers (Rosseel 2012, doi:10.18637/jss.v048.i02)."""

from .fit import fit
from .result import ESTIMATORS, MISSING, FitOptions, Problem, SemFit
from .syntax import ModelText, parse

__all__ = ["ESTIMATORS", "MISSING", "FitOptions", "ModelText", "Problem", "SemFit", "fit", "parse"]
