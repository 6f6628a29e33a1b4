"""Isotope deltas, and the fractionation between media."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..core.errors import InputError
from ..processing_provider import columns, compat, layers, places, styling
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

KINDS = ("Isotope ratios", "Deltas (‰)")
# the core's names, here without its heavy imports; their order is an interface
STANDARDS = (
    "114Cd/110Cd (NIST SRM 3108)",
    "206Pb/204Pb (NIST SRM 981)",
    "207Pb/204Pb (NIST SRM 981)",
    "208Pb/204Pb (NIST SRM 981)",
    "206Pb/207Pb (NIST SRM 981)",
    "207Pb/206Pb (NIST SRM 981)",
    "208Pb/206Pb (NIST SRM 981)",
    "208Pb/207Pb (NIST SRM 981)",
)
OTHER = "another standard"


class IsotopeFractionation(CoastalAlgorithm):
    """How far the isotopes of a medium are from a standard, and from those of other media."""

    ID = "isotopefractionation"
    TITLE = "Isotope deltas and fractionation between media"
    GROUP = "Sources"
    TAGS = ("isotope", "delta", "fractionation", "cadmium", "lead", "SRM 3108", "SRM 981")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        vector, anything = QgsProcessing.SourceType.TypeVector, QgsProcessingParameterField.DataType.Any
        self.addParameter(QgsProcessingParameterFeatureSource("INPUT", self.tr("Samples (points or table)"), [vector]))
        field = QgsProcessingParameterField
        self.addParameter(field("ISOTOPES", self.tr("Field of the isotope values"), None, "INPUT", anything))
        self.addParameter(p.choice("KIND", self.tr("The values are"), KINDS))
        standards = (*STANDARDS, self.tr("Another: give its ratio"))
        self.addParameter(p.choice("STANDARD", self.tr("Standard"), standards))
        ratio = self.tr("Measured ratio of the standard (0: the certified one)")
        self.addParameter(p.decimal("STANDARD_RATIO", ratio, 0.0, 0.0))
        spread = self.tr("Standard uncertainty of the standard's ratio")
        self.addParameter(p.advanced(p.decimal("STANDARD_SD", spread, 0.0, 0.0)))
        sd = self.tr("Field of the values' standard uncertainties")
        self.addParameter(p.advanced(field("UNCERTAINTY", sd, None, "INPUT", anything, False, True)))
        self.addParameter(field("MEDIUM", self.tr("Field of the medium"), None, "INPUT", anything, False, True))
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Samples with deltas"), vector))
        for name, label in {"DIFFERENCES": "Fractionation between media", "MEDIA": "Deltas of the media"}.items():
            self.addParameter(
                QgsProcessingParameterFeatureSink(name, self.tr(label), vector, optional=True, createByDefault=False)
            )
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        import pandas as pd

        from ..core.mixing import fractionation

        read = places.read_places(self, parameters, "INPUT", context, monitor.part(0.0, 0.3))
        field = compat.field_names(self, parameters, "ISOTOPES", context)[0]
        deltas, errors, standard = self._deltas(parameters, context, read.table, field)
        medium = compat.field_names(self, parameters, "MEDIUM", context)
        media = read.table[medium[0]] if medium else ["all samples"] * len(read.table)
        result = fractionation(deltas, media, errors, monitor)
        computed = pd.DataFrame({"delta_permil": deltas, "delta_sd": errors})
        table = columns.beside(read.table, computed, monitor)
        output = places.write_places(self, parameters, "OUTPUT", context, table, read, monitor)
        if read.crs is not None:
            self.style_output(output, styling.graduated_points("delta_permil"), self.tr("Delta (‰)"))
        return self._rest(parameters, context, monitor, result, (field, standard), {"OUTPUT": output})

    def _deltas(self, parameters, context, table, field):
        """Deltas of the samples and their standard uncertainties, per mille, and the standard in words."""
        from ..core.mixing import delta, standard_ratio
        from ..core.mixing.mixsiar_csv import numbers

        values = numbers(table[field], "samples").to_numpy()
        spread = compat.field_names(self, parameters, "UNCERTAINTY", context)
        errors = numbers(table[spread[0]], "samples").fillna(0.0).to_numpy() if spread else 0.0 * values
        if self.parameterAsEnum(parameters, "KIND", context) == 1:
            if (errors < 0).any():
                raise InputError(f"Field '{spread[0]}': an uncertainty cannot be negative.")
            return values, errors, "deltas as given"
        name = (*STANDARDS, OTHER)[self.parameterAsEnum(parameters, "STANDARD", context)]
        measured = self.parameterAsDouble(parameters, "STANDARD_RATIO", context)
        if name == OTHER and measured <= 0:
            raise InputError("Give the measured ratio of the standard (STANDARD_RATIO).")
        standard = standard_ratio(name, measured)
        deltas = delta(values, standard, errors, self.parameterAsDouble(parameters, "STANDARD_SD", context))
        return *deltas, f"{name}, ratio {standard:.6g}"

    def _rest(self, parameters, context, monitor, result, about, outputs):
        tables = {"DIFFERENCES": result.differences, "MEDIA": result.media}
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            from ..report import mixing
            from ..report.document import Document

            field, standard = about
            facts = {"Samples": int(result.media["n"].sum()), "Media": len(result.media), "Standard": standard}
            Document(self.TITLE, field, (mixing.fractionation_section(result, field),), facts).write(path)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs
