"""How many factors to take for positive matrix factorization: what speaks for each number, and a recommendation."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
)

from ..processing_provider import layers, pmf_model, samples
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm


class PmfFactorNumber(CoastalAlgorithm):
    """How many sources there are."""

    ID = "pmffactornumber"
    TITLE = "Choose the number of PMF factors"
    GROUP = "Sources"
    TAGS = ("PMF", "number of factors", "source apportionment", "Q/Qexp", "IM", "IS", "EPA PMF")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        pmf_model.declare_input(self)
        self.addParameter(p.integer("MIN", self.tr("Lowest number of factors"), 2, 1, 50))
        self.addParameter(p.integer("MAX", self.tr("Highest number of factors"), 6, 1, 50))
        self.addParameter(p.integer("STARTS", self.tr("Random starts"), 20, 1, 1000))
        pmf_model.declare_uncertainty(self)
        pmf_model.declare_solver(self)
        runs = self.tr("Bootstrap runs for every number")
        self.addParameter(p.advanced(p.integer("BOOTSTRAPS", runs, 50, 10, 10_000)))
        simulations = self.tr("Simulations for every number")
        self.addParameter(p.advanced(p.integer("SIMULATIONS", simulations, 20, 10, 1000)))
        self.addParameter(p.seed())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Criteria by number of factors"), table))
        self.addParameter(p.report())
        self.addOutput(QgsProcessingOutputNumber("RECOMMENDED", self.tr("Recommended number (0: none)")))
        self.addOutput(QgsProcessingOutputString("VERDICT", self.tr("Recommendation in words")))

    def compute(self, parameters, context, monitor):
        from ..core.pmf import prepare
        from ..core.pmf.factor_number import FactorNumberOptions, choose_factor_number

        read, _ = pmf_model.read(self, parameters, context, monitor.part(0.0, 0.05))
        given = pmf_model.given_uncertainties(self, read, parameters, context)
        model = pmf_model.options(self, read.elements, parameters, context)
        options = FactorNumberOptions(
            lowest=self.parameterAsInt(parameters, "MIN", context),
            highest=self.parameterAsInt(parameters, "MAX", context),
            bootstraps=self.parameterAsInt(parameters, "BOOTSTRAPS", context),
            simulations=self.parameterAsInt(parameters, "SIMULATIONS", context),
            model=model,
        )
        data = prepare(read.concentrations, read.detection_limits, given, model.uncertainty, monitor)
        found = choose_factor_number(data, options, monitor.part(0.05, 0.9))
        for line in (found.verdict(), *found.reasons):
            monitor.info(line)
        outputs = {
            "OUTPUT": layers.write_table(self, parameters, "OUTPUT", context, found.table(), monitor),
            "RECOMMENDED": found.number or 0,
            "VERDICT": " ".join((found.verdict(), *found.reasons)),
        }
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = samples.sample_options(self, parameters, context).nondetects
            self._write_report(path, read, rule, found)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, read, rule, found):
        from ..report import data_quality, factor_number
        from ..report.document import Document

        options = found.options
        facts = {
            "Samples": len(read),
            "Medium": read.medium,
            "Species": ", ".join(read.elements),
            "Factors": f"{options.lowest} to {options.highest}",
            "Starts": options.model.starts,
        }
        parts = (factor_number.section(found, read.medium), data_quality.section(read, nondetects=rule))
        Document(self.TITLE, f"{len(read)} {read.medium} samples", parts, facts).write(path)
