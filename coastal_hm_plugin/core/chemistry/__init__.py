"""Elements, units and non-detects: from the columns of a laboratory's table to concentrations."""

from .elements import ATOMIC_WEIGHTS, HEAVY_METALS, symbol_of
from .fields import MEDIA, FieldMeaning, describe_field
from .nondetects import (
    HIGH_SHARE,
    NEGATIVES,
    SUBSTITUTIONS,
    Loss,
    Measured,
    read_measured,
    read_numbers,
    substitution_factor,
)
from .recognise import FieldMatches, parse_mapping, recognise
from .units import STANDARD_UNITS, doubtful_level, factor_to_standard, parse_unit, standard_unit, to_standard

__all__ = [
    "ATOMIC_WEIGHTS",
    "HEAVY_METALS",
    "HIGH_SHARE",
    "MEDIA",
    "NEGATIVES",
    "STANDARD_UNITS",
    "SUBSTITUTIONS",
    "FieldMatches",
    "FieldMeaning",
    "Loss",
    "Measured",
    "describe_field",
    "doubtful_level",
    "factor_to_standard",
    "parse_mapping",
    "parse_unit",
    "read_measured",
    "read_numbers",
    "recognise",
    "standard_unit",
    "substitution_factor",
    "symbol_of",
    "to_standard",
]
