"""Structural equation model: lavaan's syntax, fitted, with tables, path diagram and report."""

from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
)

from ..core.errors import InputError
from ..processing_provider import compat, layers, publication
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

# values of the core and their labels, in an order that is an interface
MODELS = ("text", "wu2025")
MODEL_LABELS = ("As written below or in the file", "Soil-sediment-water (Wu et al. 2025)")
ESTIMATORS = ("ML", "MLR")
ESTIMATOR_LABELS = ("Maximum likelihood (ML)", "Maximum likelihood, robust errors and test (MLR)")
MISSING = ("listwise", "fiml")
MISSING_LABELS = ("Leave the row out", "Use what the row has (full information maximum likelihood)")
MEDIA = ("SOIL", "SEDIMENT", "WATER")
TABLES = {
    "FIT_INDICES": "Fit indices",
    "MODIFICATION_INDICES": "Modification indices",
    "EFFECTS": "Direct, indirect and total effects",
    "DROPPED": "Paths dropped",
}


class StructuralEquationModel(CoastalAlgorithm):
    """Latent and observed variables and the paths between them."""

    ID = "structuralequationmodel"
    TITLE = "Structural equation model"
    GROUP = "Statistics"
    TAGS = ("SEM", "lavaan", "path analysis", "latent variable", "confirmatory factor analysis", "CFA", "mediation")
    NEEDS = ("scipy", "pandas", "matplotlib", "jinja2")

    def declare(self):
        vector, number = QgsProcessing.SourceType.TypeVector, QgsProcessingParameterField.DataType.Any
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", self.tr("Sites (points or table)"), [vector]))
        self.addParameter(p.choice("MODEL_KIND", self.tr("Model"), MODEL_LABELS))
        text = self.tr("Model text in lavaan's syntax; statements end at a line or ';'")
        self.addParameter(p.text("MODEL", text, multiline=True))
        file = QgsProcessingParameterFile("MODEL_FILE", self.tr("Model file (in place of the text)"), optional=True)
        self.addParameter(file)
        for name in MEDIA:
            label = f"{name.capitalize()} fields of the ready model"
            field = QgsProcessingParameterField(f"{name}_FIELDS", label, None, "INPUT", number, True, True)
            self.addParameter(field)
        log = self.tr("Fields to take the logarithm of first")
        self.addParameter(QgsProcessingParameterField("LOG_FIELDS", log, None, "INPUT", number, True, True))
        standardize = self.tr("Standardize the variables first (always so for the ready model)")
        self.addParameter(QgsProcessingParameterBoolean("STANDARDIZE", standardize, False))
        self.addParameter(p.choice("ESTIMATOR", self.tr("Estimator"), ESTIMATOR_LABELS))
        self.addParameter(p.choice("MISSING", self.tr("Rows with missing values"), MISSING_LABELS))
        drop = self.tr("Drop paths weaker than this standardized size (0: keep all)")
        self.addParameter(p.advanced(p.decimal("DROP_BELOW", drop, 0.0, 0.0, 0.99)))
        resamples = self.tr("Bootstrap resamples (0: none; 1000 for 95 % intervals)")
        self.addParameter(p.integer("BOOTSTRAP", resamples, 0, 0, 100_000))
        self.addParameter(p.seed())
        self._declare_outputs(vector)

    def _declare_outputs(self, vector):
        sink = QgsProcessingParameterFeatureSink
        self.addParameter(sink("OUTPUT", self.tr("Estimates"), vector))
        for name, label in TABLES.items():
            self.addParameter(sink(name, self.tr(label), vector, optional=True, createByDefault=False))
        kinds = "PNG files (*.png);;SVG files (*.svg)"
        diagram = QgsProcessingParameterFileDestination(
            "DIAGRAM", self.tr("Path diagram"), kinds, optional=True, createByDefault=False
        )
        self.addParameter(diagram)
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core import sem

        table = layers.read_table(self, parameters, "INPUT", context, monitor)
        ready = MODELS[self.parameterAsEnum(parameters, "MODEL_KIND", context)] == "wu2025"
        model = self._ready_model(parameters, context, table) if ready else self._written_model(parameters, context)
        table = self._with_logarithms(parameters, context, table, monitor)
        options = sem.FitOptions(
            estimator=ESTIMATORS[self.parameterAsEnum(parameters, "ESTIMATOR", context)],
            missing=MISSING[self.parameterAsEnum(parameters, "MISSING", context)],
            standardize=ready or self.parameterAsBool(parameters, "STANDARDIZE", context),
            bootstrap=self.parameterAsInt(parameters, "BOOTSTRAP", context),
            seed=self.parameterAsInt(parameters, "SEED", context),
        )
        least = self.parameterAsDouble(parameters, "DROP_BELOW", context)
        refined = None
        if least > 0:
            refined = sem.refine(model, table, least, options, monitor.part(0.0, 0.9))
        fitted = refined.fit if refined is not None else sem.fit(model, table, options, monitor.part(0.0, 0.9))
        _tell(fitted, monitor)
        return self._write(parameters, context, monitor, fitted, refined)

    def _written_model(self, parameters, context):
        text = self.parameterAsString(parameters, "MODEL", context) or ""
        path = self.parameterAsFile(parameters, "MODEL_FILE", context)
        if text.strip() and path:
            raise InputError("Give the model as text (MODEL) or as a file (MODEL_FILE), not both.")
        if path:
            self.record_file("MODEL_FILE", path)
            return Path(path).read_text(encoding="utf-8-sig")
        if not text.strip():
            raise InputError(
                "No model given. Write one (MODEL), such as 'soil =~ Cd + Pb + Ni; water =~ Cd_w + Pb_w + DO; "
                "water ~ soil', or choose the ready model."
            )
        return text

    def _ready_model(self, parameters, context, table):
        from ..core import sem

        fields = [compat.field_names(self, parameters, f"{name}_FIELDS", context) for name in MEDIA]
        return sem.media_model(*fields, columns=table.columns)

    def _with_logarithms(self, parameters, context, table, monitor):
        from ..core.sem import logarithms

        fields = compat.field_names(self, parameters, "LOG_FIELDS", context)
        return logarithms(table, fields, monitor) if fields else table

    def _write(self, parameters, context, monitor, fitted, refined):
        outputs = {"OUTPUT": layers.write_table(self, parameters, "OUTPUT", context, fitted.table(), monitor)}
        tables = _tables(fitted, refined)
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        diagram = self.parameterAsFileOutput(parameters, "DIAGRAM", context)
        if diagram:
            outputs["DIAGRAM"] = _draw(fitted, diagram)
        if publication.NAME in parameters:
            from ..report import sem

            listings = sem.publication(fitted, refined)
            outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            _write_report(path, fitted, refined)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs


