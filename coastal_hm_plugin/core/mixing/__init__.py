"""Isotopes: deltas and fractionation, two end-members, Bayesian mixing of several sources."""

from .end_members import two_end_members, two_sources
from .fractionation import STANDARDS, Fractionation, delta, fractionation, fractionation_of_summary, standard_ratio
from .mixsiar_csv import Mixtures, read_discrimination, read_mixsiar_csv, read_mixtures, read_sources
from .model import ERRORS, RESIDUAL_PRIORS, MixingOptions
from .posterior import MixingResult, mixing_model, per_sample
from .sources import Sources

__all__ = [
    "ERRORS",
    "RESIDUAL_PRIORS",
    "STANDARDS",
    "Fractionation",
    "MixingOptions",
    "MixingResult",
    "Mixtures",
    "Sources",
    "delta",
    "fractionation",
    "fractionation_of_summary",
    "mixing_model",
    "per_sample",
    "read_discrimination",
    "read_mixsiar_csv",
    "read_mixtures",
    "read_sources",
    "standard_ratio",
    "two_end_members",
    "two_sources",
]
