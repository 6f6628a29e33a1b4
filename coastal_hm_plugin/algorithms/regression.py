"""Multiple linear regression of one variable of the sites on others."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSink

from ..core.errors import InputError
from ..processing_provider import columns, compat, layers, publication, styling, variables
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.places import write_places


class Regression(CoastalAlgorithm):
    """What a variable depends on, and whether the model may be believed."""

    ID = "regression"
    TITLE = "Multiple regression"
    GROUP = "Statistics"
    TAGS = ("OLS", "least squares", "linear model", "VIF", "HC3", "Moran's I", "residuals", "drivers")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        variables.declare_sites(self, self.tr("Sites (points or table)"))
        self.addParameter(variables.field_parameter("TARGET", self.tr("Target"), optional=False, default="PERI"))
        label = self.tr("Predictors")
        self.addParameter(variables.field_parameter("PREDICTORS", label, several=True, optional=False))
        label = self.tr("Fields taken as logarithms (base 10)")
        self.addParameter(variables.field_parameter("LOG10_FIELDS", label, several=True))
        for parameter in (
            p.decimal("CONFIDENCE", self.tr("Confidence of the intervals (%)"), 95.0, 50.0, 99.99),
            p.integer("NEIGHBOURS", self.tr("Neighbours of a site, for Moran's I"), 5, 1, 100),
            p.non_detects(),
        ):
            self.addParameter(p.advanced(parameter))
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("COEFFICIENTS", self.tr("Coefficients"), table))
        for name, label in (("MODEL", self.tr("Model")), ("OUTPUT", self.tr("Fitted values and residuals"))):
            self.addParameter(QgsProcessingParameterFeatureSink(name, label, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.statistics import RegressionOptions, fit_regression, site_positions

        target = self.parameterAsString(parameters, "TARGET", context)
        predictors = compat.field_names(self, parameters, "PREDICTORS", context)
        logs = compat.field_names(self, parameters, "LOG10_FIELDS", context)
        self._check(target, predictors, logs)
        options = RegressionOptions(
            self.parameterAsDouble(parameters, "CONFIDENCE", context) / 100,
            self.parameterAsInt(parameters, "NEIGHBOURS", context),
        )
        places = variables.read_sites(self, parameters, context, monitor)
        read = variables.read_named(self, parameters, [target, *predictors], places.table, context, monitor)
        values = self._values(read, logs, monitor)
        positions = None
        if places.crs is not None:
            positions = site_positions(places.x, places.y, places.crs.authid() or places.crs.toWkt())
        result = fit_regression(values.iloc[:, 0], values.iloc[:, 1:], positions, options, monitor.part(0.2, 0.8))
        return self._write(parameters, context, monitor, places, read, result)

    def _check(self, target, predictors, logs):
        if target in predictors:
            raise InputError(f"'{target}' is the target and a predictor. Leave it out of the predictors.")
        unused = [name for name in logs if name not in (target, *predictors)]
        if unused:
            raise InputError(f"Field '{unused[0]}' is to be taken as logarithm, but is neither target nor predictor.")

    def _values(self, read, logs, monitor):
        """The values, those of ``logs`` as logarithms with a name that says so."""
        from ..core.statistics import transformed

        values, warnings = transformed(read.values, (tuple(logs),), "log10") if logs else (read.values, ())
        for warning in warnings:
            monitor.warn(warning)
        return values.rename(columns={name: f"log10({name})" for name in logs})

    def _write(self, parameters, context, monitor, places, read, result):
        from ..report import regression

        tables = {"COEFFICIENTS": result.coefficients, "MODEL": result.model}
        outputs = layers.write_tables(self, parameters, context, tables, monitor)
        if parameters.get("OUTPUT"):
            table = columns.beside(places.table, result.sites, monitor)
            outputs["OUTPUT"] = write_places(self, parameters, "OUTPUT", context, table, places, monitor)
            if places.crs is not None:
                self.style_output(outputs["OUTPUT"], styling.graduated_points("residual"), self.tr("Residuals"))
        listings = regression.publication(result)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, read, result)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, read, result):
        from ..report import regression
        from ..report.document import Document
        from ..report.variables import data_section

        facts = {"Target": result.target, "Predictors": len(result.predictors), "Rows": int(result.model["n"][0])}
        title = f"{result.target} on {', '.join(result.predictors)}"
        Document(self.TITLE, title, (regression.section(result), data_section(read)), facts).write(path)
