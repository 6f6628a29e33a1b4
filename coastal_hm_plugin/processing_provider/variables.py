"""Numeric fields of a layer as the variables of a statistic."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource, QgsProcessingParameterField

from . import compat, parameters
from .places import read_places


def declare_sites(algorithm, label):
    """Add INPUT: points, or a table with or without coordinates."""
    vector = QgsProcessing.SourceType.TypeVector
    algorithm.addParameter(QgsProcessingParameterFeatureSource("INPUT", label, [vector]))


def field_parameter(name, label, several=False, optional=True, parent="INPUT", default=None):
    """One field of a layer, of any type (laboratories write "<0.1"), or several. default: chosen where it is there."""
    anything = QgsProcessingParameterField.DataType.Any
    return QgsProcessingParameterField(name, label, default, parent, anything, several, optional)


def read_sites(algorithm, given, context, monitor):
    """The rows of INPUT as Places."""
    return read_places(algorithm, given, "INPUT", context, monitor)


def read_fields(algorithm, given, name, table, context, monitor, without=()):
    """Variables of the fields in parameter ``name`` (none: those recognised, but ``without``); tells what was lost."""
    names = compat.field_names(algorithm, given, name, context)
    return read_named(algorithm, given, names, table, context, monitor, without)


def read_named(algorithm, given, names, table, context, monitor, without=()):
    """Variables of the fields of these names, see :func:`read_fields`."""
    from ..core.statistics import read_variables

    rule = parameters.NON_DETECT_RULES[algorithm.parameterAsEnum(given, "NON_DETECTS", context)]
    read = read_variables(table, names, rule, without)
    for warning in read.warnings:
        monitor.warn(warning)
    for loss in read.losses:
        if not loss.doubtful:
            monitor.info(f"{loss}.")
    monitor.info(f"Variables: {', '.join(read.names)}.")
    return read
