"""Geochemical baselines: four methods, their intervals, a comparison with published backgrounds."""

from qgis.core import QgsProcessing, QgsProcessingParameterBoolean, QgsProcessingParameterFeatureSink

from ..core import reference_values
from ..core.baseline_methods import METHOD_TITLES
from ..processing_provider import backgrounds, layers, publication, samples
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

MEDIA = ("soil", "sediment")
SPREADS = ("sd", "mad")
CENTRALS = ("own", "mean", "median")
AXES = ("log-probability", "decimal")
CENSORED = ("ros", "km", "substitute")
TABLES = ("RECOMMENDATION", "ITERATIONS", "SUMMARY")


class GeochemicalBaselines(CoastalAlgorithm):
    """What an element's concentration is where nothing has been added."""

    ID = "geochemicalbaselines"
    TITLE = "Geochemical baselines"
    GROUP = "Baselines"
    TAGS = ("GeoB", "background", "threshold", "IMEA", "IMED", "boxplot", "cumulative frequency", "RCF")
    NEEDS = ("scipy", "pandas", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Samples")))
        self.addParameter(p.choice("MEDIUM", self.tr("Medium"), MEDIA))
        methods = p.choice("METHODS", self.tr("Methods"), METHOD_TITLES.values(), [0, 1, 2, 3], several=True)
        self.addParameter(methods)
        titles = (self.tr("None"), *reference_values.background_titles().values())
        self.addParameter(p.choice("BACKGROUND", self.tr("Background to compare with"), titles))
        self.addParameter(p.text("BACKGROUND_VALUES", self.tr("Own background values (mg/kg), as 'Cd=0.1; Pb=23'")))
        samples.declare_sample_fields(self)
        self.addParameter(p.non_detects())
        log = QgsProcessingParameterBoolean("LOG", self.tr("Trim logarithms instead of concentrations"), False)
        self.addParameter(p.advanced(log))
        self.addParameter(p.advanced(p.decimal("K", self.tr("Kept range in spreads (IMEA, IMED)"), 2.0, 1.0, 10.0)))
        upper = QgsProcessingParameterBoolean("UPPER_ONLY", self.tr("Drop high values only"), False)
        self.addParameter(p.advanced(upper))
        spreads = ("Standard deviation", "1.4826 x median absolute deviation")
        self.addParameter(p.advanced(p.choice("SPREAD", self.tr("Spread around the iterative median"), spreads)))
        centrals = ("Each method's own", "Mean", "Median")
        self.addParameter(p.advanced(p.choice("CENTRAL", self.tr("Central value of what is kept"), centrals)))
        axes = ("Log-probability, bend tested", "Decimal, not tested, as in Wu et al. 2025")
        self.addParameter(p.advanced(p.choice("RCF_AXES", self.tr("Axes of the cumulative curve (RCF)"), axes)))
        self.addParameter(p.advanced(p.integer("BOOTSTRAP", self.tr("Bootstrap resamples"), 1000, 0, 100_000)))
        treatments = ("Regression on order statistics (ROS)", "Kaplan-Meier", "Their substitutes")
        label = self.tr("Non-detects in the summary statistics by")
        self.addParameter(p.advanced(p.choice("CENSORED_STATISTICS", label, treatments)))
        self.addParameter(p.seed())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("BASELINES", self.tr("Baselines"), table))
        labels = (self.tr("Recommended methods"), self.tr("Log of the iterations"), self.tr("Summary statistics"))
        for name, label in zip(TABLES, labels):
            self.addParameter(QgsProcessingParameterFeatureSink(name, label, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.baselines import geochemical_baselines, recommend
        from ..core.summary_statistics import summary_statistics
        from ..report import baselines

        medium = MEDIA[self.parameterAsEnum(parameters, "MEDIUM", context)]
        options = self._options(parameters, context)
        background, title = self._background(parameters, context)
        read = samples.read_samples(self, parameters, "INPUT", medium, context, monitor)
        result = geochemical_baselines(read.concentrations, options, monitor.part(0.0, 0.9), read.censored)
        table = result.table
        if background is not None:
            compared = result.compare(background)[["background", "ratio", "position"]]
            table = table.drop(columns="note").join(compared).assign(note=table["note"])
        table = table.assign(medium=medium)
        outputs = {"BASELINES": layers.write_table(self, parameters, "BASELINES", context, table, monitor)}
        treatment = CENSORED[self.parameterAsEnum(parameters, "CENSORED_STATISTICS", context)]
        summary = summary_statistics(read.concentrations, read.censored, read.detection_limits, treatment)
        tables = dict(zip(TABLES, (recommend(result), result.passes, summary)))
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        listings = baselines.publication(result, background, title, summary)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = samples.sample_options(self, parameters, context).nondetects
            self._write_report(path, read, rule, result, (background, title, summary))
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _options(self, parameters, context):
        from ..core.baselines import BaselineOptions

        def chosen(name, values):
            return values[self.parameterAsEnum(parameters, name, context)]

        names = list(METHOD_TITLES)
        return BaselineOptions(
            methods=tuple(names[index] for index in self.parameterAsEnums(parameters, "METHODS", context)),
            log=self.parameterAsBool(parameters, "LOG", context),
            k=self.parameterAsDouble(parameters, "K", context),
            upper_only=self.parameterAsBool(parameters, "UPPER_ONLY", context),
            spread=chosen("SPREAD", SPREADS),
            central=chosen("CENTRAL", CENTRALS),
            rcf_axes=chosen("RCF_AXES", AXES),
            bootstrap=self.parameterAsInt(parameters, "BOOTSTRAP", context),
            seed=self.parameterAsInt(parameters, "SEED", context),
        )

    def _background(self, parameters, context):
        """Background values to compare with and what they are; (None, "") for none."""
        import pandas as pd

        titles = reference_values.background_titles()
        index = self.parameterAsEnum(parameters, "BACKGROUND", context)
        values = pd.Series(dtype=float) if index == 0 else reference_values.background(list(titles)[index - 1])
        title = list(titles.values())[index - 1] if index else ""
        own = backgrounds.own_values(self.parameterAsString(parameters, "BACKGROUND_VALUES", context))
        if own:
            values = pd.concat([values.drop(index=list(own), errors="ignore"), pd.Series(own)])
            title = f"{title}; own values of {', '.join(own)}".removeprefix("; ")
        return (None, "") if values.empty else (values, title)

    def _write_report(self, path, read, rule, result, background):
        from ..report import baselines, data_quality
        from ..report.document import Document

        facts = {"Samples": len(read), "Medium": read.medium, "Elements": ", ".join(read.elements)}
        parts = (baselines.section(result, read.medium, *background), data_quality.section(read, nondetects=rule))
        Document(self.TITLE, f"{len(read)} {read.medium} samples", parts, facts).write(path)
