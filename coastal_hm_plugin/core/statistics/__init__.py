"""Statistics of sites: groups compared, correlations and Mantel tests, multiple regression."""

from .adjust import benjamini_hochberg, holm
from .correlation import CorrelationOptions, Correlations, correlate
from .groups import GroupComparison, GroupOptions, compare_groups
from .letters import compact_letters
from .mantel import Control, MantelOptions, MantelTests, distance_matrix, mantel_tests, named_sets
from .regression import Regression, RegressionOptions, fit_regression
from .spatial import morans_i, neighbour_weights, site_positions
from .transforms import transformed
from .variables import Variables, read_variables

__all__ = [
    "Control",
    "CorrelationOptions",
    "Correlations",
    "GroupComparison",
    "GroupOptions",
    "MantelOptions",
    "MantelTests",
    "Regression",
    "RegressionOptions",
    "Variables",
    "benjamini_hochberg",
    "compact_letters",
    "compare_groups",
    "correlate",
    "distance_matrix",
    "fit_regression",
    "holm",
    "mantel_tests",
    "morans_i",
    "named_sets",
    "neighbour_weights",
    "read_variables",
    "site_positions",
    "transformed",
]
