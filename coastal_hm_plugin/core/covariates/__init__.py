"""Raster covariates: which rasters (manifest), their values at points (sampling) and on a grid."""

from .classes import band_classes, parse_class_files, read_classes
from .describe import describe_rasters, field_name, raster_stem
from .grid import AlignedCovariates, Grid
from .manifest import METHODS, Covariate, Manifest
from .sampling import CovariateSamples, sample_covariates

__all__ = [
    "METHODS",
    "AlignedCovariates",
    "Covariate",
    "CovariateSamples",
    "Grid",
    "Manifest",
    "band_classes",
    "describe_rasters",
    "field_name",
    "parse_class_files",
    "raster_stem",
    "read_classes",
    "sample_covariates",
]
