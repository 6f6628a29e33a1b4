"""What is wrong with the parameters of a tool, said before it runs and at the right field.

A parameter's name means the same in every tool, so the checks go by name and kind. They use the core's own parsers and
refuse only what the run itself would refuse; what they cannot judge they leave to the run.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
)

from ..core.errors import InputError
from . import backgrounds, compat, layers, pmf_rotation

MEDIA = ("soil", "sediment", "water")
# fields that a tool reads in any case when they are given
FIELDS = ("TARGET", "VARIABLE", "VARIABLES", "GROUP_FIELD", "ISOTOPES", "MEDIUM", "UNCERTAINTY", "WEIGHT")
OFFERED = ("PREDICTORS", "GROUPS")  # of a risk model: these may be rasters, too
WITH_SAMPLES = ("FIELDS", "LOG_FIELDS", "GROUP")


@dataclass(frozen=True)
class Given:
    """The parameters as they are given to a tool."""

    algorithm: Any
    parameters: dict
    context: Any

    def has(self, name):
        """Whether a value is given."""
        value = self.parameters.get(name)
        return not compat.is_null(value) and value not in ("", [])

    def optional(self, name):
        """Whether the tool has such a parameter and runs without it."""
        definition = self.algorithm.parameterDefinition(name)
        return definition is not None and bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional)

    def text(self, name):
        return self.algorithm.parameterAsString(self.parameters, name, self.context).strip()

    def number(self, name):
        return self.algorithm.parameterAsEnum(self.parameters, name, self.context)

    def names(self, name):
        return compat.field_names(self.algorithm, self.parameters, name, self.context)

    def source(self, name):
        return layers.source_of(self.algorithm, self.parameters, name, self.context)

    def fields_of(self, name):
        """The names of a layer's fields."""
        return self.source(name).fields().names()


def first_problem(algorithm, parameters, context):
    """What is wrong with the first parameter that cannot be used, after its label; "" if nothing is seen."""
    given = Given(algorithm, parameters, context)
    for definition in algorithm.parameterDefinitions():
        check = BY_KIND.get(definition.type()) or _by_name(definition)
        if check is None:
            continue
        problem = _problem(check, given, definition)
        if problem:
            return problem
    return ""


def _problem(check, given, definition):
    try:
        check(given, definition.name())
    except (InputError, QgsProcessingException) as error:
        label = re.split("[,;(，；（]", definition.description())[0].strip()
        return str(error) if str(error).startswith(label) else f"{label}: {error}"
    except Exception:  # a package is missing, say, or a file is damaged: the run tells
        return ""
    return ""


def _by_name(definition):
    if definition.type() != "string":
        return None
    name = definition.name()
    return TEXTS.get(name) or next((check for end, check in ENDINGS.items() if name.endswith(end)), None)


def _layer(given, name):
    """Points need a coordinate reference system, and there must be some."""
    definition = given.algorithm.parameterDefinition(name)
    if not given.has(name) or definition.dataTypes() != [QgsProcessing.SourceType.TypeVectorPoint]:
        return
    source = layers.point_source(given.algorithm, given.parameters, name, given.context)
    if source.featureCount() == 0:
        kind, rows = ("Table", "rows") if layers.is_table(source) else ("Layer", "points")
        raise InputError(f"{kind} '{source.sourceName()}' holds no {rows}.")
    if name == "INPUT" and given.algorithm.name() == "trainriskmodel":
        _enough_sites(source)


def _enough_sites(source):
    from ..core.risk_model.data import FEWEST_SITES

    if 0 <= source.featureCount() < FEWEST_SITES:
        raise InputError(
            f"Layer '{source.sourceName()}' holds {source.featureCount()} sites; a risk model needs {FEWEST_SITES} at "
            "least."
        )


def _field(given, name):
    """Fields must be in the layer."""
    definition = given.algorithm.parameterDefinition(name)
    if definition.parentLayerParameterName() != "INPUT" or not given.has("INPUT"):
        return
    rasters = given.has("RASTERS")
    if name not in (*FIELDS, *WITH_SAMPLES) and (name not in OFFERED or rasters):
        return
    fields = given.fields_of("INPUT")
    absent = [one for one in given.names(name) if one not in fields]
    if absent and not (rasters and _from_raster(given, absent[0])):
        use = " for the groups" if name == "GROUP_FIELD" else ""
        raise InputError(f"There is no field '{absent[0]}'{use}. The fields are: {', '.join(fields)}.")
    if name == "PREDICTORS" and not given.optional(name) and given.text("TARGET") in given.names(name):
        raise InputError(f"'{given.text('TARGET')}' is the target and a predictor. Leave it out of the predictors.")


