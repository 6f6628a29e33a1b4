"""Kriging of what is known at sites only: variograms, ordinary and regression kriging, surfaces with their variance."""

from .interpolation import Interpolation, KrigingOptions, interpolate
from .solver import Kriging, LeaveOneOut
from .surface import Surface, grid_around, write_surface
from .trend import Trend
from .variogram import MODELS, Variogram, empirical_variogram, fit_variogram

__all__ = [
    "MODELS",
    "Interpolation",
    "Kriging",
    "KrigingOptions",
    "LeaveOneOut",
    "Surface",
    "Trend",
    "Variogram",
    "empirical_variogram",
    "fit_variogram",
    "grid_around",
    "interpolate",
    "write_surface",
]
