"""A second medium beside the first: the same sources or not, as the PMF tool asks."""

from dataclasses import replace
from typing import Any, NamedTuple

from qgis.core import QgsProcessing, QgsProcessingParameterBoolean, QgsProcessingParameterFeatureSource

from ..core.errors import InputError
from . import parameters as p
from . import pmf_model, samples
from .places import read_places

PREFIX = "SECOND_"
SINKS = {
    "MATCHES": "Sources matched between the media",
    "JOINT_SHARES": "Joint model: shares of the sources",
    "JOINT_PROFILES": "Joint model: profiles",
    "JOINT_CONTRIBUTIONS": "Joint model: contributions",
}


class Matched(NamedTuple):
    """A FactorComparison, and a Joint if asked for; None without a second medium."""

    comparison: Any = None
    joint: Any = None

    def tables(self):
        """Sink name -> function that makes its table."""
        tables = {"MATCHES": self.comparison.table} if self.comparison is not None else {}
        if self.joint is not None:
            tables["JOINT_SHARES"] = self.joint.shares
            tables["JOINT_PROFILES"] = self.joint.profiles
            tables["JOINT_CONTRIBUTIONS"] = self.joint.contributions
        return tables

    def sections(self):
        """The section of the report, if there is a second medium."""
        from ..report import media

        return [media.section(self.comparison, self.joint)] if self.comparison is not None else []


def declare(algorithm):
    """Add INPUT_2, MEDIUM_2, the fields of its elements, SAME_SOURCE and JOINT."""
    tr, add = algorithm.tr, algorithm.addParameter
    vector = QgsProcessing.SourceType.TypeVector
    label = tr("Samples of a second medium, to match its sources")
    add(p.advanced(QgsProcessingParameterFeatureSource("INPUT_2", label, [vector], optional=True)))
    add(p.advanced(p.choice("MEDIUM_2", tr("Second medium"), pmf_model.MEDIA, 1)))
    samples.declare_sample_fields(algorithm, PREFIX, "second medium")
    add(p.advanced(p.decimal("SAME_SOURCE", tr("Least cosine of the same source"), 0.9, 0.0, 1.0)))
    add(p.advanced(QgsProcessingParameterBoolean("JOINT", tr("Model both media in one table, too"), False)))


def asked(algorithm, parameters, context):
    """Whether there is a second medium, and whether both are modelled jointly; refuses tables that nothing fills."""
    second = parameters.get("INPUT_2") not in (None, "")
    joint = algorithm.parameterAsBool(parameters, "JOINT", context)
    if joint and not second:
        raise InputError("A joint model needs samples of a second medium: give INPUT_2.")
    for sink, title in SINKS.items():
        if parameters.get(sink) and not (second if sink == "MATCHES" else joint):
            needed = "a second medium (INPUT_2)" if sink == "MATCHES" else "the joint model (JOINT)"
            raise InputError(f"The table '{title}' was asked for without {needed}: give it, or leave the table out.")
    return second, joint


def match(algorithm, parameters, context, together, first, base, monitor):
    """Factorize the second medium with the options of the first, and compare: a Matched.

    together: whether both are modelled jointly, too; first: the Samples of the base run.
    """
    from ..core.pmf import MatchOptions, apportion, compare_factors, joint

    second = _read(algorithm, parameters, context, monitor.part(0.0, 0.1))
    model = replace(base.options, run=None)  # a run kept of the first medium means nothing in another
    result = apportion(second, model, monitor.part(0.1, 0.5))
    labels = (first.medium, second.medium) if first.medium != second.medium else ("first", "second")
    seed = algorithm.parameterAsInt(parameters, "SEED", context)
    options = MatchOptions(same=algorithm.parameterAsDouble(parameters, "SAME_SOURCE", context), seed=seed)
    comparison = compare_factors(base, result, labels, options, monitor.part(0.5, 0.6))
    monitor.info(comparison.verdict())
    both = None
    if together:
        both = joint([first, second], model, monitor.part(0.6, 1.0), labels=labels)
        monitor.info(both.verdict())
    return Matched(comparison, both)


def _read(algorithm, parameters, context, monitor):
    from ..core.samples import read_samples

    places = read_places(algorithm, parameters, "INPUT_2", context, monitor)
    medium = pmf_model.MEDIA[algorithm.parameterAsEnum(parameters, "MEDIUM_2", context)]
    options = samples.sample_options(algorithm, parameters, context, PREFIX)
    place = pmf_model.place_of(places)
    return read_samples(places.table, *place, medium, options, monitor)
