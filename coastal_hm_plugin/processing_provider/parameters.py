"""Parameters that several algorithms share, so that the same thing has one name everywhere."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

NON_DETECT_RULES = ("half", "sqrt2", "zero", "drop")
NON_DETECT_LABELS = (
    "Half the detection limit",
    "Detection limit / square root of 2",
    "Zero",
    "Leave the value out",
)


# values of the core and their labels, in an order that is an interface
SELECTIONS = ("nested", "wu2025", "none")
SELECTION_LABELS = (
    "Chosen inside every training fold; circular ones left out",
    "As in Wu et al. 2025: best ten on all sites, circular ones allowed",
    "All kept; circular ones left out",
)


def advanced(parameter):
    """Fold a parameter away under 'Advanced'."""
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    return parameter


def points(name, label, optional=False):
    """A point layer, or a CSV with coordinate columns."""
    return QgsProcessingParameterFeatureSource(
        name, label, [QgsProcessing.SourceType.TypeVectorPoint], optional=optional
    )


def integer(name, label, default, minimum=0, maximum=2**31 - 1, optional=False):
    """A whole number."""
    return QgsProcessingParameterNumber(
        name, label, QgsProcessingParameterNumber.Type.Integer, default, optional, minimum, maximum
    )


def decimal(name, label, default, minimum=-1.7e308, maximum=1.7e308, optional=False):
    """A decimal number."""
    return QgsProcessingParameterNumber(
        name, label, QgsProcessingParameterNumber.Type.Double, default, optional, minimum, maximum
    )


def choice(name, label, labels, default=0, several=False, optional=False):
    """One of a fixed list (its order is an interface), or several."""
    return QgsProcessingParameterEnum(name, label, list(labels), several, default, optional)


def text(name, label, default="", multiline=False):
    """A text that may be empty."""
    return QgsProcessingParameterString(name, label, default, multiline, True)


def seed():
    """The seed of everything random."""
    return advanced(integer("SEED", "Seed (same seed, same numbers)", 1))


def element_fields(name="ELEMENTS", label="Elements and their fields"):
    """Which field holds which element; empty: recognised from the field names."""
    parameter = text(name, f"{label}, as 'Cd=field; Pb=field' (empty: recognised from the field names)")
    parameter.setHelp("Fields such as Cd, cd_mgkg, CD_s, 'Cd (mg/kg)' or top5_cd are recognised by themselves.")
    return parameter


def units(name="UNITS", label="Units"):
    """Units of the concentrations; empty: from the field names, else mg/kg (water: ug/L)."""
    parameter = text(name, f"{label}, one for all or as 'Al=%; Hg=ug/kg' (empty: from the names, else mg/kg or ug/L)")
    return advanced(parameter)


def detection_limits(name="DETECTION_LIMITS", label="Detection limits"):
    """Detection limits; empty: from texts such as '<0.1' and from fields named after the element."""
    parameter = text(name, f"{label}, as 'Cd=0.1; Hg=hg_limit', a number or a field (empty: from '<0.1' in the data)")
    return advanced(parameter)


def non_detects(name="NON_DETECTS"):
    """What stands in for a value below its detection limit."""
    return advanced(choice(name, "Values below the detection limit become", NON_DETECT_LABELS, 0))


def predictor_selection():
    """How a risk model's predictors are chosen."""
    return choice("SELECTION", "Choice of predictors", SELECTION_LABELS)


def scheduler():
    """Where the heavy work goes: :func:`on_scheduler` reads it."""
    return advanced(
        text("SCHEDULER", "Dask scheduler for the heavy work, as tcp://10.0.0.5:8786 (empty: this machine)")
    )


def on_scheduler(algorithm, parameters, context, monitor):
    """A ``with`` in which heavy work goes to the scheduler that was asked for, if any."""
    from ..core.cluster import on_cluster

    return on_cluster(algorithm.parameterAsString(parameters, "SCHEDULER", context), monitor)


def report(name="REPORT"):
    """The HTML report."""
    return QgsProcessingParameterFileDestination(
        name, "Report", "HTML files (*.html)", optional=True, createByDefault=False
    )
