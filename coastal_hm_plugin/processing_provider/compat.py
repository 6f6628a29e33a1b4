"""What differs between QGIS 3.22 and 4: the types of fields, NULL, and reading several field names."""

from qgis.core import NULL, QgsField
from qgis.PyQt.QtCore import QVariant

try:  # QGIS 3.38 and newer
    from qgis.PyQt.QtCore import QMetaType

    _TYPES = {
        "int": QMetaType.Type.LongLong,
        "float": QMetaType.Type.Double,
        "bool": QMetaType.Type.Bool,
        "text": QMetaType.Type.QString,
    }
    QgsField("probe", _TYPES["int"])
except (ImportError, AttributeError, TypeError):
    # older versions know only QVariant's types
    _NAMES = {"int": "LongLong", "float": "Double", "bool": "Bool", "text": "String"}
    _TYPES = {kind: getattr(QVariant, name) for kind, name in _NAMES.items()}


def make_field(name, kind):
    """A field of kind ``int``, ``float``, ``bool`` or ``text``."""
    return QgsField(name, _TYPES[kind])


def is_null(value):
    """Whether an attribute is NULL, however this QGIS says so."""
    return value is None or value == NULL


def field_names(algorithm, parameters, name, context):
    """The names in a parameter of several fields: newer QGIS has parameterAsStrings in place of parameterAsFields."""
    read = getattr(algorithm, "parameterAsStrings", None) or algorithm.parameterAsFields
    return read(parameters, name, context)