def _from_raster(given, name):
    from ..core.covariates.describe import field_name, raster_stem
    from .rasters import raster_paths

    paths = raster_paths(given.algorithm, given.parameters, "RASTERS", given.context)
    return any(name.startswith(field_name(raster_stem(path))) for path in paths)


def _file(given, name):
    """Files must be there; a risk model with its sidecar."""
    path = given.algorithm.parameterAsFile(given.parameters, name, given.context)
    if not path:
        return
    if name == "MANIFEST" or (name == "MODEL" and given.optional(name)):
        from ..core.covariates import Manifest

        Manifest.read(path)
    elif name == "MODEL" and not (Path(path).is_file() and _sidecar(path).is_file()):
        raise InputError(
            f"'{path}' is no risk model, or its sidecar '{_sidecar(path).name}' is not beside it. Keep both together."
        )
    elif not Path(path).is_file() and (name.startswith("EPA_") or (name == "MODEL_FILE" and _is_written(given))):
        raise InputError(f"There is no file '{path}'.")


def _sidecar(path):
    from ..core.risk_model import sidecar_path

    path = Path(path)
    return path if path.name.endswith(".sidecar.json") else sidecar_path(path)


def _geotiff(given, name):
    """Rasters are written as GeoTIFF."""
    value = given.parameters.get(name)
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink.staticValue()
    if not isinstance(value, str) or value in ("", QgsProcessing.TEMPORARY_OUTPUT):
        return
    if Path(value).suffix.lower() not in (".tif", ".tiff"):
        raise InputError(f"'{value}': rasters are written as GeoTIFF. Choose a name that ends in .tif.")


def _extent(given, name):
    """An extent must meet the template raster, if a raster is to be written."""
    wanted = (d.name() for d in given.algorithm.destinationParameterDefinitions() if d.type() == "rasterDestination")
    if not given.has(name) or not given.has("TEMPLATE") or not any(given.has(one) for one in wanted):
        return
    template = given.algorithm.parameterAsRasterLayer(given.parameters, "TEMPLATE", given.context)
    extent = given.algorithm.parameterAsExtent(given.parameters, name, given.context, template.crs())
    if extent.isNull() or extent.isEmpty():
        return
    if not extent.intersects(template.extent()):
        raise InputError(
            f"It does not overlap the template raster '{template.name()}'. Check its coordinate reference system."
        )


def _elements(given, name):
    """Fields of elements: known elements, fields that are there, one field for each metal."""
    _matches(given, name.removesuffix("ELEMENTS"))


def _units(given, name):
    from ..core.chemistry import factor_to_standard, parse_unit
    from ..core.samples import parse_assignments

    text, prefix = given.text(name), name.removesuffix("UNITS")
    matches = _matches(given, prefix)
    if not text or matches is None:
        return
    units = parse_assignments(text, "units") if "=" in text else dict.fromkeys(matches.elements, parse_unit(text))
    for element in matches.elements:
        if element in units:
            factor_to_standard(units[element], _medium(given, prefix), element)


def _detection_limits(given, name):
    from ..core.samples import parse_assignments

    text, prefix = given.text(name), name.removesuffix("DETECTION_LIMITS")
    matches = _matches(given, prefix)
    if not text or matches is None:
        return
    limits = parse_assignments(text, "detection limits")
    fields = given.fields_of(_layer_of(given, prefix))
    for element in matches.elements:
        if element in limits and limits[element] not in fields and not _is_positive(limits[element]):
            raise InputError(
                f"The detection limit of {element}, '{limits[element]}', is neither a positive number nor a field."
            )


def _is_positive(text):
    try:
        return 0 < float(text) < float("inf")
    except ValueError:
        return False


