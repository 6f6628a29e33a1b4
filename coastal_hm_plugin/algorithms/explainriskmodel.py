"""Explain what a trained risk model predicts, with SHAP values."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..processing_provider import columns, driver_maps, layers, risk_models
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.rasters import raster_destination, template_grid


class ExplainRiskModel(CoastalAlgorithm):
    """What every predictor adds to the prediction, at sites and on a coarse grid."""

    ID = "explainriskmodel"
    TITLE = "Explain a risk model (SHAP)"
    GROUP = "Risk"
    TAGS = ("SHAP", "XGBoost", "explanation", "importance", "interaction", "driver", "machine learning")
    NEEDS = ("xgboost", "scipy", "pandas", "rasterio", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Points to explain")))
        self.addParameter(risk_models.model_file(self.tr("Model")))
        risk_models.declare_rasters(self, self.tr("Rasters in the place of the model's own"))
        self._declare_grid()
        points, table = QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVector
        label = self.tr("SHAP values and dominant driver")
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", label, points))
        for name, label in (("IMPORTANCE", "Importance"), ("INTERACTIONS", "Interactions")):
            sink = QgsProcessingParameterFeatureSink(name, self.tr(label), table, optional=True, createByDefault=False)
            self.addParameter(sink)
        for name, label in (("SHAP_RASTER", "Raster of SHAP values"), ("DRIVER_RASTER", "Raster of dominant drivers")):
            raster = QgsProcessingParameterRasterDestination(name, self.tr(label), optional=True, createByDefault=False)
            self.addParameter(raster)
        self.addParameter(p.report())

    def _declare_grid(self):
        seconds = p.decimal("MAX_SECONDS", self.tr("Time allowed for the rasters (s)"), 60.0, 1.0)
        size = self.tr("Cell size of the rasters (units of the CRS; 0: from the time allowed)")
        template = self.tr("Template raster (empty: the model's first covariate)")
        missing = self.tr("Also explain cells where some covariates have no value")
        self.addParameter(seconds)
        for parameter in (
            p.decimal("CELL_SIZE", size, 0.0, 0.0),
            QgsProcessingParameterRasterLayer("TEMPLATE", template, optional=True),
            QgsProcessingParameterExtent("EXTENT", self.tr("Extent of the rasters"), optional=True),
            QgsProcessingParameterBoolean("ALLOW_MISSING", missing, False),
        ):
            self.addParameter(p.advanced(parameter))

    def compute(self, parameters, context, monitor):
        from ..core.explain import explain_interactions, explain_risk_model
        from ..processing_provider.model_points import with_covariates

        sites = layers.read_points(self, parameters, "INPUT", context, monitor)
        model = risk_models.load_model(self, parameters, context, monitor)
        task = self._raster_task(parameters, context, model, monitor)
        table = with_covariates(self, parameters, context, sites, model, monitor.part(0.0, 0.15))
        prediction = model.predict(table, monitor=monitor.part(0.15, 0.17))
        explanation = explain_risk_model(model, table, monitor.part(0.17, 0.25))
        monitor.info(
            f"Base and SHAP values add up to the prediction: the largest difference at {len(table)} points is "
            f"{explanation.additivity_error():.1g} of it."
        )
        report = self.parameterAsFileOutput(parameters, "REPORT", context)
        interactions = None
        if report or parameters.get("INTERACTIONS"):
            interactions = explain_interactions(model, table, monitor.part(0.25, 0.4))
        tables = {"IMPORTANCE": explanation.importance, "INTERACTIONS": lambda: interactions.to_frame()}
        outputs = layers.write_tables(self, parameters, context, tables, monitor)
        table = columns.beside(table, _fields(model, explanation, prediction), monitor)
        outputs["OUTPUT"] = self._write_points(parameters, context, sites, table, model, monitor)
        raster = self._explain_raster(model, task, monitor.part(0.4, 0.95)) if task else None
        if raster:
            outputs.update(self._styled(model, raster))
        if report:
            _write_report(report, model, explanation, interactions, raster)
            outputs["REPORT"] = report
        monitor.progress(1.0)
        return outputs

    def _raster_task(self, parameters, context, model, monitor):
        """What explain_raster needs, checked before anything is computed; None where no raster is asked for."""
        from ..core.explain import RasterExplanationOptions
        from ..core.raster_prediction import covariates_of

        paths = [raster_destination(self, parameters, name, context) for name in ("SHAP_RASTER", "DRIVER_RASTER")]
        if not any(paths):
            return None
        given = risk_models.read_rasters(self, parameters, context, monitor)
        manifest = covariates_of(model, risk_models.rasters_for(model, given, monitor))
        options = RasterExplanationOptions(
            cell_size=self.parameterAsDouble(parameters, "CELL_SIZE", context) or None,
            max_seconds=self.parameterAsDouble(parameters, "MAX_SECONDS", context),
            allow_missing=self.parameterAsBool(parameters, "ALLOW_MISSING", context),
        )
        return (*paths, template_grid(self, parameters, context, manifest.covariates[0].path), manifest, options)

    def _explain_raster(self, model, task, monitor):
        from ..core.explain import explain_raster

        raster = explain_raster(model, *task, monitor)
        for path in filter(None, (raster.path, raster.drivers_path)):
            self.begin_output(str(path))
            self.begin_output(f"{path}.aux.xml")
        monitor.info(raster.sentence)
        return raster

    def _write_points(self, parameters, context, sites, table, model, monitor):
        from ..core.explain import by_gain

        output = layers.write_points(self, parameters, "OUTPUT", context, table, sites.x, sites.y, sites.crs, monitor)
        style = driver_maps.driver_points("driver", "driver_direction", by_gain(model))
        what = f"driver of the prediction, {driver_maps.DIRECTIONS}"
        self.style_output(output, style, _layer_name(model, what))
        return output

    def _styled(self, model, raster):
        """The rasters written, each with its style and a name that tells what it is and what the model is worth."""
        outputs = {}
        if raster.path:
            outputs["SHAP_RASTER"] = str(raster.path)
            first = int(raster.mean_abs_shap.argmax())
            what = f"SHAP of {model.names[first]}, {raster.label}"
            style = driver_maps.shap_band(first + 1)
            self.style_output(outputs["SHAP_RASTER"], style, _layer_name(model, what))
        if raster.drivers_path:
            outputs["DRIVER_RASTER"] = str(raster.drivers_path)
            style = driver_maps.driver_raster(raster.driver_names, set(raster.drivers["driver"]))
            what = f"driver of the prediction, {raster.label}"
            self.style_output(outputs["DRIVER_RASTER"], style, _layer_name(model, what))
        return outputs


def _layer_name(model, what):
    """A layer's name without the classes of the target, which SHAP values do not have."""
    from dataclasses import replace

    return risk_models.layer_name(replace(model, scheme=None), what)


def _fields(model, explanation, prediction):
    """What is computed of each point."""
    import pandas as pd

    table = pd.concat([explanation.to_frame(), explanation.drivers()], axis=1)
    table["n_unseen"], table["n_missing"] = prediction.unseen, prediction.missing
    table["model_has_skill"] = model.skill.has_skill
    return table


def _write_report(path, model, explanation, interactions, raster):
    from ..report.document import Document
    from ..report.explanation import section

    count = len(explanation.shap)
    facts = {"Sites": count, "Target": model.target, "Skill": "yes" if model.skill.has_skill else "no"}
    part = section(explanation, interactions, raster=raster)
    Document(ExplainRiskModel.TITLE, f"{model.target} at {count} sites", (part,), facts).write(path)
