"""The choices behind a geochemical baseline."""

from dataclasses import dataclass

from ..baseline_methods import METHOD_TITLES
from ..errors import InputError

METHODS = tuple(METHOD_TITLES)

LOG_PROBABILITY = "log-probability"
DECIMAL = "decimal"  # as in Wu et al. 2025

_CHOICES = {
    "spread": ("sd", "mad"),
    "central": ("own", "mean", "median"),
    "rcf_axes": (LOG_PROBABILITY, DECIMAL),
}


@dataclass(frozen=True)
class BaselineOptions:
    """How baselines are estimated.

    methods: which of ``METHODS``. log: trim the logarithms instead of the concentrations (IMEA, IMED, box plot).
    k: half-width of the kept range in spreads (IMEA, IMED). upper_only: drop high values only.
    spread: ``"sd"`` or ``"mad"`` (1.4826 x median absolute deviation) around the iterative median.
    central: statistic of the kept values; ``"own"`` is each method's usual one, the mean for IMEA and RCF and
    the median for IMED and the box plot.
    rcf_axes: ``"log-probability"``, with a test of the bend, or ``"decimal"``, as in Wu et al. 2025, without one.
    rcf_level: a bend is credible when its p-value is at most this. bootstrap: resamples (0: no intervals).
    """

    methods: tuple = METHODS
    log: bool = False
    k: float = 2.0
    upper_only: bool = False
    spread: str = "sd"
    central: str = "own"
    rcf_axes: str = LOG_PROBABILITY
    rcf_level: float = 0.05
    bootstrap: int = 1000
    seed: int = 1

    def __post_init__(self):
        unknown = [method for method in self.methods if method not in METHODS]
        if unknown or not self.methods:
            raise InputError(f"Choose baseline methods among {', '.join(METHODS)} (got {list(self.methods)}).")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise InputError(f"{name} must be one of {', '.join(choices)} (got {getattr(self, name)!r}).")
        if self.k < 1:
            raise InputError(f"k must be at least 1: a narrower range can drop every value (got {self.k}).")
        if self.bootstrap < 0 or not 0 < self.rcf_level < 1:
            raise InputError("bootstrap must not be negative, and rcf_level must lie between 0 and 1.")

    def central_of(self, method):
        """``"mean"`` or ``"median"``: the statistic this method reports."""
        if self.central != "own":
            return self.central
        return "mean" if method in ("imea", "rcf") else "median"
