"""Units of concentration: mg/kg for soil and sediment, ug/L for water."""

import re
import unicodedata

import numpy as np

from ..errors import InputError
from .elements import ATOMIC_WEIGHTS, COASTAL_WATER_UG_L, CRUST_MG_KG

STANDARD_UNITS = {"soil": "mg/kg", "sediment": "mg/kg", "water": "ug/L"}

# Factors to mg/kg and to ug/L (a litre of water taken as a kilogram for ppm and ppb)
_TO_MG_KG = {
    "mg/kg": 1.0, "ug/g": 1.0, "ppm": 1.0, "ug/kg": 1e-3, "ppb": 1e-3, "ng/g": 1e-3, "g/kg": 1e3, "mg/g": 1e3,
    "ng/kg": 1e-6, "%": 1e4,
}  # fmt: skip
_TO_UG_L = {"ug/L": 1.0, "mg/L": 1e3, "ng/L": 1e-3, "g/L": 1e6, "ppm": 1e3, "ppb": 1.0}
# Multiplied by the atomic weight (g/mol) these give ug/L
_MOLAR_TO_UG_L = {"umol/L": 1.0, "nmol/L": 1e-3, "pmol/L": 1e-6}

_MASS = "(?:ug|mg|ng|mcg|umol|nmol|pmol)"
_PATTERNS = (
    rf"(?P<top>{_MASS})(?:[\s/_.*·]|per)*(?P<bottom>kg|g|l)(?![a-z])(?:[\s_^*]*-?1(?!\d))?",
    r"(?P<top>g)(?:[\s/_.*·]|per)+(?P<bottom>kg|l)(?![a-z])(?:[\s_^*]*-?1(?!\d))?",
    r"(?P<alone>ppm|ppb|wt[\s._-]*%|wt[\s._-]*pct|%|percent|pct)(?![a-z])",
)


def find_unit(text):
    """The unit that a field's name ends or begins with, and the name without it: ``("mg/kg", "Cd ()")``."""
    plain = _plain(text)
    for pattern in _PATTERNS:
        match = re.search(rf"(?i)(?<![a-z]){pattern}", plain)
        if match:
            return _canonical(match.groupdict()), f"{plain[: match.start()]} {plain[match.end() :]}"
    return None, plain


def parse_unit(text):
    """A unit as people write it (``"µg g-1"``, ``"mg.kg-1"``, ``"wt%"``) in this module's spelling (``"ug/g"``).

    Raises InputError if it is not a known unit of concentration.
    """
    unit, rest = find_unit(str(text))
    if unit is None or re.sub(r"[\W_]|dw|dry|weight", "", rest.lower()):
        known = sorted({*_TO_MG_KG, *_TO_UG_L, *_MOLAR_TO_UG_L})
        raise InputError(f"'{text}' is not a known unit of concentration. Known units: {', '.join(known)}.")
    return unit


def factor_to_standard(unit, medium, element=None):
    """What a value in ``unit`` is multiplied by to give mg/kg (soil, sediment) or ug/L (water).

    Raises InputError if the unit does not fit the medium.
    """
    unit = parse_unit(unit)
    standard = standard_unit(medium)
    factors = _TO_UG_L if medium == "water" else _TO_MG_KG
    if unit in factors:
        return factors[unit]
    if medium == "water" and unit in _MOLAR_TO_UG_L and element in ATOMIC_WEIGHTS:
        return _MOLAR_TO_UG_L[unit] * ATOMIC_WEIGHTS[element]
    what = f" of {element}" if element else ""
    raise InputError(
        f"The unit {unit}{what} does not fit {medium}: it cannot be turned into {standard}. "
        f"Give its unit ({', '.join(factors)}), or leave the element out with '{element or 'Cd'}='."
    )


def to_standard(values, unit, medium, element=None):
    """Concentrations in mg/kg (soil, sediment) or ug/L (water) from an array in ``unit``."""
    return np.asarray(values, dtype=float) * factor_to_standard(unit, medium, element)


def standard_unit(medium):
    """ "mg/kg" or "ug/L"; raises InputError for an unknown medium."""
    if medium not in STANDARD_UNITS:
        raise InputError(f"'{medium}' is not a medium: it must be one of {', '.join(STANDARD_UNITS)}.")
    return STANDARD_UNITS[medium]


def doubtful_level(median, element, medium):
    """A warning if a column's median (standard unit) is so far from the ordinary that its unit is in doubt, or None."""
    ordinary = (COASTAL_WATER_UG_L if medium == "water" else CRUST_MG_KG).get(element)
    if ordinary is None or not np.isfinite(median) or median <= 0:
        return None
    high, low = (3000, 1 / 1000) if medium == "water" else (300, 1 / 100)
    ratio = median / ordinary
    if low <= ratio <= high:
        return None
    unit = standard_unit(medium)
    times = f"{ratio:,.0f} times" if ratio > 1 else f"1/{1 / ratio:,.0f} of"
    where = "ordinary coastal water" if medium == "water" else "the upper continental crust"
    return f"{element}: the median of {median:.3g} {unit} is {times} {where}. Check the unit of this column."


def _plain(text):
    return unicodedata.normalize("NFKC", str(text)).replace("μ", "u").replace("−", "-")


def _canonical(parts):
    if parts.get("alone"):
        name = parts["alone"].lower()
        return name if name in ("ppm", "ppb") else "%"
    bottom = parts["bottom"].lower()
    return f"{parts['top'].lower().replace('mcg', 'ug')}/{'L' if bottom == 'l' else bottom}"
