"""Correlations within or across sets of variables, and Mantel tests between them."""

from typing import NamedTuple

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
)

from ..core.errors import InputError
from ..processing_provider import compat, layers, publication, variables
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

# the order of the choices is an interface
METHODS = ("spearman", "pearson", "kendall")
METHOD_LABELS = ("Spearman (ranks)", "Pearson", "Kendall (tau-b)")
TRANSFORMS = ("none", "log10", "clr")
TRANSFORM_LABELS = ("None", "Logarithms (base 10)", "Centred log-ratios, for data that sum to a constant")
MANTEL_METHODS = ("pearson", "spearman")
MANTEL_LABELS = ("Pearson", "Spearman (ranks)")
DISTANCES = ("standardized", "euclidean", "braycurtis")
DISTANCE_LABELS = ("Euclidean, variables standardized", "Euclidean", "Bray-Curtis")


class _Found(NamedTuple):
    """What the tests gave: the correlations asked for, and for Mantel the tests and the second set's correlations."""

    correlations: object
    tests: object = None
    others: object = None


class Correlation(CoastalAlgorithm):
    """Which variables go together."""

    ID = "correlation"
    TITLE = "Correlation and Mantel tests"
    GROUP = "Statistics"
    TAGS = ("Pearson", "Spearman", "Kendall", "Benjamini-Hochberg", "heat map", "Mantel", "partial Mantel", "clr")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        variables.declare_sites(self, self.tr("Sites (points or table)"))
        label = self.tr("Variables (empty: recognised concentrations and properties)")
        self.addParameter(variables.field_parameter("VARIABLES", label, several=True))
        label = self.tr("Other variables, such as another medium's (empty: the variables among themselves)")
        self.addParameter(variables.field_parameter("OTHER_VARIABLES", label, several=True))
        self.addParameter(p.choice("METHOD", self.tr("Correlation"), METHOD_LABELS))
        self.addParameter(p.choice("TRANSFORM", self.tr("Transform of the concentrations"), TRANSFORM_LABELS))
        label = self.tr("Mantel tests of the variables with each of the other variables")
        self.addParameter(QgsProcessingParameterBoolean("MANTEL", label, False))
        self._declare_advanced()
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("CORRELATIONS", self.tr("Correlations"), table))
        label = self.tr("Mantel tests")
        self.addParameter(QgsProcessingParameterFeatureSink("MANTEL_TESTS", label, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def _declare_advanced(self):
        rows = self.tr("Only rows that have every variable")
        sets = self.tr(
            "Sets of variables to test, as 'metals = Cd, Pb; nutrients = OM' (empty: each, and all together)"
        )
        control = self.tr("Partial Mantel tests: fields held constant")
        space = self.tr("Partial Mantel tests: distance between the sites held constant")
        for parameter in (
            p.decimal("ALPHA", self.tr("Level of significance"), 0.05, 1e-6, 0.5),
            QgsProcessingParameterBoolean("LISTWISE", rows, False),
            p.text("MANTEL_SETS", sets),
            p.choice("MANTEL_METHOD", self.tr("Correlation of the distances"), MANTEL_LABELS),
            p.choice("DISTANCE", self.tr("Distance of the tested sets"), DISTANCE_LABELS),
            p.integer("PERMUTATIONS", self.tr("Permutations"), 999, 19, 999_999),
            variables.field_parameter("CONTROL_FIELDS", control, several=True),
            QgsProcessingParameterBoolean("CONTROL_SPACE", space, False),
            p.non_detects(),
        ):
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.seed())

    def compute(self, parameters, context, monitor):
        from ..core.statistics import CorrelationOptions, correlate

        options = CorrelationOptions(
            self._choice(parameters, context, "METHOD", METHODS),
            self.parameterAsBool(parameters, "LISTWISE", context),
            self.parameterAsDouble(parameters, "ALPHA", context),
        )
        others = compat.field_names(self, parameters, "OTHER_VARIABLES", context)
        mantel = self.parameterAsBool(parameters, "MANTEL", context)
        self._check(parameters, context, others, mantel)
        places = variables.read_sites(self, parameters, context, monitor)
        names = ("VARIABLES", "OTHER_VARIABLES") if others else ("VARIABLES",)
        read = [variables.read_fields(self, parameters, name, places.table, context, monitor, others) for name in names]
        how = self._choice(parameters, context, "TRANSFORM", TRANSFORMS)
        values = self._transformed(read, how, monitor)
        found = _Found(correlate(values[0], values[1] if others else None, options, monitor.part(0.05, 0.3)))
        if mantel:
            found = self._mantel(parameters, context, places, values, found, monitor.part(0.3, 0.9))
        return self._write(parameters, context, monitor, read, how, found)

    def _choice(self, parameters, context, name, values):
        return values[self.parameterAsEnum(parameters, name, context)]

    def _transformed(self, read, how, monitor):
        """The values of each set with its concentrations transformed."""
        from ..core.statistics import transformed

        if how != "none" and not any(one.compositions for one in read):
            raise InputError("None of the variables is recognised as a concentration: there is nothing to transform.")
        tables = []
        for one in read:
            table, warnings = transformed(one.values, one.compositions, how)
            tables.append(table)
            for warning in warnings:
                monitor.warn(warning)
        return tables

    def _check(self, parameters, context, others, mantel):
        if mantel and not others:
            raise InputError("Mantel tests link two sets of variables: choose the other variables (OTHER_VARIABLES).")
        if not mantel and parameters.get("MANTEL_TESTS"):
            raise InputError("The table of Mantel tests was asked for without the tests: turn on MANTEL.")
        both = set(others) & set(compat.field_names(self, parameters, "VARIABLES", context))
        if both:
            raise InputError(f"Field '{sorted(both)[0]}' stands in both sets of variables. Choose it in one.")

    def _mantel(self, parameters, context, places, values, found, monitor):
        """Tests of the sets of the first variables with each of the others."""
        from ..core.statistics import MantelOptions, correlate, mantel_tests, named_sets

        options = MantelOptions(
            self._choice(parameters, context, "MANTEL_METHOD", MANTEL_METHODS),
            self._choice(parameters, context, "DISTANCE", DISTANCES),
            self.parameterAsInt(parameters, "PERMUTATIONS", context),
            self.parameterAsInt(parameters, "SEED", context),
        )
        first, second = values
        sets = named_sets(first, self.parameterAsString(parameters, "MANTEL_SETS", context))
        singles = {name: second[[name]] for name in second.columns}
        control = self._control(parameters, context, places, monitor)
        tests = mantel_tests(sets, singles, control, options, monitor)
        try:
            among = correlate(second, None, found.correlations.options)
        except InputError as error:  # a single one, or constants
            monitor.info(f"The other variables are not correlated among themselves. {error}")
            among = None
        return found._replace(tests=tests, others=among)

    def _control(self, parameters, context, places, monitor):
        """What partial tests hold constant: fields, the distance between the sites, or None."""
        from ..core.statistics import Control, site_positions

        fields = compat.field_names(self, parameters, "CONTROL_FIELDS", context)
        space = self.parameterAsBool(parameters, "CONTROL_SPACE", context)
        if fields and space:
            raise InputError("A partial Mantel test holds one thing constant: the fields or the distance, not both.")
        if space:
            if places.crs is None:
                raise InputError("Distances between the sites need coordinates: give a point layer.")
            positions = site_positions(places.x, places.y, places.crs.authid() or places.crs.toWkt())
            return Control(positions, "euclidean", "distance between the sites")
        if fields:
            read = variables.read_fields(self, parameters, "CONTROL_FIELDS", places.table, context, monitor)
            return Control(read.values, "standardized", ", ".join(read.names))
        return None

    def _write(self, parameters, context, monitor, read, how, found):
        from ..report import correlation, mantel

        listings = correlation.publication(found.correlations, how)
        tables = {"CORRELATIONS": found.correlations.pairs()}
        if found.tests is not None:
            listings.update(mantel.publication(found.tests))
            tables["MANTEL_TESTS"] = found.tests.table
        outputs = layers.write_tables(self, parameters, context, tables, monitor)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, read, how, found)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, read, how, found):
        from ..report import correlation, mantel
        from ..report.document import Document
        from ..report.variables import data_section

        sites = f"{len(read[0].values)} rows"
        parts = [correlation.section(found.correlations, how, sites)]
        if found.tests is not None:
            parts.append(mantel.section(found.tests, found.others, how))
        parts.append(data_section(*read))
        Document(self.TITLE, sites, tuple(parts), {"Variables": sum(len(one.names) for one in read)}).write(path)
