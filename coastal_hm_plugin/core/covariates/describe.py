"""From raster files to a manifest: names, bands, classes and the method that suits each."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..monitor import SILENT
from .classes import band_classes
from .manifest import Covariate, Manifest
from .raster import open_raster

CLASS_METHOD = {"bilinear": "nearest", "mean": "majority"}


def describe_rasters(paths, method="nearest", radius_m=0.0, classes=None, names=None, monitor=SILENT):
    """The manifest of raster files: one covariate per band, named by the file (``name_1``, ``name_2`` ... if several).

    ``classes``: covariate or file name -> {code: label}; without it, an integer band with an attribute table
    or category names is a band of classes. Classes are never averaged: for them ``bilinear`` becomes ``nearest``
    and ``mean`` becomes ``majority``. ``names``: a name for each path, where the file name is not wanted.
    An alpha band is no covariate. Raises InputError for a raster that cannot be used, equal names, and
    classes for a raster that is not there.
    """
    classes = classes or {}
    if not paths:
        raise InputError("No raster is given.")
    covariates, used = [], set()
    for index, path in enumerate(paths):
        monitor.check()
        stem = field_name(names[index] if names else raster_stem(path))
        probe = Covariate(stem, str(path), method=method, radius_m=radius_m)
        for covariate, is_integer in _bands(probe):
            key = next((key for key in (covariate.name, stem) if key in classes), None)
            used.add(key)
            labels = classes[key] if key else band_classes(path, covariate.band) if is_integer else {}
            chosen = CLASS_METHOD.get(method, method) if labels else method
            if chosen != method:
                monitor.info(f"Covariate '{covariate.name}' holds classes: {chosen} instead of {method}.")
            covariates.append(replace(covariate, method=chosen, categories=labels))
    unused = sorted(set(classes) - used)
    if unused:
        available = ", ".join(covariate.name for covariate in covariates)
        raise InputError(f"Classes are given for {', '.join(unused)}, but the rasters are {available}.")
    return Manifest(tuple(covariates))


def raster_stem(path):
    """The name in a raster's path: the file's, or the last part of a subdataset (``GPKG:file:table``)."""
    last = re.split(r"[:\"]+", str(path).strip('"'))[-1] if re.match(r"[A-Za-z0-9]{2,}:", str(path)) else str(path)
    return Path(last).stem


def field_name(text):
    """A name that every vector format and expression takes: letters, digits and underscores, no leading digit."""
    name = re.sub(r"\W+", "_", text).strip("_") or "raster"
    return f"_{name}" if name[0].isdigit() else name


def _bands(probe):
    """Each band of a raster as a covariate without classes, and whether it holds integers."""
    from rasterio.enums import ColorInterp

    with open_raster(probe) as dataset:
        bands = [b for b, use in zip(dataset.indexes, dataset.colorinterp) if use != ColorInterp.alpha]
        if len(bands) == 1:
            return [(replace(probe, band=bands[0]), np.dtype(dataset.dtypes[bands[0] - 1]).kind in "iu")]
        return [
            (replace(probe, name=f"{probe.name}_{b}", band=b), np.dtype(dataset.dtypes[b - 1]).kind in "iu")
            for b in bands
        ]
