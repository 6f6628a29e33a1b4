"""Statistics of sites: groups compared, correlations and Mantel tests, multiple regression."""

from .adjust import benjamini_hochberg, holm
from .groups import GroupComparison, GroupOptions, compare_groups
from .letters import compact_letters
from .variables import Variables, read_variables

__all__ = [
    "GroupComparison",
    "GroupOptions",
    "Variables",
    "benjamini_hochberg",
    "compact_letters",
    "compare_groups",
    "holm",
    "read_variables",
]
