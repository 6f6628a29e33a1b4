"""Train an XGBoost risk model on sites, scored on held-out folds."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..core.risk_scheme import RISK_SCHEMES
from ..processing_provider import compat, layers, risk_models
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

TRANSFORMS = ("auto", "none", "log")
TRANSFORM_LABELS = ("Logarithmic for a skewed target, else none", "None", "Logarithmic")
MEDIA = (None, "soil", "sediment", "water")
MEDIUM_LABELS = ("As the target's name tells", "soil", "sediment", "water")


class TrainRiskModel(CoastalAlgorithm):
    """PERI, or any other number, from what is known of a site."""

    ID = "trainriskmodel"
    TITLE = "Train a risk model (XGBoost)"
    GROUP = "Risk"
    TAGS = ("XGBoost", "machine learning", "PERI", "prediction", "cross-validation", "SHAP", "spatial folds")
    NEEDS = ("xgboost", "sklearn", "scipy", "pandas", "rasterio", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Sites")))
        kinds = QgsProcessingParameterField.DataType
        self.addParameter(QgsProcessingParameterField("TARGET", self.tr("Target"), "PERI", "INPUT", kinds.Any))
        label = self.tr("Predictor fields (empty: the rasters, or without rasters all fields that can serve)")
        fields = QgsProcessingParameterField("PREDICTORS", label, None, "INPUT", kinds.Any, True, True)
        self.addParameter(fields)
        risk_models.declare_rasters(self, self.tr("Covariate rasters, sampled at the sites"))
        label = self.tr("Field of groups that stay in one fold")
        self.addParameter(QgsProcessingParameterField("GROUPS", label, None, "INPUT", kinds.Any, False, True))
        self.addParameter(p.predictor_selection())
        schemes = [scheme.title for scheme in RISK_SCHEMES.values()]
        self.addParameter(p.choice("SCHEME", self.tr("Class limits of PERI"), schemes))
        self.addParameter(p.integer("FOLDS", self.tr("Folds"), 5, 2, 20))
        self._declare_advanced(kinds.Any)
        model = QgsProcessingParameterFileDestination("MODEL", self.tr("Model"), "Risk model (*.json)")
        self.addParameter(model)
        points, table = QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("PREDICTIONS", self.tr("Held-out predictions"), points))
        for name, label, kind in (("SCORES", "Scores", table), ("SHAP", "SHAP values of the sites", points)):
            sink = QgsProcessingParameterFeatureSink(name, self.tr(label), kind, optional=True, createByDefault=False)
            self.addParameter(sink)
        self.addParameter(p.report())

    def _declare_advanced(self, any_field):
        advanced = (
            p.integer("REPEATS", self.tr("Repeats of the folds"), 5, 1, 100),
            p.decimal("BLOCK_SIZE", self.tr("Side of the spatial blocks (m; 0: from the data)"), 0.0, 0.0),
            QgsProcessingParameterBoolean("MATCHED", self.tr("Also score on folds matched to the map (kNNDM)"), False),
            p.integer("MAX_PREDICTORS", self.tr("Most predictors"), 10, 1, 1000),
            QgsProcessingParameterBoolean(
                "COMPARE_WU2025", self.tr("Also score as in Wu et al. 2025, to show the difference"), True
            ),
            p.integer("SEARCH", self.tr("Other parameters of the trees to try inside the folds (0: none)"), 0, 0, 1000),
            p.decimal("SEARCH_SECONDS", self.tr("Longest search (s)"), 600.0, 1.0),
            QgsProcessingParameterBoolean(
                "LEARNING_CURVE", self.tr("Also score with fewer training sites (learning curve)"), False
            ),
            p.choice("TRANSFORM", self.tr("Transform of the target"), TRANSFORM_LABELS),
            p.decimal("INTERVAL_LEVEL", self.tr("Level of the prediction intervals (%)"), 90.0, 50.0, 99.0),
            p.choice("MEDIUM", self.tr("Medium of the target"), MEDIUM_LABELS),
            QgsProcessingParameterField(
                "CIRCULAR", self.tr("More fields the target is computed from"), None, "INPUT", any_field, True, True
            ),
            QgsProcessingParameterFile(
                "MANIFEST", self.tr("Covariate manifest of the fields"), extension="json", optional=True
            ),
        )
        for parameter in advanced:
            self.addParameter(p.advanced(parameter))
        self.addParameter(p.scheduler())
        self.addParameter(p.seed())

    def compute(self, parameters, context, monitor):
        from dataclasses import replace

        from ..core.explain import explain_risk_model
        from ..core.risk_model import train_risk_model

        sites = layers.read_points(self, parameters, "INPUT", context, monitor)
        target = self.parameterAsString(parameters, "TARGET", context)
        table, predictors, manifest = self._predictors(parameters, context, sites, monitor.part(0.0, 0.3))
        options = self._options(parameters, context)
        place = sites.x, sites.y, sites.crs_wkt
        with p.on_scheduler(self, parameters, context, monitor):
            model = train_risk_model(table, target, predictors, options, *place, manifest, monitor.part(0.3, 0.8))
        model = replace(model, scheme=self._scheme(parameters, context, table, target))
        explanation = explain_risk_model(model, table, monitor.part(0.8, 0.85))
        outputs = self._write_layers(parameters, context, sites, model, explanation, monitor.part(0.85, 0.95))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, sites, model, explanation)
            outputs["REPORT"] = path
        outputs["MODEL"] = str(model.save(self.parameterAsFileOutput(parameters, "MODEL", context))[0])
        monitor.info(f"Predictors in the model: {', '.join(model.names)}.")
        monitor.progress(1.0)
        return outputs

    def _predictors(self, parameters, context, sites, monitor):
        """The table to train on, the predictors' names (None: all that can serve), and their rasters."""
        from ..core.covariates import Manifest, codes_as_classes, sample_covariates
        from ..processing_provider import columns

        names = compat.field_names(self, parameters, "PREDICTORS", context) or None
        path = self.parameterAsFile(parameters, "MANIFEST", context)
        known = Manifest.read(path) if path else None
        rasters = risk_models.read_rasters(self, parameters, context, monitor)
        if rasters is None:
            return sites.table, names, known
        rasters = codes_as_classes(rasters, monitor)
        samples = sample_covariates(sites.x, sites.y, sites.crs_wkt, rasters, monitor)
        table = columns.beside(sites.table, samples.table, monitor)
        others = [c for c in known.covariates if c.name not in rasters.names] if known else []
        return table, [*(names or []), *rasters.names], Manifest((*rasters.covariates, *others))

    def _options(self, parameters, context):
        from ..core.risk_model import TrainingOptions

        def choice(name, values):
            return values[self.parameterAsEnum(parameters, name, context)]

        def whole(name):
            return self.parameterAsInt(parameters, name, context)

        return TrainingOptions(
            folds=whole("FOLDS"),
            repeats=whole("REPEATS"),
            groups=self.parameterAsString(parameters, "GROUPS", context) or None,
            block_size_m=self.parameterAsDouble(parameters, "BLOCK_SIZE", context) or None,
            matched=self.parameterAsBool(parameters, "MATCHED", context),
            compare_wu2025=self.parameterAsBool(parameters, "COMPARE_WU2025", context),
            search=whole("SEARCH"),
            search_seconds=self.parameterAsDouble(parameters, "SEARCH_SECONDS", context),
            learning_curve=self.parameterAsBool(parameters, "LEARNING_CURVE", context),
            selection=choice("SELECTION", p.SELECTIONS),
            max_predictors=whole("MAX_PREDICTORS"),
            transform=choice("TRANSFORM", TRANSFORMS),
            seed=whole("SEED"),
            medium=choice("MEDIUM", MEDIA),
            circular=tuple(compat.field_names(self, parameters, "CIRCULAR", context)),
            interval_level=self.parameterAsDouble(parameters, "INTERVAL_LEVEL", context) / 100,
        )

    def _scheme(self, parameters, context, table, target):
        """The classes of PERI, for the metals whose Er the table has, or of another index; None without classes."""
        from ..core.chemistry import describe_field
        from ..core.errors import InputError
        from ..core.index_schemes import scheme_of_target
        from ..core.reference_values import toxic_response

        if not {"peri", "ri"} & set(target.lower().split("_")):
            return scheme_of_target(target, MEDIA[self.parameterAsEnum(parameters, "MEDIUM", context)])
        scheme = list(RISK_SCHEMES.values())[self.parameterAsEnum(parameters, "SCHEME", context)]
        meanings = [describe_field(name) for name in table.columns]
        metals = {meaning.element for meaning in meanings if meaning.quantity == "Er" and meaning.element}
        response = toxic_response()
        response = response[response.index.isin(metals)]
        if len(response):
            return scheme.for_metals(response)
        if scheme.name == "scaled":
            raise InputError(
                "Limits scaled to the metals used need the fields Er_Cd ... that tell which metals these are."
            )
        return scheme

    def _write_layers(self, parameters, context, sites, model, explanation, monitor):
        rows = model.held_out["row"].to_numpy()
        x, y = sites.x[rows], sites.y[rows]
        held_out = _held_out_fields(model)
        outputs = {
            "PREDICTIONS": layers.write_points(
                self, parameters, "PREDICTIONS", context, held_out, x, y, sites.crs, monitor
            )
        }
        style = risk_models.points_style(model, "predicted")
        self.style_output(outputs["PREDICTIONS"], style, risk_models.layer_name(model, "predicted, held out"))
        outputs.update(layers.write_tables(self, parameters, context, {"SCORES": model.scores}, monitor))
        if parameters.get("SHAP") is not None:
            values = explanation.to_frame().iloc[rows].reset_index(drop=True)
            outputs["SHAP"] = layers.write_points(self, parameters, "SHAP", context, values, x, y, sites.crs, monitor)
        return outputs

    def _write_report(self, path, sites, model, explanation):
        from ..report import applicability, intervals, validation
        from ..report.document import Document
        from ..report.risk import section

        sections = [section(model, explanation), validation.section(model), intervals.section(model)]
        if model.applicability is not None:
            sections.append(applicability.section(model))
        facts = {"Sites": len(sites.table), "Target": model.target, "Skill": "yes" if model.skill.has_skill else "no"}
        Document(self.TITLE, f"{model.target} at {len(sites.table)} sites", tuple(sections), facts).write(path)


def _held_out_fields(model):
    """A row per training site: observed, predicted on the strictest folds and on random ones, classes."""
    import pandas as pd

    held_out = model.held_out
    table = pd.DataFrame({"row": held_out["row"] + 1, "observed": held_out["observed"]})
    table["predicted"] = model.strict_predictions
    table["residual"] = table["observed"] - table["predicted"]
    for name in held_out.columns[held_out.columns.str.startswith("predicted_")]:
        table[name] = held_out[name]
    table["lower"], table["upper"] = model.intervals.lower, model.intervals.upper
    table["fold"] = held_out["fold"] + 1
    classes = risk_models.classes_of(model, table["predicted"])
    return table if classes is None else pd.concat([table, classes], axis=1)
