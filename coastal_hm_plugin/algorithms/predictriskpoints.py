"""Predict risk at points with a trained model."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSink

from ..processing_provider import columns, layers, risk_models
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.model_points import with_covariates


class PredictRiskPoints(CoastalAlgorithm):
    """New points, the same covariates, the model's prediction."""

    ID = "predictriskpoints"
    TITLE = "Predict risk at points"
    GROUP = "Risk"
    TAGS = ("XGBoost", "prediction", "PERI", "machine learning")
    NEEDS = ("xgboost", "scipy", "pandas", "rasterio", "pyproj")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Points")))
        self.addParameter(risk_models.model_file(self.tr("Model")))
        risk_models.declare_rasters(self, self.tr("Rasters in the place of the model's own"))
        points = QgsProcessing.SourceType.TypeVectorPoint
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Predicted risk"), points))

    def compute(self, parameters, context, monitor):
        import pandas as pd

        sites = layers.read_points(self, parameters, "INPUT", context, monitor)
        model = risk_models.load_model(self, parameters, context, monitor)
        table = with_covariates(self, parameters, context, sites, model, monitor.part(0.0, 0.6))
        prediction = model.predict(table, monitor=monitor.part(0.6, 0.8))
        if prediction.unseen.any():
            count = int((prediction.unseen > 0).sum())
            monitor.warn(f"{count} of {len(table)} points have a category that training did not see (field n_unseen).")
        field = f"{model.target}_predicted"
        fields = self._fields(model, prediction, field)
        if model.intervals is not None:
            (monitor.info if model.intervals.as_promised else monitor.warn)(model.intervals.sentence)
        unlike = model.dissimilarity(table, monitor.part(0.8, 0.9))
        if unlike is not None:
            fields = pd.concat([fields, unlike.to_frame()], axis=1)
            self._tell_outside(unlike, model, monitor)
        table = columns.beside(table, fields, monitor)
        output = layers.write_points(self, parameters, "OUTPUT", context, table, sites.x, sites.y, sites.crs, monitor)
        style = risk_models.points_style(model, field)
        self.style_output(output, style, risk_models.layer_name(model, "predicted"))
        monitor.progress(1.0)
        return {"OUTPUT": output}

    def _tell_outside(self, unlike, model, monitor):
        outside = int((~unlike.inside).sum())
        if outside:
            monitor.warn(
                f"{outside} of {len(unlike.inside)} points lie outside the area of applicability (field AOA; DI above "
                f"{model.applicability.threshold:.3g}, or a predictor is missing): unlike every training site. Their "
                "predictions and intervals need not hold."
            )

    def _fields(self, model, prediction, field):
        import pandas as pd

        numbers = {field: prediction.values}
        if model.intervals is not None:
            lower, upper = model.intervals.bounds(prediction.values)
            numbers.update({f"{model.target}_lower": lower, f"{model.target}_upper": upper})
        table = pd.DataFrame(numbers)
        if model.scheme is not None:
            for name, values in numbers.items():
                classes = risk_models.classes_of(model, values)
                table[f"{name}_class"], table[f"{name}_class_name"] = classes["class"], classes["class_name"]
            table[f"{field}_scheme"] = model.scheme.label
        if model.intervals is not None:
            table["interval_level"] = model.intervals.level
        table["n_unseen"], table["n_missing"] = prediction.unseen, prediction.missing
        table["model_has_skill"] = model.skill.has_skill
        return table
