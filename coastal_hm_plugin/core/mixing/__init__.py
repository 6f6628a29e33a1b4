"""Isotopes: deltas and fractionation, two end-members, Bayesian mixing of several sources."""

from .agreement import Agreement, agreement, isotope_shares, pmf_shares
from .end_members import two_end_members, two_sources
from .fractionation import STANDARDS, Fractionation, delta, fractionation, fractionation_of_summary, standard_ratio
from .mixsiar_csv import Mixtures, read_discrimination, read_mixsiar_csv, read_mixtures, read_sources
from .model import ERRORS, RESIDUAL_PRIORS, MixingOptions
from .posterior import MixingResult, mixing_model, per_sample
from .reference_points import lead_isotopes, plotted_tracers, reference_points
from .sources import Sources

__all__ = [
    "ERRORS",
    "RESIDUAL_PRIORS",
    "STANDARDS",
    "Agreement",
    "Fractionation",
    "MixingOptions",
    "MixingResult",
    "Mixtures",
    "Sources",
    "agreement",
    "delta",
    "fractionation",
    "fractionation_of_summary",
    "isotope_shares",
    "lead_isotopes",
    "mixing_model",
    "per_sample",
    "plotted_tracers",
    "pmf_shares",
    "read_discrimination",
    "read_mixsiar_csv",
    "read_mixtures",
    "read_sources",
    "reference_points",
    "standard_ratio",
    "two_end_members",
    "two_sources",
]
