"""Geochemical baselines (GeoB): what an element's concentration is where nothing has been added.

Four statistical methods, each with its uncertainty: iterative mean (IMEA), iterative median (IMED),
box plot and relative cumulative frequency (RCF).
"""

from .estimate import geochemical_baselines
from .options import DECIMAL, LOG_PROBABILITY, METHOD_TITLES, METHODS, BaselineOptions
from .recommend import recommend
from .result import Baselines

__all__ = [
    "DECIMAL",
    "LOG_PROBABILITY",
    "METHODS",
    "METHOD_TITLES",
    "BaselineOptions",
    "Baselines",
    "geochemical_baselines",
    "recommend",
]
