"""Predict a risk raster with a trained model."""

from qgis.core import (
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
)

from ..processing_provider import parameters as p
from ..processing_provider import risk_models, styling
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.rasters import raster_destination, template_grid


class PredictRiskRaster(CoastalAlgorithm):
    """The model on every cell where its covariates are known."""

    ID = "predictriskraster"
    TITLE = "Predict a risk raster"
    GROUP = "Risk"
    TAGS = ("XGBoost", "prediction", "PERI", "map", "raster", "machine learning")
    NEEDS = ("xgboost", "scipy", "pandas", "rasterio", "pyproj")

    def declare(self):
        self.addParameter(risk_models.model_file(self.tr("Model")))
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
        self.addParameter(QgsProcessingParameterRasterDestination("OUTPUT", self.tr("Risk raster")))
        classes = QgsProcessingParameterRasterDestination(
            "RISK_CLASSES", self.tr("Raster of the risk classes"), optional=True, createByDefault=False
        )
        self.addParameter(classes)
        applicability = QgsProcessingParameterRasterDestination(
            "APPLICABILITY", self.tr("Area of applicability"), optional=True, createByDefault=False
        )
        self.addParameter(applicability)

    def compute(self, parameters, context, monitor):
        from ..core.errors import InputError
        from ..core.raster_prediction import RasterOptions, covariates_of, predict_raster

        model = risk_models.load_model(self, parameters, context, monitor)
        given = risk_models.read_rasters(self, parameters, context, monitor)
        manifest = covariates_of(model, risk_models.rasters_for(model, given))
        classes_path = raster_destination(self, parameters, "RISK_CLASSES", context)
        if classes_path and model.scheme is None:
            raise InputError(f"'{model.target}' has no risk classes. Leave the raster of the classes out.")
        options = RasterOptions(
            limits=model.scheme.limits if model.scheme else (),
            allow_missing=self.parameterAsBool(parameters, "ALLOW_MISSING", context),
            max_distance_m=self.parameterAsDouble(parameters, "MAX_DISTANCE", context),
        )
        grid = template_grid(self, parameters, context, manifest.covariates[0].path)
        path = raster_destination(self, parameters, "OUTPUT", context)
        area_path = raster_destination(self, parameters, "APPLICABILITY", context)
        result = predict_raster(model, path, grid, manifest, classes_path, options, monitor, area_path)
        monitor.info(
            f"{result.predicted} of {result.cells} cells predicted, {result.minimum:.4g} to {result.maximum:.4g}, "
            f"mean {result.mean:.4g}."
        )
        return self._styled(model, result)

    def _styled(self, model, result):
        """The files written, each with its style and a name that tells what the model is worth."""
        name = risk_models.layer_name
        outputs = {"OUTPUT": str(result.path)}
        self.style_output(outputs["OUTPUT"], risk_models.raster_style(model), name(model, "predicted"))
        if result.classes_path:
            outputs["RISK_CLASSES"] = str(result.classes_path)
            style = styling.class_raster(model.scheme)
            self.style_output(outputs["RISK_CLASSES"], style, name(model, "predicted classes"))
        if result.applicability_path:
            outputs["APPLICABILITY"] = str(result.applicability_path)
            style = styling.outside_mask(model.applicability.threshold)
            self.style_output(outputs["APPLICABILITY"], style, risk_models.applicability_name(model))
        return outputs
