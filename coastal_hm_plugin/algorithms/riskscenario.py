"""Predict risk before and after a change of the covariates, and compare."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterString,
)

from ..processing_provider import columns, layers, model_points, outside_area, polygon_area, risk_models, styling
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
        risk_models.declare_map(self)
        self.addParameter(p.points("POINTS", self.tr("Points to compare at"), optional=True))
        self._declare_outputs()

    def _declare_outputs(self):
        raster, sink = QgsProcessingParameterRasterDestination, QgsProcessingParameterFeatureSink
        self.addParameter(raster("OUTPUT", self.tr("Difference (after minus before)"), optional=True))
        label = self.tr("Outside the area of applicability after the change")
        self.addParameter(sink("OUTSIDE", label, QgsProcessing.SourceType.TypeVectorPolygon, optional=True))
        given = {"optional": True, "createByDefault": False}
        self.addParameter(raster("BASELINE", self.tr("Prediction before"), **given))
        self.addParameter(raster("SCENARIO", self.tr("Prediction after"), **given))
        self.addParameter(raster("APPLICABILITY", self.tr("Area of applicability after the change"), **given))
        points, table = QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVector
        self.addParameter(sink("POINTS_OUTPUT", self.tr("Points before and after"), points, **given))
        self.addParameter(sink("TABLE", self.tr("Summary"), table, **given))
        self.addParameter(sink("CLASS_CHANGES", self.tr("Classes before and after"), table, **given))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.scenario import parse_changes

        model = risk_models.load_model(self, parameters, context, monitor)
        text = self.parameterAsString(parameters, "CHANGES", context)
        changes = parse_changes(text, model.predictors, model.inputs["predictor"])
        self._check(parameters, model)
        area = polygon_area.read_area(self, parameters, "AREA", context, monitor)
        outputs, found = {}, {}
        if parameters.get("POINTS"):
            found["at the points"], made = self._at_points(
                parameters, context, (model, changes, area), monitor.part(0.0, 0.1)
            )
            outputs.update(made)
        if parameters.get("OUTPUT"):
            rasters = self._on_rasters(parameters, context, (model, changes, area), monitor.part(0.1, 0.95))
            found = {"on the map": rasters, **found}
            outputs.update(self._styled(model, rasters))
            outputs.update(self._write_outside(parameters, context, model, rasters, monitor))
        outputs.update(self._write_tables(parameters, context, model, next(iter(found.values())), monitor))
        outputs.update(self._write_report(parameters, context, model, changes, found))
        monitor.progress(1.0)
        return outputs

    def _check(self, parameters, model):
        """Raise InputError where what is asked for cannot be had, before any work."""
        from ..core.errors import InputError

        if not parameters.get("OUTPUT") and not parameters.get("POINTS"):
            raise InputError("Nothing is asked for: give a raster to write (OUTPUT), points to compare at, or both.")
        if not parameters.get("OUTPUT") and any(parameters.get(n) for n in ("BASELINE", "SCENARIO", "APPLICABILITY")):
            raise InputError("The rasters before and after come with the difference: give a file for it (OUTPUT), too.")
        if model.scheme is None and parameters.get("CLASS_CHANGES"):
            raise InputError(f"'{model.target}' has no risk classes. Leave the table of classes out.")

    def _on_rasters(self, parameters, context, asked, monitor):
        """The Scenario on a grid."""
        from ..core.raster_prediction import RasterOptions, covariates_of
        from ..core.scenario import ScenarioFiles, compare_rasters

        model, changes, area = asked
        given = risk_models.read_rasters(self, parameters, context, monitor)
        manifest = covariates_of(model, risk_models.rasters_for(model, given, monitor))
        grid = template_grid(self, parameters, context, manifest.covariates[0].path)
        options = RasterOptions(
            allow_missing=self.parameterAsBool(parameters, "ALLOW_MISSING", context),
            max_distance_m=self.parameterAsDouble(parameters, "MAX_DISTANCE", context),
        )
        names = ("OUTPUT", "BASELINE", "SCENARIO", "APPLICABILITY")
        files = ScenarioFiles(*(raster_destination(self, parameters, name, context) for name in names))
        if model.applicability is None:
            monitor.warn("The model has no area of applicability: it is of an older version. Train it again.")
        found = compare_rasters(model, changes, files, grid, manifest, area and area.plain(), options, monitor)
        self._tell(model, found, "cells", monitor)
        return found

    def _at_points(self, parameters, context, asked, monitor):
        """The Scenario at points, and the layer of points if it is wanted."""
        from ..core.scenario import compare_points

        model, changes, area = asked
        points = layers.read_points(self, parameters, "POINTS", context, monitor)
        table = model_points.with_covariates(self, parameters, context, points, model, monitor)
        inside = None if area is None else area.holds(points, context, monitor)
        found, rows = compare_points(model, changes, table, inside, monitor)
        self._tell(model, found, "points", monitor)
        if not parameters.get("POINTS_OUTPUT"):
            return found, {}
        names = {name: f"{model.target}_{name}" for name in ("before", "after", "change", "change_percent")}
        table = columns.beside(table, rows.rename(columns=names).assign(model_has_skill=model.skill.has_skill), monitor)
        place = points.x, points.y, points.crs
        output = layers.write_points(self, parameters, "POINTS_OUTPUT", context, table, *place, monitor)
        style = styling.difference_points(names["change"], found.largest or 1.0)
        self.style_output(output, style, risk_models.layer_name(model, "change"))
        return found, {"POINTS_OUTPUT": output}

    def _tell(self, model, found, places, monitor):
        from ..core.scenario import ALTERED

        part = found.part(ALTERED)
        monitor.info(
            f"{part['cells']} {places} altered: mean {model.target} {part['mean_before']:.4g} before, "
            f"{part['mean_after']:.4g} after. What the model would predict, not the effect of an intervention."
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

        if not parameters.get("OUTSIDE") or model.applicability is None:
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

    def _write_report(self, parameters, context, model, changes, found):
        """found: where it was compared -> Scenario; the report has a section for each."""
        from ..report import scenario
        from ..report.document import Document

        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if not path:
            return {}
        made = "; ".join(map(str, changes))
        sections = [scenario.section(model, one, f"Scenario of {model.target} {where}") for where, one in found.items()]
        facts = {"Target": model.target, "Changes": made, "Model": "skill" if model.skill.has_skill else "no skill"}
        Document(self.TITLE, made, tuple(sections), facts).write(path)
        return {"REPORT": path}