def _tell(fitted, monitor):
    values = fitted.fit_indices()
    if fitted.converged:
        test = ("chisq.scaled", "df", "pvalue.scaled") if fitted.robust else ("chisq", "df", "pvalue")
        shown = (*test, "cfi", "tli", "rmsea", "srmr")
        monitor.info(", ".join(f"{name} {values[name]:.4g}" for name in shown))


def _tables(fitted, refined):
    import pandas as pd

    indices = fitted.fit_indices()
    steps = pd.DataFrame(columns=["step", "dropped", "std_all"]) if refined is None else refined.steps
    return {
        "FIT_INDICES": pd.DataFrame({"measure": indices.index, "value": indices.to_numpy()}),
        "MODIFICATION_INDICES": fitted.modification_indices(),
        "EFFECTS": fitted.effects(),
        "DROPPED": steps,
    }


def _draw(fitted, path):
    from ..report.sem_diagram import path_diagram
    from ..report.style import save_png, to_svg

    figure, path = path_diagram(fitted), Path(path)
    if path.suffix.lower() == ".svg":
        temporary = path.with_name(path.name + ".part")
        temporary.write_text(to_svg(figure), encoding="utf-8")
        temporary.replace(path)
    else:
        save_png(figure, path)
    return str(path)


def _write_report(path, fitted, refined):
    from ..report import sem
    from ..report.document import Document

    facts = {
        "Sites": fitted.sample.n,
        "Variables": ", ".join(fitted.sample.names),
        "Estimator": fitted.options.estimator,
        "Free parameters": int(fitted.structure.basis.shape[1]),
    }
    Document("Structural equation model", f"{fitted.sample.n} sites", (sem.section(fitted, refined),), facts).write(
        path
    )
