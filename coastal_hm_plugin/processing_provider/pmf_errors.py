"""Error estimation of a factorization, as the PMF tool offers it: bootstrap, displacement, and both together."""

from dataclasses import replace
from typing import Any, NamedTuple

from qgis.core import QgsProcessingParameterBoolean

from ..core.errors import InputError
from . import parameters as p

SINKS = {
    "BOOTSTRAP_MAPPING": "Bootstrap mapping",
    "CONTRIBUTION_INTERVALS": "Intervals of the contributions",
    "INTERVALS": "Intervals of the profiles",
    "DISP_DIAGNOSTICS": "Displacement: swaps and decrease of Q",
    "BSDISP_CASES": "Bootstrap with displacement: resamples accepted",
}
DEFAULT_RUNS = 100


class Asked(NamedTuple):
    """What is to be estimated. options: BootstrapOptions; neighbours: sites drawn together, 0 for none; species:
    displaced in resamples, empty for all strong ones.
    """

    options: Any
    bootstrap: bool
    displacement: bool
    bs_displacement: bool
    neighbours: int
    species: tuple

    @property
    def any(self):
        return self.bootstrap or self.displacement or self.bs_displacement


class Estimates(NamedTuple):
    """A Bootstrap, a Displacement and a BsDisp, each or None."""

    bootstrap: Any = None
    displacement: Any = None
    bs_displacement: Any = None

    @property
    def found(self):
        return [one for one in self if one is not None]

    def tables(self):
        """Sink name -> function that makes its table."""
        from ..core.pmf import join_intervals

        tables = {"INTERVALS": lambda: join_intervals(*self)} if self.found else {}
        if self.bootstrap is not None:
            tables["BOOTSTRAP_MAPPING"] = self.bootstrap.mapping_table
            tables["CONTRIBUTION_INTERVALS"] = self.bootstrap.contribution_intervals
        if self.displacement is not None:
            tables["DISP_DIAGNOSTICS"] = self.displacement.diagnostics_table
        if self.bs_displacement is not None:
            tables["BSDISP_CASES"] = self.bs_displacement.cases_table
        return tables

    def sections(self, medium):
        """The section of the report, if anything was estimated."""
        from ..report import source_errors

        section = source_errors.section
        return [section(self.bootstrap, self.displacement, medium, self.bs_displacement)] if self.found else []


def declare(algorithm):
    """Add the parameters of error estimation."""
    tr, add = algorithm.tr, algorithm.addParameter
    runs = tr("Bootstrap runs (0: none; 100 or more give steady intervals)")
    add(p.advanced(p.integer("BOOTSTRAPS", runs, 0, 0, 10_000)))
    block = tr("Bootstrap block: consecutive samples drawn together")
    add(p.advanced(p.integer("BOOTSTRAP_BLOCK", block, 1, 1)))
    neighbours = tr("Bootstrap neighbours: about so many neighbouring sites drawn together (0: none)")
    add(p.advanced(p.integer("BOOTSTRAP_NEIGHBOURS", neighbours, 0, 0)))
    least = tr("Least correlation for mapping a bootstrap factor")
    add(p.advanced(p.decimal("MIN_CORRELATION", least, 0.6, 0.0, 1.0)))
    displace = tr("Displacement: range of every profile value")
    add(p.advanced(QgsProcessingParameterBoolean("DISPLACEMENT", displace, False)))
    both = tr("Bootstrap with displacement (BS-DISP), of as many resamples as bootstrap runs, else 100")
    add(p.advanced(QgsProcessingParameterBoolean("BSDISP", both, False)))
    add(p.advanced(p.text("BSDISP_SPECIES", tr("Species displaced in resamples, as 'Cd; Hg' (empty: all strong)"))))


def asked(algorithm, parameters, context):
    """What is to be estimated; refuses tables that nothing would fill."""
    from ..core.pmf import BootstrapOptions, split_names

    runs = algorithm.parameterAsInt(parameters, "BOOTSTRAPS", context)
    options = BootstrapOptions(
        runs=runs or DEFAULT_RUNS,
        block=algorithm.parameterAsInt(parameters, "BOOTSTRAP_BLOCK", context),
        min_correlation=algorithm.parameterAsDouble(parameters, "MIN_CORRELATION", context),
        seed=algorithm.parameterAsInt(parameters, "SEED", context),
    )
    displace, both = (algorithm.parameterAsBool(parameters, name, context) for name in ("DISPLACEMENT", "BSDISP"))
    neighbours = algorithm.parameterAsInt(parameters, "BOOTSTRAP_NEIGHBOURS", context)
    for sink in ("BOOTSTRAP_MAPPING", "CONTRIBUTION_INTERVALS"):
        if parameters.get(sink) and not runs:
            raise InputError(f"The {SINKS[sink].lower()} was asked for without a bootstrap: set the bootstrap runs.")
    if parameters.get("INTERVALS") and not (runs or displace or both):
        raise InputError("Intervals were asked for: set the bootstrap runs, or displacement, or both.")
    if parameters.get("BSDISP_CASES") and not both:
        raise InputError("The resamples accepted were asked for: set bootstrap with displacement.")
    if parameters.get("DISP_DIAGNOSTICS") and not displace:
        raise InputError("The swaps of the displacement were asked for: set displacement.")
    species = split_names(algorithm.parameterAsString(parameters, "BSDISP_SPECIES", context))
    return Asked(options, bool(runs), displace, both, neighbours, species)


def estimate(wanted, result, place, constrained, monitor):
    """Estimate what is wanted: Estimates, which say what they found. place: x and y of all samples given, or None."""
    from ..core.pmf import bootstrap, bootstrap_displace, displace

    options = wanted.options
    if constrained:  # constraints name factors, which a random restart would not know
        options = replace(options, random_restarts=0)
    groups = _groups(wanted, place)
    steps = {
        "bootstrap": (wanted.bootstrap, 1, lambda part: bootstrap(result.data, result, options, part, groups)),
        "displacement": (wanted.displacement, 2, lambda part: displace(result.data, result, monitor=part)),
        "bs_displacement": (
            wanted.bs_displacement,
            4,
            lambda part: bootstrap_displace(result.data, result, options, wanted.species, monitor=part, groups=groups),
        ),
    }
    total, done, found = sum(weight for one, weight, _ in steps.values() if one), 0, {}
    for name, (one, weight, step) in steps.items():
        if one:
            found[name] = step(monitor.part(done / total, (done + weight) / total))
            monitor.info(found[name].verdict())
            done += weight
    return Estimates(**found)


def _groups(wanted, place):
    """Labels of blocks of neighbouring sites, or None."""
    from ..core.pmf import spatial_blocks

    if not wanted.neighbours or not (wanted.bootstrap or wanted.bs_displacement):
        return None
    if place is None:
        raise InputError("Blocks of neighbouring sites (BOOTSTRAP_NEIGHBOURS) need samples with coordinates.")
    return spatial_blocks(*place, samples=wanted.neighbours)
