"""Positive matrix factorization: the base model and its error estimation, to EPA PMF 5.0.

>>> from coastal_hm_plugin.core import pmf
>>> data = pmf.prepare(concentrations, {"Cd": 0.01}, rules=pmf.UncertaintyRules(error_fraction=0.1))
>>> result = pmf.factorize(data, pmf.PmfOptions(factors=4, seed=1))
>>> result.profiles(), result.contributions(), result.species_table(), result.runs_table()
>>> pmf.bootstrap(data, result).mapping_table(), pmf.displace(data, result).intervals()
"""

from ..companion_fields import split_names
from .base_model import PmfOptions, apportion, factorize, families, match_factors, random_starts
from .diagnostics import q_expected, q_robust, q_true, species_diagnostics
from .error_estimation.blocks import spatial_blocks
from .error_estimation.bootstrap import Bootstrap, BootstrapOptions, bootstrap
from .error_estimation.bs_disp import BsDisp, bootstrap_displace
from .error_estimation.displacement import Displacement, displace, join_intervals
from .factor_number import FactorNumber, FactorNumberOptions, choose_factor_number
from .fields import error_fractions, own_species, uncertainty_table
from .matching import FactorComparison, MatchOptions, compare_factors
from .media import Joint, joint
from .result import PmfResult, Runs
from .rotation.constraint_text import Constraint, parse_constraints
from .rotation.constraints import Constrained, constrain
from .rotation.fpeak import Fpeak, fpeak
from .solver import Fits, SolverOptions, solve
from .uncertainty import PmfData, UncertaintyRules, prepare, signal_to_noise, uncertainties

__all__ = [
    "Bootstrap",
    "BootstrapOptions",
    "BsDisp",
    "Constrained",
    "Constraint",
    "Displacement",
    "FactorComparison",
    "FactorNumber",
    "FactorNumberOptions",
    "Fits",
    "Fpeak",
    "Joint",
    "MatchOptions",
    "PmfData",
    "PmfOptions",
    "PmfResult",
    "Runs",
    "SolverOptions",
    "UncertaintyRules",
    "apportion",
    "bootstrap",
    "bootstrap_displace",
    "choose_factor_number",
    "compare_factors",
    "constrain",
    "displace",
    "error_fractions",
    "factorize",
    "families",
    "fpeak",
    "join_intervals",
    "joint",
    "match_factors",
    "own_species",
    "parse_constraints",
    "prepare",
    "q_expected",
    "q_robust",
    "q_true",
    "random_starts",
    "signal_to_noise",
    "solve",
    "spatial_blocks",
    "species_diagnostics",
    "split_names",
    "uncertainties",
    "uncertainty_table",
]
