"""Positive matrix factorization: the sources behind concentrations, and how much each gives to every sample."""

from dataclasses import replace
from typing import Any, NamedTuple

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSink

from ..processing_provider import (
    columns,
    layers,
    pmf_errors,
    pmf_exchange,
    pmf_media,
    pmf_model,
    pmf_rotation,
    samples,
    source_maps,
)
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.places import write_places

TABLES = {"PROFILES": "profiles", "SPECIES": "species_table", "RUNS": "runs_table"}
TABLE_LABELS = {"PROFILES": "Factor profiles", "SPECIES": "Species diagnostics", "RUNS": "Random starts"}


class _Found(NamedTuple):
    """The base run, the result to write (constrained, if asked), rotations and constraints, error estimates, and the
    match with a second medium."""

    base: Any
    result: Any
    rotated: pmf_rotation.Rotated
    estimates: pmf_errors.Estimates
    matched: pmf_media.Matched

    def tables(self):
        """Sink name -> function that makes its table."""
        own = {name: getattr(self.base if name == "RUNS" else self.result, method) for name, method in TABLES.items()}
        return {**own, **self.estimates.tables(), **self.rotated.tables(), **self.matched.tables()}


class Pmf(CoastalAlgorithm):
    """What sources the metals come from."""

    ID = "pmf"
    TITLE = "Positive matrix factorization"
    GROUP = "Sources"
    TAGS = ("PMF", "source apportionment", "receptor model", "factor analysis", "EPA PMF", "NMF", "Fpeak", "DISP")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        pmf_model.declare_input(self, optional=True)
        pmf_exchange.declare_inputs(self)
        self.addParameter(p.integer("FACTORS", self.tr("Number of factors"), 4, 1, 50))
        self.addParameter(p.integer("STARTS", self.tr("Random starts"), 20, 1, 1000))
        pmf_model.declare_uncertainty(self)
        pmf_model.declare_solver(self)
        run = self.tr("Run to keep (0: the one with the lowest Q)")
        self.addParameter(p.advanced(p.integer("RUN", run, 0, 0, 1000)))
        pmf_rotation.declare(self)
        pmf_errors.declare(self)
        pmf_media.declare(self)
        self.addParameter(p.scheduler())
        self.addParameter(p.seed())
        table = QgsProcessing.SourceType.TypeVector
        self.addParameter(QgsProcessingParameterFeatureSink("CONTRIBUTIONS", self.tr("Contributions"), table))
        for name, label in TABLE_LABELS.items():
            self.addParameter(QgsProcessingParameterFeatureSink(name, self.tr(label), table, optional=True))
        for name, label in {**pmf_errors.SINKS, **pmf_rotation.SINKS, **pmf_media.SINKS}.items():
            sink = QgsProcessingParameterFeatureSink(name, self.tr(label), table, None, True, False)
            self.addParameter(sink)
        pmf_exchange.declare_outputs(self)
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.pmf import apportion

        wanted = pmf_errors.asked(self, parameters, context)
        turning = pmf_rotation.asked(self, parameters, context)
        second, together = pmf_media.asked(self, parameters, context)
        read, places, table = self._read(parameters, context, monitor.part(0.0, 0.1))
        options = replace(
            pmf_model.options(self, read.elements, parameters, context),
            factors=self.parameterAsInt(parameters, "FACTORS", context),
            run=self.parameterAsInt(parameters, "RUN", context) or None,
        )
        solved = 0.2 if wanted.any else 0.4 if any(turning) else 0.85
        turned = solved + 0.2 if wanted.any and any(turning) else solved if wanted.any else 0.85
        base = apportion(read, options, monitor.part(0.1, solved), table)
        monitor.info(
            f"Q(robust) {base.q_robust:.1f}, Q(true) {base.q_true:.1f}, Q(expected) {base.q_expected}; "
            f"{(base.runs.family == 1).sum()} of {options.starts} starts reached the solution with the lowest Q."
        )
        rotated = pmf_rotation.rotate(*turning, base, monitor.part(solved, turned))
        constrained = rotated.constrained is not None
        result = rotated.constrained.result if constrained else base
        place = (places.x, places.y) if places.crs else None
        with p.on_scheduler(self, parameters, context, monitor):
            estimates = pmf_errors.estimate(wanted, result, place, constrained, monitor.part(turned, 0.8))
        matched = pmf_media.Matched()
        if second:
            matched = pmf_media.match(self, parameters, context, together, read, base, monitor.part(0.8, 0.85))
        found = _Found(base, result, rotated, estimates, matched)
        return self._write(parameters, context, monitor, (read, places), found)

    def _read(self, parameters, context, monitor):
        """The samples, their Places, and a table of uncertainties or None."""
        from ..core.errors import InputError

        medium = pmf_model.MEDIA[self.parameterAsEnum(parameters, "MEDIUM", context)]
        found = pmf_exchange.read_inputs(self, parameters, context, medium)
        if found is not None:
            return found
        if not parameters.get("INPUT"):
            raise InputError("There is nothing to factorize: give samples (INPUT) or files of EPA PMF 5.0.")
        read, places = pmf_model.read(self, parameters, context, monitor)
        return read, places, pmf_model.given_uncertainties(self, read, parameters, context)

    def _write(self, parameters, context, monitor, given, found):
        (read, places), result = given, found.result
        table = columns.beside(read.table, result.contributions(), monitor)
        output = write_places(self, parameters, "CONTRIBUTIONS", context, table, places, monitor)
        if places.crs:
            weights = result.factor_table()["mean_percent_of_species"]
            style = source_maps.contribution_styles(list(result.factors), weights)
            self.style_output(output, style, self.tr("Contributions of the factors"))
        outputs = {"CONTRIBUTIONS": output}
        outputs.update(layers.write_tables(self, parameters, context, found.tables(), monitor))
        names = pmf_exchange.sample_names(read)
        stem, estimates = read.medium, found.estimates
        folder = pmf_exchange.write_outputs(self, parameters, context, stem, result, estimates, names)
        if folder:
            outputs["EPA_FOLDER"] = folder
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, given, samples.sample_options(self, parameters, context).nondetects, found)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, given, rule, found):
        from ..report import data_quality, sources
        from ..report.document import Document

        read, places = given
        facts = {
            "Samples": len(read),
            "Medium": read.medium,
            "Species": ", ".join(read.elements),
            "Factors": len(found.base.factors),
            "Starts": found.base.options.starts,
        }
        place = (places.x, places.y, places.crs.toWkt()) if places.crs else None
        parts = (
            sources.section(found.base, read.medium, read.unit, place),
            *found.rotated.sections(read.medium, read.unit),
            *found.estimates.sections(read.medium),
            *found.matched.sections(),
            data_quality.section(read, nondetects=rule),
        )
        Document(self.TITLE, f"{len(read)} {read.medium} samples", parts, facts).write(path)
