"""Positive matrix factorization: the sources behind concentrations, and how much each gives to every sample."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..processing_provider import columns, layers, samples, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.places import read_places, write_places

MEDIA = ("soil", "sediment", "water")
MISSING = ("median", "drop")
LOWER_CONTRIBUTIONS = (-0.2, 0.0)
TABLES = {"PROFILES": "profiles", "SPECIES": "species_table", "RUNS": "runs_table"}
TABLE_LABELS = {"PROFILES": "Factor profiles", "SPECIES": "Species diagnostics", "RUNS": "Random starts"}
ERROR_TABLE_LABELS = {"BOOTSTRAP_MAPPING": "Bootstrap mapping", "INTERVALS": "Intervals of the profiles"}


class Pmf(CoastalAlgorithm):
    """What sources the metals come from."""

    ID = "pmf"
    TITLE = "Positive matrix factorization"
    GROUP = "Sources"
    TAGS = ("PMF", "source apportionment", "receptor model", "factor analysis", "EPA PMF", "NMF")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self._declare_input()
        self.addParameter(p.integer("FACTORS", self.tr("Number of factors"), 4, 1, 50))
        self.addParameter(p.integer("STARTS", self.tr("Random starts"), 20, 1, 1000))
        self._declare_uncertainty()
        bounds = ("−0.2, as EPA PMF 5.0", "0")
        self.addParameter(p.choice("LOWER_CONTRIBUTION", self.tr("Lowest contribution (mean 1)"), bounds))
        robust = QgsProcessingParameterBoolean("ROBUST", self.tr("Robust: weight outliers down"), True)
        self.addParameter(robust)
        run = self.tr("Run to keep (0: the one with the lowest Q)")
        self.addParameter(p.advanced(p.integer("RUN", run, 0, 0, 1000)))
        self._declare_errors()
        self.addParameter(p.seed())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("CONTRIBUTIONS", self.tr("Contributions"), table))
        for name, label in TABLE_LABELS.items():
            self.addParameter(QgsProcessingParameterFeatureSink(name, self.tr(label), table, optional=True))
        for name, label in ERROR_TABLE_LABELS.items():
            sink = QgsProcessingParameterFeatureSink(name, self.tr(label), table, None, True, False)
            self.addParameter(sink)
        self.addParameter(p.report())

    def _declare_input(self):
        vector, anything = QgsProcessing.SourceType.TypeVector, QgsProcessingParameterField.DataType.Any
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", self.tr("Samples (points or table)"), [vector]))
        self.addParameter(p.choice("MEDIUM", self.tr("Medium"), MEDIA))
        samples.declare_sample_fields(self)
        label = self.tr("Species fields, used as they are (empty: the elements above)")
        fields = QgsProcessingParameterField("FIELDS", label, None, "INPUT", anything, True, True)
        self.addParameter(p.advanced(fields))
        self.addParameter(p.non_detects())

    def _declare_uncertainty(self):
        self.addParameter(p.decimal("ERROR_FRACTION", self.tr("Error fraction"), 0.1, 0.0, 2.0))
        others = self.tr("Other error fractions, as 'Cd=0.15; Hg=0.2'")
        self.addParameter(p.advanced(p.text("ERROR_FRACTIONS", others)))
        fields = self.tr("Uncertainty fields, as 'Cd=cd_unc; Pb=pb_unc' (empty: computed)")
        self.addParameter(p.advanced(p.text("UNCERTAINTIES", fields)))
        extra = p.decimal("EXTRA_UNCERTAINTY", self.tr("Extra modelling uncertainty (%)"), 0.0, 0.0, 100.0)
        self.addParameter(p.advanced(extra))
        rules = ("Species median, uncertainty 4 × median", "Leave the sample out")
        self.addParameter(p.advanced(p.choice("MISSING", self.tr("Missing values"), rules)))
        lists = {
            "STRONG": self.tr("Strong species, as 'Cd; Hg' (those not named: by signal-to-noise)"),
            "WEAK": self.tr("Weak species (uncertainty × 3)"),
            "BAD": self.tr("Bad species (left out)"),
        }
        for name, label in lists.items():
            self.addParameter(p.advanced(p.text(name, label)))
        self.addParameter(p.advanced(p.text("TOTAL", self.tr("Species that sums up the others (made weak)"))))

    def _declare_errors(self):
        runs = self.tr("Bootstrap runs (0: none; 100 or more give steady intervals)")
        self.addParameter(p.advanced(p.integer("BOOTSTRAPS", runs, 0, 0, 10_000)))
        block = self.tr("Bootstrap block: consecutive samples drawn together")
        self.addParameter(p.advanced(p.integer("BOOTSTRAP_BLOCK", block, 1, 1)))
        least = self.tr("Least correlation for mapping a bootstrap factor")
        self.addParameter(p.advanced(p.decimal("MIN_CORRELATION", least, 0.6, 0.0, 1.0)))
        displace = self.tr("Displacement: range of every profile value")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("DISPLACEMENT", displace, False)))

    def compute(self, parameters, context, monitor):
        from ..core.pmf import apportion, uncertainty_table

        estimates = self._asked_errors(parameters, context)
        read, places = self._read(parameters, context, monitor.part(0.0, 0.1))
        given = self.parameterAsString(parameters, "UNCERTAINTIES", context).strip()
        units = self.parameterAsString(parameters, "UNITS", context).strip() or None
        table = uncertainty_table(read, given, units) if given else None
        options = self._options(read.elements, parameters, context)
        base = 0.2 if any(estimates) else 0.85
        result = apportion(read, options, monitor.part(0.1, base), table)
        monitor.info(
            f"Q(robust) {result.q_robust:.1f}, Q(true) {result.q_true:.1f}, Q(expected) {result.q_expected}; "
            f"{(result.runs.family == 1).sum()} of {options.starts} starts reached the solution with the lowest Q."
        )
        errors = self._estimate_errors(*estimates, result, monitor.part(base, 0.85))
        return self._write(parameters, context, monitor, read, places, (result, errors))

    def _asked_errors(self, parameters, context):
        """Options of the bootstrap, or None, and whether to displace; refuses tables that neither would fill."""
        from ..core.errors import InputError
        from ..core.pmf import BootstrapOptions

        runs = self.parameterAsInt(parameters, "BOOTSTRAPS", context)
        displace = self.parameterAsBool(parameters, "DISPLACEMENT", context)
        if parameters.get("BOOTSTRAP_MAPPING") and not runs:
            raise InputError("The bootstrap mapping was asked for without a bootstrap: set the bootstrap runs.")
        if parameters.get("INTERVALS") and not (runs or displace):
            raise InputError("Intervals were asked for: set the bootstrap runs, or displacement, or both.")
        options = BootstrapOptions(
            runs=runs,
            block=self.parameterAsInt(parameters, "BOOTSTRAP_BLOCK", context),
            min_correlation=self.parameterAsDouble(parameters, "MIN_CORRELATION", context),
            seed=self.parameterAsInt(parameters, "SEED", context),
        )
        return (options if runs else None), displace

    def _estimate_errors(self, bootstrap_options, displace_asked, result, monitor):
        """A Bootstrap or None, and a Displacement or None; both say what they found."""
        from ..core.pmf import bootstrap, displace

        half = 0.5 if bootstrap_options and displace_asked else 1.0 if bootstrap_options else 0.0
        resampled = displaced = None
        if bootstrap_options:
            resampled = bootstrap(result.data, result, bootstrap_options, monitor.part(0.0, half))
        if displace_asked:
            displaced = displace(result.data, result, monitor=monitor.part(half, 1.0))
        for found in filter(None, (resampled, displaced)):
            monitor.info(found.verdict())
        return resampled, displaced

    def _read(self, parameters, context, monitor):
        """The samples, and their places, if the input has any."""
        from ..core.pmf import own_species
        from ..core.samples import read_samples

        places = read_places(self, parameters, "INPUT", context, monitor)
        table, crs = places.table, places.crs
        place = (places.x, places.y, crs.authid() or crs.toWkt()) if crs else self._no_places(len(table))
        medium = MEDIA[self.parameterAsEnum(parameters, "MEDIUM", context)]
        options = samples.sample_options(self, parameters, context)
        fields = self.parameterAsFields(parameters, "FIELDS", context)
        if not fields:
            read = read_samples(table, *place, medium, options, monitor)
            return read, replace(places, x=read.x, y=read.y)
        read = own_species(table, place, medium, tuple(fields), options.nondetects, options.detection_limits or "")
        for loss in read.losses:
            (monitor.warn if loss.doubtful else monitor.info)(f"{loss}.")
        return read, replace(places, x=read.x, y=read.y)

    def _no_places(self, count):
        """Coordinates for samples that have none: the factorization does not use them, and they are not written."""
        import numpy as np

        return np.linspace(0, 1, count), np.linspace(0, 1, count), "EPSG:4326"

    def _options(self, species, parameters, context):
        from ..core.pmf import PmfOptions, SolverOptions, UncertaintyRules, error_fractions, split_names

        def text(name):
            return self.parameterAsString(parameters, name, context).strip()

        fraction = self.parameterAsDouble(parameters, "ERROR_FRACTION", context)
        rules = UncertaintyRules(
            error_fraction=error_fractions(text("ERROR_FRACTIONS"), species, fraction),
            extra=self.parameterAsDouble(parameters, "EXTRA_UNCERTAINTY", context) / 100,
            missing=MISSING[self.parameterAsEnum(parameters, "MISSING", context)],
            strong=split_names(text("STRONG")),
            weak=split_names(text("WEAK")),
            bad=split_names(text("BAD")),
            total=text("TOTAL"),
        )
        bound = LOWER_CONTRIBUTIONS[self.parameterAsEnum(parameters, "LOWER_CONTRIBUTION", context)]
        return PmfOptions(
            factors=self.parameterAsInt(parameters, "FACTORS", context),
            starts=self.parameterAsInt(parameters, "STARTS", context),
            seed=self.parameterAsInt(parameters, "SEED", context),
            run=self.parameterAsInt(parameters, "RUN", context) or None,
            uncertainty=rules,
            solver=SolverOptions(bound, self.parameterAsBool(parameters, "ROBUST", context)),
        )

    def _write(self, parameters, context, monitor, read, places, found):
        result, errors = found
        table = columns.beside(read.table, result.contributions(), monitor)
        output = write_places(self, parameters, "CONTRIBUTIONS", context, table, places, monitor)
        if places.crs:
            self.style_output(output, styling.graduated_points("factor1"), self.tr("Contribution of factor 1"))
        outputs = {"CONTRIBUTIONS": output}
        tables = {name: getattr(result, method) for name, method in TABLES.items()}
        for name, table in {**tables, **self._error_tables(*errors)}.items():
            if parameters.get(name):
                outputs[name] = layers.write_table(self, parameters, name, context, table(), monitor)
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = samples.sample_options(self, parameters, context).nondetects
            self._write_report(path, read, rule, result, errors)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _error_tables(self, resampled, displaced):
        from ..core.pmf import join_intervals

        tables = {"BOOTSTRAP_MAPPING": resampled.mapping_table} if resampled else {}
        return {**tables, "INTERVALS": lambda: join_intervals(resampled, displaced)}

    def _write_report(self, path, read, rule, result, errors):
        from ..report import data_quality, source_errors, sources
        from ..report.document import Document

        facts = {
            "Samples": len(read),
            "Medium": read.medium,
            "Species": ", ".join(read.elements),
            "Factors": len(result.factors),
            "Starts": result.options.starts,
        }
        parts = [sources.section(result, read.medium, read.unit)]
        if any(errors):
            parts.append(source_errors.section(*errors, read.medium))
        parts.append(data_quality.section(read, nondetects=rule))
        Document(self.TITLE, f"{len(read)} {read.medium} samples", tuple(parts), facts).write(path)
