"""What the tools of the risk model share: rasters as covariates, and a name that tells what a model is worth."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
)

from . import parameters as p
from . import styling
from .rasters import raster_paths

NO_SKILL = "NO SKILL, does not beat the mean"
NOT_OVER_KRIGING = "not surely better than kriging"
WAYS = {"kriging": "'Interpolate a site variable'", "linear model": "'Multiple regression'"}


def model_file(label):
    """A model that 'Train a risk model' wrote."""
    return QgsProcessingParameterFile("MODEL", label, extension="json")


def declare_rasters(algorithm, label):
    """Covariate rasters, and the names of their classes."""
    raster = QgsProcessing.SourceType.TypeRaster
    algorithm.addParameter(QgsProcessingParameterMultipleLayers("RASTERS", label, raster, optional=True))
    text = algorithm.tr("Class names of rasters, as 'landcover=classes.tsv; rock=rock.tsv'")
    algorithm.addParameter(p.advanced(p.text("CLASSES", text)))


def declare_map(algorithm):
    """What a prediction on rasters needs beside the model: rasters, template, extent, which cells stay empty."""
    declare_rasters(algorithm, algorithm.tr("Rasters in the place of the model's own"))
    label = algorithm.tr("Template raster (empty: the model's first covariate)")
    algorithm.addParameter(QgsProcessingParameterRasterLayer("TEMPLATE", label, optional=True))
    algorithm.addParameter(QgsProcessingParameterExtent("EXTENT", algorithm.tr("Extent"), optional=True))
    distance = algorithm.tr("No farther from a training site than (m; 0: everywhere)")
    algorithm.addParameter(p.advanced(p.decimal("MAX_DISTANCE", distance, 0.0, 0.0)))
    missing = algorithm.tr("Also predict cells where some covariates have no value")
    algorithm.addParameter(p.advanced(QgsProcessingParameterBoolean("ALLOW_MISSING", missing, False)))


def read_rasters(algorithm, parameters, context, monitor):
    """The rasters given as a manifest, or None."""
    from ..core.covariates import describe_rasters, parse_class_files

    paths = raster_paths(algorithm, parameters, "RASTERS", context)
    if not paths:
        return None
    for path in paths:
        algorithm.record_file("RASTERS", path)
    classes = parse_class_files(algorithm.parameterAsString(parameters, "CLASSES", context))
    return describe_rasters(paths, classes=classes, monitor=monitor)


def rasters_for(model, given, monitor):
    """The model's covariates with the rasters given in the place of those of the same name.

    Says which are in another unit than those of the training, and which are interpolated surfaces.
    """
    from ..core.covariates import surface_note

    merged = _merged(model, given)
    if given is not None and model.manifest is not None:
        for text in model.manifest.other_units(given):
            monitor.warn(f"Covariate {text}: bring the raster into the unit of the training.")
    elif merged is not None:  # of rasters given here it has been said as they were read
        note = surface_note(merged.select([name for name in model.names if name in merged.names]))
        if note:
            monitor.warn(note)
    return merged


def _merged(model, given):
    from ..core.covariates import Manifest

    if given is None or model.manifest is None:
        return given or model.manifest
    new = {covariate.name: covariate for covariate in given.covariates}
    covariates = []
    for old in model.manifest.covariates:
        other = new.pop(old.name, None)
        if other:
            old = replace(
                old,
                path=other.path,
                band=other.band,
                categories=other.categories or old.categories,
                unit=other.unit or old.unit,
                interpolated=other.interpolated,
            )
        covariates.append(old)
    return Manifest((*covariates, *new.values()))


def load_model(algorithm, parameters, context, monitor):
    """The model of the parameter MODEL; says at once if it has no skill."""
    from ..core.risk_model import load_risk_model, sidecar_path

    path = algorithm.parameterAsFile(parameters, "MODEL", context)
    model = load_risk_model(path)
    algorithm.record_file("MODEL", path)
    worth = worth_of(model)
    (monitor.warn if worth else monitor.info)(f"{sidecar_path(path).name}: {model.skill.sentence}")
    if worth and model.skill.better in WAYS:
        monitor.warn(f"{WAYS[model.skill.better]} gives the better alternative.")
    return model


def worth_of(model):
    """What the legend says of a model that something simpler equals; "" of one that surely beats mean and kriging."""
    if not model.skill.has_skill:
        return NO_SKILL
    return NOT_OVER_KRIGING if model.skill.beats_kriging is False else ""


def layer_name(model, what):
    """Name of a layer on the map: classes, what it is, and a word on a model that is worth nothing."""
    title = model.scheme.label if model.scheme else model.target
    worth = worth_of(model)
    return f"{title}: {what} ({worth})" if worth else f"{title}: {what}"


def points_style(model, field):
    """Points in the model's classes, or by quantiles of a target without classes."""
    return styling.risk_points(field, model.scheme) if model.scheme else styling.graduated_points(field)


def raster_style(model):
    """A raster in the model's classes, or a colour ramp for a target without classes."""
    return styling.risk_raster(model.scheme) if model.scheme else styling.continuous_raster()


def applicability_name(model):
    """Name of the layer that covers what lies outside the area of applicability."""
    return f"{model.scheme.label if model.scheme else model.target}: area of applicability"


def classes_of(model, values):
    """Class numbers and names of values: a frame of ``class`` and ``class_name``; None without classes."""
    import pandas as pd

    from ..core.indices import classify

    if model.scheme is None:
        return None
    numbers = classify(values, model.scheme.limits)
    names = [None if pd.isna(number) else model.scheme.class_names[number - 1] for number in numbers]
    return pd.DataFrame({"class": numbers, "class_name": names})
