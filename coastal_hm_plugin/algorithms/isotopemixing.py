"""Isotope mixing model: the shares of sources in mixtures, with their uncertainty."""

from dataclasses import replace

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..core.errors import InputError
from ..processing_provider import agreement, columns, compat, layers, places, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

# values of the core and their labels, in an order that is an interface
ERRORS = ("residual*process", "residual", "process")
ERROR_LABELS = ("Residual × process, as MixSIAR", "Residual only", "Process only (Eq. 1-5 of Wu et al. 2025)")
RESIDUAL_PRIORS = ("scaled", "identity")
RESIDUAL_PRIOR_LABELS = ("Mean variance of the sources, whatever the unit", "Identity matrix, as MixSIAR")
TABLES = {"CORRELATION": "Correlation of the sources", "PREDICTIVE": "Posterior predictive check"}


class IsotopeMixing(CoastalAlgorithm):
    """How much each source gives to a mixture, told from isotopes or other tracers."""

    ID = "isotopemixing"
    TITLE = "Isotope mixing model"
    GROUP = "Sources"
    TAGS = ("isotope", "MixSIAR", "Bayesian", "mixing model", "source apportionment", "end-member", "lead", "cadmium")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        vector, anything = QgsProcessing.SourceType.TypeVector, QgsProcessingParameterField.DataType.Any
        source, field = QgsProcessingParameterFeatureSource, QgsProcessingParameterField
        self.addParameter(source("INPUT", self.tr("Mixtures (points or table)"), [vector]))
        tracers = self.tr("Tracer fields (empty: every one that the sources have a mean of)")
        self.addParameter(field("TRACERS", tracers, None, "INPUT", anything, True, True))
        group = self.tr("Group field (empty: all mixtures together)")
        self.addParameter(field("GROUP", group, None, "INPUT", anything, False, True))
        self.addParameter(source("SOURCES", self.tr("Sources (table)"), [vector]))
        name = self.tr("Field with the sources' names (empty: 'source', else the first)")
        self.addParameter(p.advanced(field("SOURCE_NAME", name, None, "SOURCES", anything, False, True)))
        self.addParameter(source("DISCRIMINATION", self.tr("Discrimination (table)"), [vector], None, True))
        self.addParameter(p.choice("ERROR", self.tr("Error of the mixtures"), ERROR_LABELS))
        scale = p.choice("RESIDUAL_PRIOR", self.tr("Prior scale of the residual covariance"), RESIDUAL_PRIOR_LABELS)
        self.addParameter(p.advanced(scale))
        self.addParameter(p.text("PRIOR", self.tr("Dirichlet prior, as 'Soil=2; Coal=1' (empty: 1 for all)")))
        weighting = self.tr("Weight by the sources' concentrations, where the table has them")
        self.addParameter(QgsProcessingParameterBoolean("CONCENTRATIONS", weighting, True))
        reference = self.tr("Compositions to draw beside (table; empty: lead isotopes of the literature)")
        self.addParameter(p.advanced(source("REFERENCE", reference, [vector], None, True)))
        agreement.declare(self)
        self.addParameter(p.seed())
        self._declare_outputs(vector)

    def _declare_outputs(self, vector):
        sink = QgsProcessingParameterFeatureSink
        self.addParameter(sink("OUTPUT", self.tr("Posterior shares"), vector))
        optional = {
            "SITES": "Posterior shares of every sample",
            **TABLES,
            "END_MEMBERS": "Two end-members, tracer by tracer",
            "AGREEMENT": "PMF and isotopes together",
        }
        for name, label in optional.items():
            self.addParameter(sink(name, self.tr(label), vector, optional=True, createByDefault=False))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.mixing import mixing_model, per_sample, read_mixtures, two_sources

        sources = self._sources(parameters, context, monitor)
        read = places.read_places(self, parameters, "INPUT", context, monitor)
        mixtures = read_mixtures(read.table, sources.tracers, monitor)
        groups = self._groups(parameters, context, read.table, mixtures.rows)
        reference = self._reference(parameters, context, sources, monitor)
        wanted = parameters.get("END_MEMBERS") is not None
        two = wanted or len(sources.names) == 2
        ends = two_sources(mixtures.values, sources, groups, monitor=monitor) if two else None
        options = self._options(parameters, context, sources)
        sites = parameters.get("SITES") is not None
        result = mixing_model(mixtures.values, sources, options, groups, monitor.part(0.0, 0.5 if sites else 0.9))
        together = agreement.read(self, parameters, context, result, monitor)
        if together is None and parameters.get("AGREEMENT") is not None:
            raise InputError("PMF and isotopes together (AGREEMENT) needs the profiles of a PMF (PMF_PROFILES).")
        outputs = {"OUTPUT": layers.write_table(self, parameters, "OUTPUT", context, result.table, monitor)}
        if sites:
            each = per_sample(mixtures.values, sources, options, monitor.part(0.5, 0.9))
            outputs["SITES"] = self._write_sites(parameters, context, monitor, read, mixtures, each)
        tables = {**{name: getattr(result, name.lower()) for name in TABLES}, "END_MEMBERS": ends,
                  "AGREEMENT": together and together.table}  # fmt: skip
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            self._write_report(path, result, ends, reference, together)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _reference(self, parameters, context, sources, monitor):
        from ..core.mixing import reference_points

        if parameters.get("REFERENCE") in (None, ""):
            return reference_points(sources.tracers)
        table = layers.read_table(self, parameters, "REFERENCE", context, monitor)
        return reference_points(sources.tracers, table)

    def _sources(self, parameters, context, monitor):
        from ..core.mixing import read_discrimination, read_sources

        table = layers.read_table(self, parameters, "SOURCES", context, monitor)
        name = compat.field_names(self, parameters, "SOURCE_NAME", context)
        tracers = compat.field_names(self, parameters, "TRACERS", context)
        sources = read_sources(table, tracers, name[0] if name else "")
        if not self.parameterAsBool(parameters, "CONCENTRATIONS", context):
            sources = replace(sources, concentration=None)
        if parameters.get("DISCRIMINATION") in (None, ""):
            return sources
        return read_discrimination(layers.read_table(self, parameters, "DISCRIMINATION", context, monitor), sources)

    def _groups(self, parameters, context, table, rows):
        field = compat.field_names(self, parameters, "GROUP", context)
        if not field:
            return ["all"] * len(rows)
        labels = table[field[0]].iloc[rows]
        return labels.astype(object).where(labels.notna(), "(no group)").astype(str).tolist()

    def _options(self, parameters, context, sources):
        from ..core.mixing import MixingOptions

        return MixingOptions(
            error=ERRORS[self.parameterAsEnum(parameters, "ERROR", context)],
            residual_prior=RESIDUAL_PRIORS[self.parameterAsEnum(parameters, "RESIDUAL_PRIOR", context)],
            prior=_prior(self.parameterAsString(parameters, "PRIOR", context), sources.names),
            seed=self.parameterAsInt(parameters, "SEED", context),
        )

    def _write_sites(self, parameters, context, monitor, read, mixtures, each):
        import pandas as pd

        computed = pd.concat([each.wide(), each.outside], axis=1)
        computed["outside"] = computed["outside"].astype(int)  # NULL where a mixture was left out
        computed = computed.set_axis(mixtures.rows).reindex(range(len(read.table)))
        table = columns.beside(read.table, computed, monitor)
        output = places.write_places(self, parameters, "SITES", context, table, read, monitor)
        if read.crs is not None:
            source = max(each.sources.names, key=lambda name: computed[f"{name}_mean"].mean())
            title = self.tr("Share of {}").format(source)
            self.style_output(output, styling.graduated_points(f"{source}_mean"), title)
        return output

    def _write_report(self, path, result, ends, reference, together):
        from ..report import mixing
        from ..report.document import Document

        facts = {
            "Mixtures": len(result.mixtures),
            "Sources": ", ".join(result.sources.names),
            "Tracers": ", ".join(result.sources.tracers),
            "Error": ERROR_LABELS[ERRORS.index(result.options.error)],
            "Seed": result.options.seed,
        }
        sections = [mixing.section(result, ends, reference)]
        if together is not None:
            sections.append(mixing.agreement_section(together))
        Document(self.TITLE, f"{len(result.mixtures)} mixtures", tuple(sections), facts).write(path)


def _prior(text, names):
    """Dirichlet parameters from a text such as 'Soil=2; Coal=1'; 1 for sources that are not named."""
    given = {}
    for part in filter(None, (one.strip() for one in text.split(";"))):
        name, _, number = part.rpartition("=")
        if name.strip() not in names:
            raise InputError(f"Prior: '{part}' names no source. Sources: {', '.join(names)}.")
        try:
            given[name.strip()] = float(number)
        except ValueError as error:
            raise InputError(f"Prior: '{part}' has no number. Write it as '{names[0]}=2'.") from error
    return tuple(given.get(name, 1.0) for name in names)
