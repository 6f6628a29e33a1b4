"""Positive matrix factorization: the sources behind concentrations, and how much each gives to every sample."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
)

from ..processing_provider import columns, layers, pmf_model, pmf_rotation, samples, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.places import write_places

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
        pmf_model.declare_input(self)
        self.addParameter(p.integer("FACTORS", self.tr("Number of factors"), 4, 1, 50))
        self.addParameter(p.integer("STARTS", self.tr("Random starts"), 20, 1, 1000))
        pmf_model.declare_uncertainty(self)
        pmf_model.declare_solver(self)
        run = self.tr("Run to keep (0: the one with the lowest Q)")
        self.addParameter(p.advanced(p.integer("RUN", run, 0, 0, 1000)))
        pmf_rotation.declare(self)
        self._declare_errors()
        self.addParameter(p.seed())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("CONTRIBUTIONS", self.tr("Contributions"), table))
        for name, label in TABLE_LABELS.items():
            self.addParameter(QgsProcessingParameterFeatureSink(name, self.tr(label), table, optional=True))
        for name, label in {**ERROR_TABLE_LABELS, **pmf_rotation.SINKS}.items():
            sink = QgsProcessingParameterFeatureSink(name, self.tr(label), table, None, True, False)
            self.addParameter(sink)
        self.addParameter(p.report())

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
        from ..core.pmf import apportion

        estimates = self._asked_errors(parameters, context)
        turning = pmf_rotation.asked(self, parameters, context)
        read, places = pmf_model.read(self, parameters, context, monitor.part(0.0, 0.1))
        table = pmf_model.given_uncertainties(self, read, parameters, context)
        options = replace(
            pmf_model.options(self, read.elements, parameters, context),
            factors=self.parameterAsInt(parameters, "FACTORS", context),
            run=self.parameterAsInt(parameters, "RUN", context) or None,
        )
        base = 0.2 if any(estimates) else 0.4 if any(turning) else 0.85
        result = apportion(read, options, monitor.part(0.1, base), table)
        monitor.info(
            f"Q(robust) {result.q_robust:.1f}, Q(true) {result.q_true:.1f}, Q(expected) {result.q_expected}; "
            f"{(result.runs.family == 1).sum()} of {options.starts} starts reached the solution with the lowest Q."
        )
        turned = base + 0.3 * (0.85 - base) if any(estimates) else 0.85
        rotated = pmf_rotation.rotate(*turning, result, monitor.part(base, turned))
        final, options = result, estimates[0]
        if rotated.constrained:
            final = rotated.constrained.result
            # constraints name factors, which a random restart would not know
            options = options and replace(options, random_restarts=0)
        errors = self._estimate_errors(options, estimates[1], final, monitor.part(turned, 0.85))
        return self._write(parameters, context, monitor, read, places, (result, final, rotated, errors))

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

    def _write(self, parameters, context, monitor, read, places, found):
        base, result, rotated, errors = found
        table = columns.beside(read.table, result.contributions(), monitor)
        output = write_places(self, parameters, "CONTRIBUTIONS", context, table, places, monitor)
        if places.crs:
            self.style_output(output, styling.graduated_points("factor1"), self.tr("Contribution of factor 1"))
        outputs = {"CONTRIBUTIONS": output}
        tables = {name: getattr(base if name == "RUNS" else result, method) for name, method in TABLES.items()}
        for name, table in {**tables, **self._error_tables(*errors), **rotated.tables()}.items():
            if parameters.get(name):
                outputs[name] = layers.write_table(self, parameters, name, context, table(), monitor)
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = samples.sample_options(self, parameters, context).nondetects
            self._write_report(path, read, rule, found)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _error_tables(self, resampled, displaced):
        from ..core.pmf import join_intervals

        tables = {"BOOTSTRAP_MAPPING": resampled.mapping_table} if resampled else {}
        return {**tables, "INTERVALS": lambda: join_intervals(resampled, displaced)}

    def _write_report(self, path, read, rule, found):
        from ..report import data_quality, source_errors, sources
        from ..report.document import Document

        result, _, rotated, errors = found
        facts = {
            "Samples": len(read),
            "Medium": read.medium,
            "Species": ", ".join(read.elements),
            "Factors": len(result.factors),
            "Starts": result.options.starts,
        }
        parts = [sources.section(result, read.medium, read.unit), *rotated.sections(read.medium, read.unit)]
        if any(errors):
            parts.append(source_errors.section(*errors, read.medium))
        parts.append(data_quality.section(read, nondetects=rule))
        Document(self.TITLE, f"{len(read)} {read.medium} samples", tuple(parts), facts).write(path)
