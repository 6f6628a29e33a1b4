"""PERI and other pollution indices of every site, classed and styled."""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
)

from ..core.risk_scheme import RISK_SCHEMES
from ..processing_provider import backgrounds, columns, layers, publication, samples, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

MEDIA = ("soil", "sediment")
DEFAULT_BACKGROUND = 2  # box plot, the most robust of the baselines


class PollutionIndices(CoastalAlgorithm):
    """How far concentrations exceed a background, and what that means for organisms."""

    ID = "pollutionindices"
    TITLE = "PERI and other pollution indices"
    GROUP = "Risk"
    TAGS = ("PERI", "RI", "Hakanson", "contamination factor", "Igeo", "enrichment factor", "PLI", "Nemerow", "risk")
    NEEDS = ("scipy", "pandas", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("INPUT", self.tr("Samples")))
        self.addParameter(p.choice("MEDIUM", self.tr("Medium"), MEDIA))
        choices = list(backgrounds.background_choices().values())
        self.addParameter(p.choice("BACKGROUND", self.tr("Background"), choices, DEFAULT_BACKGROUND))
        table = QgsProcessing.SourceType.TypeVector
        label = self.tr("Baselines table (empty: baselines of these samples)")
        self.addParameter(QgsProcessingParameterFeatureSource("BASELINES", label, [table], optional=True))
        self.addParameter(p.text("BACKGROUND_VALUES", self.tr("Own background values (mg/kg), as 'Cd=0.1; Pb=23'")))
        schemes = [scheme.title for scheme in RISK_SCHEMES.values()]
        self.addParameter(p.choice("SCHEME", self.tr("Class limits of PERI"), schemes))
        samples.declare_sample_fields(self)
        self.addParameter(p.non_detects())
        self._declare_advanced()
        self.addParameter(p.seed())
        points = QgsProcessing.SourceType.TypeVectorPoint
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Indices"), points))
        shares = QgsProcessingParameterFeatureSink(
            "SHARES", self.tr("Shares of the classes"), table, optional=True, createByDefault=False
        )
        self.addParameter(shares)
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def _declare_advanced(self):
        self.addParameter(p.advanced(p.text("METALS", self.tr("Metals that PERI sums, as 'Cd; Pb' (empty: all)"))))
        own = p.text("TOXIC_RESPONSE", self.tr("Own toxic response factors, as 'Cd=30; Co=5'"))
        self.addParameter(p.advanced(own))
        reference = p.text("REFERENCE_ELEMENT", self.tr("Reference element of EF, such as Al (empty: no EF)"))
        self.addParameter(p.advanced(reference))
        partial = self.tr("Compute from the metals present where one is missing")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("ALLOW_PARTIAL", partial, False)))
        guidelines = self.tr("Mean quotients over marine sediment guidelines (TEL, PEL, ERL, ERM)")
        self.addParameter(p.advanced(QgsProcessingParameterBoolean("GUIDELINES", guidelines, False)))

    def compute(self, parameters, context, monitor):
        from ..core.indices import pollution_indices

        medium = MEDIA[self.parameterAsEnum(parameters, "MEDIUM", context)]
        options = self._options(parameters, context)
        read = samples.read_samples(self, parameters, "INPUT", medium, context, monitor.part(0.0, 0.3))
        background, title, interval = self._background(parameters, context, read, monitor.part(0.3, 0.7))
        monitor.info(f"Background: {title}.")
        result = pollution_indices(read.concentrations, background, options, monitor)
        intervals = self._intervals(parameters, context, result, interval, monitor.part(0.7, 0.9))
        return self._write(parameters, context, monitor, read, (result, title, intervals))

    def _intervals(self, parameters, context, result, interval, monitor):
        """The interval of PERI at every site, where the background has one; else None."""
        from ..core.index_uncertainty import peri_intervals

        if interval is None or not set(result.metals) & set(interval[0].dropna().index):
            return None
        return peri_intervals(result, *interval, self.parameterAsInt(parameters, "SEED", context), monitor)

    def _write(self, parameters, context, monitor, read, found):
        import pandas as pd

        from ..report import indices

        result, _, intervals = found
        computed = [result.to_frame()] if intervals is None else [result.to_frame(), intervals]
        table = columns.beside(read.table, pd.concat(computed, axis=1), monitor)
        crs = QgsCoordinateReferenceSystem(read.crs)
        output = layers.write_points(self, parameters, "OUTPUT", context, table, read.x, read.y, crs, monitor)
        self.style_output(output, styling.risk_points("PERI", result.scheme), f"{result.scheme.label}: {read.medium}")
        outputs = {"OUTPUT": output}
        shares = {"SHARES": result.class_shares}
        outputs.update(layers.write_tables(self, parameters, context, shares, monitor))
        listings = indices.publication(result)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = samples.sample_options(self, parameters, context).nondetects
            self._write_report(path, read, rule, found)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _options(self, parameters, context):
        import pandas as pd

        from ..core import reference_values
        from ..core.indices import IndexOptions

        given = backgrounds.own_values(self._text(parameters, "TOXIC_RESPONSE", context), "toxic response factors")
        response = reference_values.toxic_response()
        response = pd.concat([response.drop(index=list(given), errors="ignore"), pd.Series(given, dtype=float)])
        return IndexOptions(
            scheme=list(RISK_SCHEMES)[self.parameterAsEnum(parameters, "SCHEME", context)],
            metals=_symbols(self._text(parameters, "METALS", context)),
            toxic_response=response if given else None,
            reference_element=(_symbols(self._text(parameters, "REFERENCE_ELEMENT", context)) or (None,))[0],
            allow_partial=self.parameterAsBool(parameters, "ALLOW_PARTIAL", context),
            guidelines=self.parameterAsBool(parameters, "GUIDELINES", context),
        )

    def _background(self, parameters, context, read, monitor):
        """Background values (Series), what they are, and the ends of their 95 % intervals (two Series) or None."""
        import pandas as pd

        from ..core import reference_values

        choices = backgrounds.background_choices()
        name = list(choices)[self.parameterAsEnum(parameters, "BACKGROUND", context)]
        table, interval = parameters.get("BASELINES"), None
        if name not in backgrounds.BASELINE_METHODS:
            if table:
                monitor.warn(f"The baselines table is not used: the background chosen is '{choices[name]}'.")
            values, title = reference_values.background(name), choices[name]
        elif table:
            baselines = layers.read_table(self, parameters, "BASELINES", context, monitor)
            values = backgrounds.values_of_baselines(baselines, name, read.medium)
            interval = backgrounds.interval_of_baselines(baselines, name, read.medium)
            title = f"{choices[name].replace('of the data', 'of the given table')}, central value"
        else:
            baselines = self._estimated(name, read, monitor, self.parameterAsInt(parameters, "SEED", context))
            values, title = (
                backgrounds.values_of_baselines(baselines, name, read.medium),
                f"{choices[name]}, central value",
            )
            interval = backgrounds.interval_of_baselines(baselines, name, read.medium)
        own = backgrounds.own_values(self._text(parameters, "BACKGROUND_VALUES", context))
        if own:
            values = pd.concat([values.drop(index=list(own), errors="ignore"), pd.Series(own)])
            title = f"{title}; own values of {', '.join(own)}"
            interval = interval and tuple(end.drop(index=list(own), errors="ignore") for end in interval)
        return values, title, interval

    def _estimated(self, method, read, monitor, seed):
        from ..core.baselines import BaselineOptions, geochemical_baselines

        options = BaselineOptions(methods=(method,), seed=seed)
        return geochemical_baselines(read.concentrations, options, monitor, read.censored).table

    def _text(self, parameters, name, context):
        return self.parameterAsString(parameters, name, context)

    def _write_report(self, path, read, rule, found):
        from ..report import data_quality, indices
        from ..report.document import Document

        result, title, intervals = found
        facts = {"Samples": len(read), "Medium": read.medium, "Metals of PERI": ", ".join(result.metals)}
        parts = (indices.section(result, read.medium, title, intervals), data_quality.section(read, nondetects=rule))
        Document(self.TITLE, f"{len(read)} {read.medium} samples", parts, facts).write(path)


def _symbols(text):
    """Element symbols from ``"Cd; Pb"`` or ``"Cd, Pb"``; None if there are none."""
    from ..core.chemistry import symbol_of
    from ..core.errors import InputError

    names = [name for name in text.replace(",", ";").replace(" ", ";").split(";") if name]
    unknown = [name for name in names if symbol_of(name) is None]
    if unknown:
        raise InputError(f"Not an element: {', '.join(unknown)}. Write symbols, as 'Cd; Pb'.")
    return tuple(symbol_of(name) for name in names) or None
