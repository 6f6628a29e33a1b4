"""From raster files to a manifest: names, bands, classes and the method that suits each."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..monitor import SILENT
from .classes import band_classes
from .manifest import Covariate, Manifest
from .presets import preset_of
from .raster import open_raster, read_cells
from .surfaces import is_interpolated, surface_note, unit_of

CLASS_METHOD = {"bilinear": "nearest", "mean": "majority"}
SUGGESTED = "suggested"
MOST_CODES = 256  # beyond, an integer raster holds no classes
ROWS_AT_ONCE = 256


def describe_rasters(paths, method="nearest", radius_m=0.0, classes=None, names=None, monitor=SILENT):
    """The manifest of raster files: one covariate per band, named by the file (``name_1``, ``name_2`` ... if several).

    ``classes``: covariate or file name -> {code: label}; without it, an integer band with an attribute table
    or category names is a band of classes. Classes are never averaged: for them ``bilinear`` becomes ``nearest``
    and ``mean`` becomes ``majority``. ``names``: a name for each path, where the file name is not wanted.
    ``method`` may be "suggested": bilinear for numbers, nearest for classes and for integers that no preset knows.
    Role, unit and whether the raster is an interpolated surface are noted; the latter is said to the user.
    An alpha band is no covariate. Raises InputError for a raster that cannot be used, equal names, and
    classes for a raster that is not there.
    """
    classes = classes or {}
    if not paths:
        raise InputError("No raster is given.")
    covariates, used, suggested = [], set(), method == SUGGESTED
    for index, path in enumerate(paths):
        monitor.check()
        stem = field_name(names[index] if names else raster_stem(path))
        probe = Covariate(stem, str(path), method="nearest" if suggested else method, radius_m=radius_m)
        for covariate, is_integer in _bands(probe):
            key = next((key for key in (covariate.name, stem) if key in classes), None)
            used.add(key)
            labels = classes[key] if key else band_classes(path, covariate.band) if is_integer else {}
            wanted = _suggested(covariate, is_integer) if suggested else method
            chosen = CLASS_METHOD.get(wanted, wanted) if labels else wanted
            if chosen != wanted:
                monitor.info(f"Covariate '{covariate.name}' holds classes: {chosen} instead of {wanted}.")
            covariates.append(replace(covariate, method=chosen, categories=labels))
    unused = sorted(set(classes) - used)
    if unused:
        available = ", ".join(covariate.name for covariate in covariates)
        raise InputError(f"Classes are given for {', '.join(unused)}, but the rasters are {available}.")
    manifest = Manifest(tuple(covariates))
    _tell(manifest, monitor)
    return manifest


def _tell(manifest, monitor):
    known = [f"{c.name} ({preset_of(c.name).title.lower()}, {c.role})" for c in manifest.covariates if c.role]
    if known:
        monitor.info(f"Recognised by name (Wu et al. 2025, Table S5): {'; '.join(known)}.")
    if surface_note(manifest):
        monitor.warn(surface_note(manifest))


def _suggested(covariate, is_integer):
    preset = preset_of(covariate.name)
    if preset:
        return preset.method
    return "nearest" if is_integer else "bilinear"


def codes_as_classes(manifest, monitor=SILENT):
    """The manifest with classes named by their codes where a preset of classes has none: 3 becomes "3".

    For integer rasters that their name tells to hold classes (lithology, land use), without any names of these. Their
    codes are no quantities: as numbers they would order the rocks. A raster of more than 256 codes is left as it is.
    """
    covariates = []
    for covariate in manifest.covariates:
        preset = preset_of(covariate.name)
        if preset and preset.categorical and not covariate.categories:
            codes = _codes(covariate, monitor)
            if codes:
                method = CLASS_METHOD.get(covariate.method, covariate.method)
                covariate = replace(covariate, method=method, categories={code: str(code) for code in codes})
                monitor.info(
                    f"Covariate '{covariate.name}' holds {preset.title.lower()}: its {len(codes)} codes are taken as "
                    "classes. Class names would make the result readable."
                )
            else:
                monitor.warn(f"Covariate '{covariate.name}' should hold classes, but its cells are numbers.")
        covariates.append(covariate)
    return Manifest(tuple(covariates))


def _codes(covariate, monitor):
    """The different codes of an integer band, sorted; none if it holds numbers, or too many."""
    codes = set()
    with open_raster(covariate) as dataset:
        if np.dtype(dataset.dtypes[covariate.band - 1]).kind not in "iu":
            return ()
        for row in range(0, dataset.height, ROWS_AT_ONCE):
            monitor.check()
            rows = (row, min(row + ROWS_AT_ONCE, dataset.height))
            cells = read_cells(dataset, covariate.band, (0, dataset.width), rows)
            codes.update(np.unique(cells[np.isfinite(cells)]).astype(int).tolist())
            if len(codes) > MOST_CODES:
                return ()
    return tuple(sorted(codes))


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
        probe = replace(probe, interpolated=is_interpolated(dataset))
        bands = [b for b, use in zip(dataset.indexes, dataset.colorinterp) if use != ColorInterp.alpha]
        found = []
        for b in bands:
            name = probe.name if len(bands) == 1 else f"{probe.name}_{b}"
            role = preset_of(name).role if preset_of(name) else ""
            covariate = replace(probe, name=name, band=b, role=role, unit=unit_of(dataset, b))
            found.append((covariate, np.dtype(dataset.dtypes[b - 1]).kind in "iu"))
        return found
