"""The parameters that describe a medium's samples, and the samples read from them."""

from . import layers, parameters


def declare_sample_fields(algorithm, prefix="", label=""):
    """Add ELEMENTS, UNITS and DETECTION_LIMITS, each with ``prefix`` (``"SOIL_"``) before its name."""
    of = f" of the {label}" if label else ""
    elements = parameters.element_fields(f"{prefix}ELEMENTS", f"Elements and their fields{of}")
    # of several media they would fill the window, and most layers need none
    algorithm.addParameter(parameters.advanced(elements) if prefix else elements)
    algorithm.addParameter(parameters.units(f"{prefix}UNITS", f"Units{of}"))
    algorithm.addParameter(parameters.detection_limits(f"{prefix}DETECTION_LIMITS", f"Detection limits{of}"))


def sample_options(algorithm, given, context, prefix="", non_detects="NON_DETECTS"):
    """The core's SampleOptions from the parameters of declare_sample_fields and from NON_DETECTS."""
    from ..core.samples import SampleOptions

    def text(name):
        return algorithm.parameterAsString(given, f"{prefix}{name}", context).strip() or None

    rule = parameters.NON_DETECT_RULES[algorithm.parameterAsEnum(given, non_detects, context)]
    return SampleOptions(
        fields=text("ELEMENTS"), units=text("UNITS"), detection_limits=text("DETECTION_LIMITS"), nondetects=rule
    )


def read_samples(algorithm, given, name, medium, context, monitor, prefix=""):
    """The samples of the point layer in parameter ``name``. Raises InputError as the core's read_samples does."""
    from ..core import samples

    points = layers.read_points(algorithm, given, name, context, monitor)
    options = sample_options(algorithm, given, context, prefix)
    return samples.read_samples(points.table, points.x, points.y, points.crs_wkt, medium, options, monitor)
