"""Predict a risk map before and after a change of the covariates, and compare."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from ..processing_provider import layers, outside_area, polygon_area, risk_models, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.rasters import raster_destination, template_grid


class RiskScenario(CoastalAlgorithm):
    """What the model would predict if covariates were others."""

    ID = "riskscenario"
    TITLE = "Compare a risk scenario"
    GROUP = "Risk"
    TAGS = ("scenario", "what if", "difference", "XGBoost", "prediction", "PERI", "map", "land use change")
    NEEDS = ("xgboost", "scipy", "pandas", "rasterio", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(risk_models.model_file(self.tr("Model")))
        label = self.tr("Changes, as 'ndvi + 0.1; enterprise_density * 0.5; landcover: cropland -> forest'")
        self.addParameter(QgsProcessingParameterString("CHANGES", label, multiLine=True))
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        label = self.tr("Only inside these polygons")
        self.addParameter(QgsProcessingParameterFeatureSource("AREA", label, polygons, optional=True))
        risk_models.declare_rasters(self, self.tr("Rasters in the place of the model's own"))
        label = self.tr("Template raster (empty: the model's first covariate)")
        self.addParameter(QgsProcessingParameterRasterLayer("TEMPLATE", label, optional=True))
        self.addParameter(QgsProcessingParameterExtent("EXTENT", self.tr("Extent"), optional=True))
        distance = p.decimal(
            "MAX_DISTANCE", self.tr("No farther from a training site than (m; 0: everywhere)"), 0.0, 0.0
        )
        self.addParameter(p.advanced(distance))
        missing = self.tr("Also predict cells where some covariates have no value")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("ALLOW_MISSING", missing, False)))
        self._declare_outputs()

    def _declare_outputs(self):
        raster, sink = QgsProcessingParameterRasterDestination, QgsProcessingParameterFeatureSink
        self.addParameter(raster("OUTPUT", self.tr("Difference (after minus before)")))
        label = self.tr("Outside the area of applicability after the change")
        self.addParameter(sink("OUTSIDE", label, QgsProcessing.SourceType.TypeVectorPolygon, optional=True))
        given = {"optional": True, "createByDefault": False}
        self.addParameter(raster("BASELINE", self.tr("Prediction before"), **given))
        self.addParameter(raster("SCENARIO", self.tr("Prediction after"), **given))
        self.addParameter(raster("APPLICABILITY", self.tr("Area of applicability after the change"), **given))
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(sink("TABLE", self.tr("Summary"), table, **given))
        self.addParameter(sink("CLASS_CHANGES", self.tr("Classes before and after"), table, **given))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.raster_prediction import RasterOptions, covariates_of
        from ..core.scenario import compare_rasters, parse_changes

        model = risk_models.load_model(self, parameters, context, monitor)
        text = self.parameterAsString(parameters, "CHANGES", context)
        changes = parse_changes(text, model.predictors, model.inputs["predictor"])
        area = polygon_area.read_area(self, parameters, "AREA", context, monitor)
        given = risk_models.read_rasters(self, parameters, context, monitor)
        manifest = covariates_of(model, risk_models.rasters_for(model, given))
        grid = template_grid(self, parameters, context, manifest.covariates[0].path)
        options = RasterOptions(
            allow_missing=self.parameterAsBool(parameters, "ALLOW_MISSING", context),
            max_distance_m=self.parameterAsDouble(parameters, "MAX_DISTANCE", context),
        )
        files = self._files(parameters, context, model, monitor)
        found = compare_rasters(model, changes, files, grid, manifest, area, options, monitor.part(0.0, 0.95))
        self._tell(model, found, monitor)
        outputs = self._styled(model, found)
        outputs.update(self._write_outside(parameters, context, model, found, monitor))
        outputs.update(self._write_tables(parameters, context, model, found, monitor))
        outputs.update(self._write_report(parameters, context, model, found))
        monitor.progress(1.0)
        return outputs

    def _files(self, parameters, context, model, monitor):
        """Where the rasters go. Raises InputError where what is asked for cannot be had of this model."""
        from ..core.errors import InputError
        from ..core.scenario import ScenarioFiles

        if model.scheme is None and parameters.get("CLASS_CHANGES") not in (None, ""):
            raise InputError(f"'{model.target}' has no risk classes. Leave the table of classes out.")
        names = ("OUTPUT", "BASELINE", "SCENARIO", "APPLICABILITY")
        files = ScenarioFiles(*(raster_destination(self, parameters, name, context) for name in names))
        if model.applicability is None:
            monitor.warn("The model has no area of applicability: it is of an older version. Train it again.")
        return files

    def _tell(self, model, found, monitor):
        from ..core.scenario import ALTERED

        part = found.part(ALTERED)
        monitor.info(
            f"{part['cells']} cells altered ({part['hectares']:.4g} ha): mean {model.target} {part['mean_before']:.4g} "
            f"before, {part['mean_after']:.4g} after. What the model would predict, not the effect of an intervention."
        )

    def _styled(self, model, found):
        """The rasters written, each with its style and a name that tells what the model is worth."""
        files, name = found.files, risk_models.layer_name
        styled = {"OUTPUT": (files.difference, styling.difference_raster(found.largest or 1.0), name(model, "change"))}
        if files.baseline:
            styled["BASELINE"] = (files.baseline, risk_models.raster_style(model), name(model, "before"))
        if files.scenario:
            styled["SCENARIO"] = (files.scenario, risk_models.raster_style(model), name(model, "after"))
        if files.applicability:
            veil = styling.outside_mask(model.applicability.threshold)
            styled["APPLICABILITY"] = (files.applicability, veil, risk_models.applicability_name(model))
        for path, style, title in styled.values():
            self.begin_output(str(path))
            self.style_output(str(path), style, title)
        return {key: str(path) for key, (path, _, _) in styled.items()}

    def _write_outside(self, parameters, context, model, found, monitor):
        """What lies outside the area of applicability after the change, as a polygon to hatch."""
        import pandas as pd

        if parameters.get("OUTSIDE") in (None, "") or model.applicability is None:
            return {}
        polygon, crs = outside_area.outside_polygon(found.files.difference)
        table = pd.DataFrame({"meaning": [f"DI above {model.applicability.threshold:.3g}"]})
        given = (table[:0], []) if polygon is None else (table, [polygon])
        output = layers.write_polygons(self, parameters, "OUTSIDE", context, *given, crs, monitor)
        title = self.tr("outside the area of applicability after the change")
        self.style_output(output, outside_area.hatching, f"{model.target}: {title}")
        return {"OUTSIDE": output}

    def _write_tables(self, parameters, context, model, found, monitor):
        from ..report.scenario import summary_table

        tables = {"TABLE": lambda: summary_table(model, found), "CLASS_CHANGES": found.class_changes}
        return layers.write_tables(self, parameters, context, tables, monitor)

    def _write_report(self, parameters, context, model, found):
        from ..report import scenario
        from ..report.document import Document

        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if not path:
            return {}
        made = "; ".join(map(str, found.changes))
        facts = {"Target": model.target, "Changes": made, "Model": "skill" if model.skill.has_skill else "no skill"}
        Document(self.TITLE, made, (scenario.section(model, found),), facts).write(path)
        return {"REPORT": path}
