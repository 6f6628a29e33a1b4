"""Raster covariates: which rasters (manifest), their values at points (sampling) and on a grid."""

from .classes import band_classes, parse_class_files, read_classes
from .describe import SUGGESTED, codes_as_classes, describe_rasters, field_name, raster_stem
from .grid import AlignedCovariates, Grid
from .manifest import METHODS, Covariate, Manifest
from .presets import Preset, given_presets, preset_names, preset_of, presets
from .sampling import CovariateSamples, sample_covariates
from .surfaces import surface_note

__all__ = [
    "METHODS",
    "SUGGESTED",
    "AlignedCovariates",
    "Covariate",
    "CovariateSamples",
    "Grid",
    "Manifest",
    "Preset",
    "band_classes",
    "codes_as_classes",
    "describe_rasters",
    "field_name",
    "given_presets",
    "parse_class_files",
    "preset_names",
    "preset_of",
    "presets",
    "raster_stem",
    "read_classes",
    "sample_covariates",
    "surface_note",
]
