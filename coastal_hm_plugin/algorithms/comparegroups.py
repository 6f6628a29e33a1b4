"""Variables compared between groups of sites, such as estuaries."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
)

from ..core.errors import InputError
from ..processing_provider import columns, layers, publication, variables
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.places import write_places

# the order of the choices is an interface
METHODS = ("kruskal", "welch")
METHOD_LABELS = ("Kruskal-Wallis, pairs by Dunn (Holm)", "Welch's analysis of variance, pairs by Games-Howell")
TABLES = {"TESTS": "tests", "PAIRS": "pairs", "GROUPS": "groups"}
TABLE_LABELS = {"TESTS": "Tests", "PAIRS": "Pairs of groups", "GROUPS": "Statistics of the groups"}


class CompareGroups(CoastalAlgorithm):
    """Whether, and between which groups, variables differ."""

    ID = "comparegroups"
    TITLE = "Compare groups (e.g. estuaries)"
    GROUP = "Statistics"
    TAGS = ("Kruskal-Wallis", "Dunn", "Holm", "Welch", "ANOVA", "Games-Howell", "box plot", "estuary", "letters")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        variables.declare_sites(self, self.tr("Sites (points or table)"))
        label = self.tr("Variables (empty: recognised concentrations and properties)")
        self.addParameter(variables.field_parameter("VARIABLES", label, several=True))
        self.addParameter(variables.field_parameter("GROUP_FIELD", self.tr("Field of the groups")))
        polygon = QgsProcessing.SourceType.TypeVectorPolygon
        label = self.tr("Polygons of the groups, in place of a field")
        self.addParameter(QgsProcessingParameterFeatureSource("POLYGONS", label, [polygon], optional=True))
        label = self.tr("Field of the polygons' names")
        self.addParameter(variables.field_parameter("POLYGON_NAME", label, parent="POLYGONS"))
        self.addParameter(p.choice("METHOD", self.tr("Method"), METHOD_LABELS))
        self.addParameter(QgsProcessingParameterBoolean("LOG10", self.tr("Logarithms (base 10) of the values"), False))
        self.addParameter(p.advanced(p.decimal("ALPHA", self.tr("Level of the letters"), 0.05, 1e-6, 0.5)))
        self.addParameter(p.advanced(p.integer("LEAST", self.tr("Least number of values in a group"), 2, 2)))
        self.addParameter(p.non_detects())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("TESTS", self.tr(TABLE_LABELS["TESTS"]), table))
        for name in ("PAIRS", "GROUPS"):
            label = self.tr(TABLE_LABELS[name])
            self.addParameter(QgsProcessingParameterFeatureSink(name, label, table, optional=True))
        label = self.tr("Sites with their group")
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", label, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.statistics import GroupOptions, compare_groups

        options = GroupOptions(
            METHODS[self.parameterAsEnum(parameters, "METHOD", context)],
            self.parameterAsBool(parameters, "LOG10", context),
            self.parameterAsDouble(parameters, "ALPHA", context),
            self.parameterAsInt(parameters, "LEAST", context),
        )
        places = variables.read_sites(self, parameters, context, monitor)
        groups, by = self._groups(parameters, context, places, monitor)
        read = variables.read_fields(self, parameters, "VARIABLES", places.table, context, monitor)
        result = compare_groups(read.values, groups, options, monitor.part(0.2, 0.8))
        return self._write(parameters, context, monitor, places, read, result, by)

    def _groups(self, parameters, context, places, monitor):
        """The group of every row, and what the groups are from."""
        from ..processing_provider.polygon_groups import groups_of_points

        field = self.parameterAsString(parameters, "GROUP_FIELD", context)
        polygons = parameters.get("POLYGONS") not in (None, "")
        if bool(field) == polygons:
            both = "not both" if polygons else "and neither is given"
            raise InputError(f"Give the field of the groups (GROUP_FIELD) or a polygon layer (POLYGONS): {both}.")
        if field:
            if field not in places.table.columns:
                known = ", ".join(map(str, places.table.columns))
                raise InputError(f"There is no field '{field}' for the groups. The fields are: {known}.")
            return places.table[field], field
        if places.crs is None:
            raise InputError("Groups by polygons need sites with coordinates: give a point layer.")
        name = self.parameterAsString(parameters, "POLYGON_NAME", context)
        if not name:
            raise InputError("Choose the field of the polygons' names (POLYGON_NAME).")
        return groups_of_points(self, parameters, "POLYGONS", name, places, context, monitor), name

    def _write(self, parameters, context, monitor, places, read, result, by):
        from ..report import groups

        tables = {name: getattr(result, attribute) for name, attribute in TABLES.items()}
        outputs = layers.write_tables(self, parameters, context, tables, monitor)
        if parameters.get("OUTPUT"):
            table = columns.beside(places.table, result.labels.to_frame("group"), monitor)
            outputs["OUTPUT"] = write_places(self, parameters, "OUTPUT", context, table, places, monitor)
        listings = groups.publication(result)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, read, result, by)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, read, result, by):
        from ..report import groups
        from ..report.document import Document
        from ..report.variables import data_section

        sites = f"{len(result.labels)} rows grouped by {by}"
        facts = {"Groups": ", ".join(result.names), "Variables": len(result.tests)}
        parts = (groups.section(result, read.units, sites), data_section(read))
        Document(self.TITLE, sites, parts, facts).write(path)
