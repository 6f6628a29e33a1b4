"""What the tools that factorize samples share: their parameters, the samples read, the model's options."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from . import compat, samples
from . import parameters as p
from .places import read_places

# the order of the choices is an interface
MEDIA = ("soil", "sediment", "water")
MISSING = ("median", "drop")
LOWER_CONTRIBUTIONS = (-0.2, 0.0)
SPECIES_LISTS = {
    "STRONG": "Strong species, as 'Cd; Hg' (those not named: by signal-to-noise)",
    "WEAK": "Weak species (uncertainty × 3)",
    "BAD": "Bad species (left out)",
}


def declare_input(algorithm, optional=False):
    """Add INPUT (optional where files may stand in for it), MEDIUM, the fields of the elements, FIELDS, NON_DETECTS."""
    tr, add = algorithm.tr, algorithm.addParameter
    vector, anything = QgsProcessing.SourceType.TypeVector, QgsProcessingParameterField.DataType.Any
    add(QgsProcessingParameterFeatureSource("INPUT", tr("Samples (points or table)"), [vector], optional=optional))
    add(p.choice("MEDIUM", tr("Medium"), MEDIA))
    samples.declare_sample_fields(algorithm)
    label = tr("Species fields, used as they are (empty: the elements above)")
    add(p.advanced(QgsProcessingParameterField("FIELDS", label, None, "INPUT", anything, True, True)))
    add(p.non_detects())


def declare_uncertainty(algorithm):
    """Add what makes the uncertainties and the weights of the species."""
    tr, add = algorithm.tr, algorithm.addParameter
    add(p.decimal("ERROR_FRACTION", tr("Error fraction"), 0.1, 0.0, 2.0))
    add(p.advanced(p.text("ERROR_FRACTIONS", tr("Other error fractions, as 'Cd=0.15; Hg=0.2'"))))
    fields = tr("Uncertainty fields, as 'Cd=cd_unc; Pb=pb_unc' (empty: computed)")
    add(p.advanced(p.text("UNCERTAINTIES", fields)))
    add(p.advanced(p.decimal("EXTRA_UNCERTAINTY", tr("Extra modelling uncertainty (%)"), 0.0, 0.0, 100.0)))
    rules = ("Species median, uncertainty 4 × median", "Leave the sample out")
    add(p.advanced(p.choice("MISSING", tr("Missing values"), rules)))
    for name, label in SPECIES_LISTS.items():
        add(p.advanced(p.text(name, tr(label))))
    add(p.advanced(p.text("TOTAL", tr("Species that sums up the others (made weak)"))))


def declare_solver(algorithm):
    """Add LOWER_CONTRIBUTION and ROBUST."""
    bounds = ("−0.2, as EPA PMF 5.0", "0")
    algorithm.addParameter(p.choice("LOWER_CONTRIBUTION", algorithm.tr("Lowest contribution (mean 1)"), bounds))
    label = algorithm.tr("Robust: weight outliers down")
    algorithm.addParameter(QgsProcessingParameterBoolean("ROBUST", label, True))


def read(algorithm, parameters, context, monitor):
    """The samples of INPUT and their Places, a table without coordinates too."""
    from ..core.pmf import own_species
    from ..core.samples import read_samples

    places = read_places(algorithm, parameters, "INPUT", context, monitor)
    table, place = places.table, place_of(places)
    medium = MEDIA[algorithm.parameterAsEnum(parameters, "MEDIUM", context)]
    options = samples.sample_options(algorithm, parameters, context)
    fields = compat.field_names(algorithm, parameters, "FIELDS", context)
    if not fields:
        found = read_samples(table, *place, medium, options, monitor)
        return found, replace(places, x=found.x, y=found.y)
    found = own_species(table, place, medium, tuple(fields), options.nondetects, options.detection_limits or "")
    for loss in found.losses:
        (monitor.warn if loss.doubtful else monitor.info)(f"{loss}.")
    return found, replace(places, x=found.x, y=found.y)


def given_uncertainties(algorithm, found, parameters, context):
    """The table of uncertainties that UNCERTAINTIES names for the samples read, or None."""
    from ..core.pmf import uncertainty_table

    fields = algorithm.parameterAsString(parameters, "UNCERTAINTIES", context).strip()
    units = algorithm.parameterAsString(parameters, "UNITS", context).strip() or None
    return uncertainty_table(found, fields, units) if fields else None


def rules(algorithm, species, parameters, context):
    """The UncertaintyRules of the parameters."""
    from ..core.pmf import UncertaintyRules, error_fractions, split_names

    def text(name):
        return algorithm.parameterAsString(parameters, name, context).strip()

    fraction = algorithm.parameterAsDouble(parameters, "ERROR_FRACTION", context)
    return UncertaintyRules(
        error_fraction=error_fractions(text("ERROR_FRACTIONS"), species, fraction),
        extra=algorithm.parameterAsDouble(parameters, "EXTRA_UNCERTAINTY", context) / 100,
        missing=MISSING[algorithm.parameterAsEnum(parameters, "MISSING", context)],
        strong=split_names(text("STRONG")),
        weak=split_names(text("WEAK")),
        bad=split_names(text("BAD")),
        total=text("TOTAL"),
    )


def options(algorithm, species, parameters, context):
    """The PmfOptions of the parameters, the number of factors left to the caller."""
    from ..core.pmf import PmfOptions, SolverOptions

    bound = LOWER_CONTRIBUTIONS[algorithm.parameterAsEnum(parameters, "LOWER_CONTRIBUTION", context)]
    return PmfOptions(
        starts=algorithm.parameterAsInt(parameters, "STARTS", context),
        seed=algorithm.parameterAsInt(parameters, "SEED", context),
        uncertainty=rules(algorithm, species, parameters, context),
        solver=SolverOptions(bound, algorithm.parameterAsBool(parameters, "ROBUST", context)),
    )


def place_of(places):
    """x, y and CRS of Places; of those without coordinates some that nothing uses and nobody gets to see."""
    import numpy as np

    if places.crs:
        return places.x, places.y, places.crs.authid() or places.crs.toWkt()
    line = np.linspace(0, 1, len(places.table))
    return line, line, "EPSG:4326"