def _companions(given, name):
    """Fields beside those of the elements, as 'Cd=cd_sd; Pb=pb_sd'."""
    from ..core.companion_fields import assignments

    what = "uncertainty" if name == "UNCERTAINTIES" else "standard deviation"
    prefix = "" if name == "UNCERTAINTIES" else name.removesuffix("SDS")
    species = _species(given, prefix)
    if not given.text(name) or not species:
        return
    fields = given.fields_of(_layer_of(given, prefix))
    for one, field in assignments(given.text(name), species, f"{'an' if what[0] == 'u' else 'a'} {what} field").items():
        if field not in fields:
            raise InputError(
                f"There is no field '{field}' for the {what} of {one}. The fields are: {', '.join(fields)}."
            )


def _error_fractions(given, name):
    from ..core.pmf import error_fractions

    species = _species(given, "")
    if species:
        error_fractions(given.text(name), species, 0.1)


def _constraints(given, name):
    from ..core.pmf.rotation.constraint_text import parse_constraints

    species = _species(given, "")
    if given.text(name) and species:
        factors = given.algorithm.parameterAsInt(given.parameters, "FACTORS", given.context)
        parse_constraints(given.text(name), species, factors)


def _fpeak(given, name):
    pmf_rotation.asked(given.algorithm, {name: given.parameters.get(name)}, given.context)


def _background_values(given, name):
    backgrounds.own_values(given.text(name))


def _toxic_response(given, name):
    backgrounds.own_values(given.text(name), "toxic response factors")


def _classes(given, name):
    """Class files, where rasters are read that they belong to."""
    from ..core.covariates import parse_class_files

    from_model = given.optional("MODEL") and given.has("MODEL")
    if given.has("RASTERS") and not from_model:
        parse_class_files(given.text(name))


def _changes(given, name):
    """Changes of a scenario: covariates and classes that the model knows."""
    from ..core.risk_model import Predictor
    from ..core.scenario import parse_changes

    path = given.algorithm.parameterAsFile(given.parameters, "MODEL", given.context)
    side = json.loads(_sidecar(path).read_text(encoding="utf-8"))
    predictors = [Predictor(entry["name"], tuple(entry["labels"])) for entry in side["features"]]
    parse_changes(given.text(name), predictors, side["inputs"]["predictor"])


def _model_text(given, name):
    from ..core.sem.syntax import parse

    if _is_written(given) and given.text(name):
        parse(given.text(name))


def _is_written(given):
    """Whether a structural equation model is the one written, not the ready one."""
    return given.number("MODEL_KIND") == 0


def _layer_of(given, prefix):
    """The parameter of the layer that holds a medium; None where no such layer is read."""
    if prefix in ("", "SECOND_"):
        layer = "INPUT_2" if prefix else "INPUT"
        return layer if given.has(layer) else None
    own = prefix.rstrip("_")
    if given.has(own):
        return own
    # a tool that must have sediment looks there for the other medium's fields
    shared = given.has("SEDIMENT") and not given.optional("SEDIMENT")
    return "SEDIMENT" if shared else None


def _medium(given, prefix):
    if prefix in ("", "SECOND_"):
        return MEDIA[given.number("MEDIUM_2" if prefix else "MEDIUM")]
    return prefix.rstrip("_").lower()


def _matches(given, prefix):
    """Which fields hold which element, as the run will find them: FieldMatches; None where no samples are read."""
    from ..core.chemistry import recognise

    layer = _layer_of(given, prefix)
    if layer is None or (layer == "INPUT" and given.has("FIELDS")):
        return None
    return recognise(given.fields_of(layer), _medium(given, prefix), given.text(f"{prefix}ELEMENTS") or None)


def _species(given, prefix):
    """The species there may be: elements, or the fields that are named."""
    if not prefix and given.has("INPUT") and given.has("FIELDS"):
        return tuple(given.names("FIELDS"))
    matches = _matches(given, prefix)
    return matches.elements if matches else ()


BY_KIND = {"source": _layer, "field": _field, "file": _file, "rasterDestination": _geotiff, "extent": _extent}
TEXTS = {
    "BACKGROUND_VALUES": _background_values,
    "CHANGES": _changes,
    "CLASSES": _classes,
    "CONSTRAINTS": _constraints,
    "ERROR_FRACTIONS": _error_fractions,
    "FPEAK": _fpeak,
    "MODEL": _model_text,
    "TOXIC_RESPONSE": _toxic_response,
    "UNCERTAINTIES": _companions,
}
ENDINGS = {"ELEMENTS": _elements, "UNITS": _units, "DETECTION_LIMITS": _detection_limits, "SDS": _companions}
