"""PMF's tables as optional input of a tool that knows the same sources by other means."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSource

from ..core.errors import InputError
from . import compat, layers
from . import parameters as p

NAMES = ("PMF_PROFILES", "PMF_CONTRIBUTIONS", "PMF_SPECIES", "PMF_FACTORS", "ANTHROPOGENIC", "MARGIN")


def declare(algorithm):
    """Parameters for PMF's tables and for what counts as anthropogenic; all optional."""
    vector, source = [QgsProcessing.SourceType.TypeVector], QgsProcessingParameterFeatureSource
    tr = algorithm.tr
    given = (
        source("PMF_PROFILES", tr("PMF: factor profiles (table of the PMF tool)"), vector, None, True),
        source("PMF_CONTRIBUTIONS", tr("PMF: contributions at the same sites (empty: all sites)"), vector, None, True),
        p.text("PMF_SPECIES", tr("PMF: species of the isotopes, such as Pb")),
        p.text("PMF_FACTORS", tr("PMF: anthropogenic factors, as 'factor1; factor4'")),
        p.text("ANTHROPOGENIC", tr("Anthropogenic sources of the mixing model, as 'Deposition; Coal'")),
        p.decimal("MARGIN", tr("Difference of the shares that still counts as agreement"), 0.3, 0.01, 0.99),
    )
    for parameter in given:
        algorithm.addParameter(p.advanced(parameter))


def read(algorithm, parameters, context, result, monitor):
    """The Agreement of a MixingResult with the PMF tables given; None without them. InputError when half given."""
    from ..core.mixing import agreement, isotope_shares, pmf_shares

    factors, sources = (_names(algorithm, parameters, name, context) for name in ("PMF_FACTORS", "ANTHROPOGENIC"))
    if parameters.get("PMF_PROFILES") in (None, ""):
        if factors:
            raise InputError("PMF_FACTORS names factors, but the table of PMF's profiles (PMF_PROFILES) is not given.")
        return None
    profiles = layers.read_table(algorithm, parameters, "PMF_PROFILES", context, monitor)
    absent = [name for name in ("factor", "species", "percent_of_species") if name not in profiles.columns]
    if absent:
        raise InputError(f"The PMF profiles have no field {', '.join(absent)}: give the profiles of the PMF tool.")
    species = algorithm.parameterAsString(parameters, "PMF_SPECIES", context).strip()
    sites = groups = None
    if parameters.get("PMF_CONTRIBUTIONS") not in (None, ""):
        sites = layers.read_table(algorithm, parameters, "PMF_CONTRIBUTIONS", context, monitor)
        field = compat.field_names(algorithm, parameters, "GROUP", context)
        groups = sites[field[0]] if field and field[0] in sites.columns else None
    pmf = pmf_shares(profiles, factors, species, sites, groups)
    margin = algorithm.parameterAsDouble(parameters, "MARGIN", context)
    return agreement(pmf, isotope_shares(result, sources), species, factors, sources, margin)


def _names(algorithm, parameters, name, context):
    text = algorithm.parameterAsString(parameters, name, context)
    return [part.strip() for part in text.split(";") if part.strip()]
