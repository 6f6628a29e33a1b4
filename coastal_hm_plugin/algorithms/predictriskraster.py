"""Predict a risk raster with a trained model."""

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterRasterDestination,
)

from ..processing_provider import parameters as p
from ..processing_provider import risk_models, styling
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.rasters import raster_destination, template_grid

WIDTH = 3  # band of the raster of prediction intervals


class PredictRiskRaster(CoastalAlgorithm):
    """The model on every cell where its covariates are known."""

    ID = "predictriskraster"
    TITLE = "Predict a risk raster"
    GROUP = "Risk"
    TAGS = ("XGBoost", "prediction", "PERI", "map", "raster", "machine learning", "COG", "prediction interval")
    NEEDS = ("xgboost", "scipy", "pandas", "rasterio", "pyproj")

    def declare(self):
        self.addParameter(risk_models.model_file(self.tr("Model")))
        risk_models.declare_map(self)
        resume = self.tr("Go on from an interrupted run, and keep what is finished if this one is interrupted")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("RESUME", resume, False)))
        self.addParameter(p.scheduler())
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.tr("Risk raster")))
        for name, label in (
            ("RISK_CLASSES", self.tr("Raster of the risk classes")),
            ("APPLICABILITY", self.tr("Area of applicability")),
            ("INTERVALS", self.tr("Prediction intervals")),
        ):
            self.addParameter(
                QgsProcessingParameterRasterDestination(name, label, optional=True, createByDefault=False)
            )

    def compute(self, parameters, context, monitor):
        from ..core.errors import InputError
        from ..core.raster_prediction import RasterOptions, RasterOutputs, covariates_of, predict_raster

        model = risk_models.load_model(self, parameters, context, monitor)
        given = risk_models.read_rasters(self, parameters, context, monitor)
        manifest = covariates_of(model, risk_models.rasters_for(model, given, monitor))
        names = ("OUTPUT", "RISK_CLASSES", "APPLICABILITY", "INTERVALS")
        outputs = RasterOutputs(*(raster_destination(self, parameters, name, context) for name in names))
        if outputs.classes and model.scheme is None:
            raise InputError(f"'{model.target}' has no risk classes. Leave the raster of the classes out.")
        options = RasterOptions(
            limits=model.scheme.limits if model.scheme else (),
            allow_missing=self.parameterAsBool(parameters, "ALLOW_MISSING", context),
            max_distance_m=self.parameterAsDouble(parameters, "MAX_DISTANCE", context),
            resume=self.parameterAsBool(parameters, "RESUME", context),
        )
        grid = template_grid(self, parameters, context, manifest.covariates[0].path)
        with p.on_scheduler(self, parameters, context, monitor):
            result = predict_raster(model, outputs, grid, manifest, options, monitor)
        monitor.info(
            f"{result.predicted} of {result.cells} cells predicted, {result.minimum:.4g} to {result.maximum:.4g}, "
            f"mean {result.mean:.4g}."
        )
        return self._styled(model, result.files)

    def _styled(self, model, files):
        """The files written, each with its style and a name that tells what the model is worth."""
        name = risk_models.layer_name
        styled = [("OUTPUT", files.values, risk_models.raster_style(model), name(model, "predicted"))]
        if files.classes:
            style = styling.class_raster(model.scheme)
            styled.append(("RISK_CLASSES", files.classes, style, name(model, "predicted classes")))
        if files.applicability:
            style = styling.outside_mask(model.applicability.threshold)
            styled.append(("APPLICABILITY", files.applicability, style, risk_models.applicability_name(model)))
        if files.intervals:
            text = f"width of the {100 * model.intervals.level:g} % prediction interval"
            style = styling.continuous_raster(band=WIDTH)
            styled.append(("INTERVALS", files.intervals, style, name(model, text)))
        for _, path, style, title in styled:
            self.style_output(str(path), style, title)
        return {key: str(path) for key, path, _, _ in styled}
