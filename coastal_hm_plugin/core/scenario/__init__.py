"""Scenarios: covariates changed as a user says, a model's predictions before and after, compared.

What comes out is what the model would predict from other covariates: an association, not the effect of an intervention.
"""

from .area import AreaOnGrid, area_on_grid, hectares
from .change_text import parse_changes
from .changes import Altered, Change
from .comparison import ALL, ALTERED, INSIDE, OUTSIDE, PART_LABELS
from .picture import Picture
from .points import compare_points
from .rasters import compare_rasters
from .result import Scenario, ScenarioFiles

__all__ = [
    "ALL",
    "ALTERED",
    "INSIDE",
    "OUTSIDE",
    "PART_LABELS",
    "Altered",
    "AreaOnGrid",
    "Change",
    "Picture",
    "Scenario",
    "ScenarioFiles",
    "area_on_grid",
    "compare_points",
    "compare_rasters",
    "hectares",
    "parse_changes",
]
