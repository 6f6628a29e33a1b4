"""Sediment-water partition coefficients, from one layer or from two that are paired."""

from typing import NamedTuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
)

from ..core.errors import InputError
from ..processing_provider import columns, layers, publication, samples, styling, two_media
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

FACTORS = (1000.0, 100.0)
WATER_FRACTIONS = ("filtered", "total", "unknown")


class _Sites(NamedTuple):
    """Sediment and water Samples row by row, the fields to write beside Kd, the samples as read, and what a row is."""

    sediment: object
    water: object
    table: object
    read: tuple
    label: str


class PartitionCoefficients(CoastalAlgorithm):
    """How a metal divides between sediment and water."""

    ID = "partitioncoefficients"
    TITLE = "Sediment-water partition coefficients (Kd)"
    GROUP = "Partitioning"
    TAGS = ("Kd", "distribution coefficient", "partitioning", "sediment", "water", "mobility")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("SEDIMENT", self.tr("Sediment sites, or sites with the fields of both media")))
        self.addParameter(p.points("WATER", self.tr("Water sites (empty: in the same layer)"), optional=True))
        self.addParameter(p.decimal("RADIUS", self.tr("Pairing radius (m)"), 500.0, 0.1))
        fractions = ("Filtered (dissolved)", "Total (unfiltered)", "Not known")
        self.addParameter(p.choice("WATER_FRACTION", self.tr("Water samples are"), fractions, 2))
        factors = ("1000: L/kg", "100: as in Wu et al. 2025, a tenth of L/kg")
        self.addParameter(p.choice("KD_FACTOR", self.tr("Factor of Kd"), factors))
        for medium in ("sediment", "water"):
            samples.declare_sample_fields(self, f"{medium.upper()}_", medium)
        self.addParameter(p.non_detects())
        points, table = QgsProcessing.SourceType.TypeVectorPoint, QgsProcessing.SourceType.TypeVector
        for medium in ("sediment", "water"):
            label = self.tr(f"Standard deviations of the {medium}'s replicates, as 'Cd=cd_sd; Pb=pb_sd'")
            self.addParameter(p.advanced(p.text(f"{medium.upper()}_SDS", label)))
        anything = QgsProcessingParameterField.DataType.Any
        groups = self.tr("Field of the sediment sites to group by, such as the estuary")
        self.addParameter(QgsProcessingParameterField("GROUPS", groups, None, "SEDIMENT", anything, False, True))
        published = self.tr("Published ranges to compare with: metal, low, high (log10 L/kg), source")
        source = QgsProcessingParameterFeatureSource("PUBLISHED", published, [table], optional=True)
        self.addParameter(p.advanced(source))
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Partition coefficients"), points))
        summary = QgsProcessingParameterFeatureSink(
            "SUMMARY", self.tr("Summary by metal"), table, optional=True, createByDefault=False
        )
        self.addParameter(summary)
        comparison = self.tr("Comparison with published ranges")
        self.addParameter(QgsProcessingParameterFeatureSink("COMPARISON", comparison, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.partition import PartitionOptions, partition_coefficients

        options = PartitionOptions(
            factor=FACTORS[self.parameterAsEnum(parameters, "KD_FACTOR", context)],
            water_fraction=WATER_FRACTIONS[self.parameterAsEnum(parameters, "WATER_FRACTION", context)],
        )
        paired = parameters.get("WATER") not in (None, "")
        sites = (self._pairs if paired else self._one_layer)(parameters, context, monitor.part(0.0, 0.7))
        sediment, water = sites.sediment, sites.water
        result = partition_coefficients(
            sediment.concentrations,
            water.concentrations,
            options,
            monitor,
            sediment.censored,
            water.censored,
            self._standard_deviations(parameters, context, sites),
        )
        return self._write(parameters, context, monitor, sites, result)

    def _standard_deviations(self, parameters, context, sites):
        """Of the replicates of sediment and water, where fields are named; else None."""
        from ..core.companion_fields import companion_table

        found = []
        for samples_of, medium in ((sites.sediment, "SEDIMENT"), (sites.water, "WATER")):
            text = self.parameterAsString(parameters, f"{medium}_SDS", context).strip()
            units = self.parameterAsString(parameters, f"{medium}_UNITS", context).strip() or None
            found.append(companion_table(samples_of, text, "standard deviation", units) if text else None)
        return tuple(found)

    def _published(self, parameters, context, monitor):
        from ..core import reference_values

        if parameters.get("PUBLISHED") in (None, ""):
            return reference_values.partition_coefficients()
        table = layers.read_table(self, parameters, "PUBLISHED", context, monitor)
        return table.assign(**{name: table[name].astype(float) for name in ("low", "high") if name in table})

    def _groups(self, parameters, context, sites):
        """The group of every row as text, None where it has none; None where no field is given."""
        field = self.parameterAsString(parameters, "GROUPS", context)
        if not field:
            return None
        values = sites.sediment.table[field]
        return values.astype(str).where(values.notna() & (values.astype(str) != ""), None)

    def _write(self, parameters, context, monitor, sites, result):
        from ..report import partition

        water, options = sites.water, result.options
        table = columns.beside(sites.table, result.table(), monitor)
        crs = QgsCoordinateReferenceSystem(water.crs)
        output = layers.write_points(self, parameters, "OUTPUT", context, table, water.x, water.y, crs, monitor)
        metal = result.counts["n"].idxmax()
        self.style_output(output, styling.graduated_points(f"log10Kd_{metal}"), f"log10 Kd of {metal}, {options.unit}")
        outputs = {"OUTPUT": output}
        compared = result.compare(self._published(parameters, context, monitor))
        tables = {"SUMMARY": result.summary, "COMPARISON": compared}
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        listings = partition.publication(result, compared)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = two_media.options_of(self, parameters, context, "water").nondetects
            groups = self._groups(parameters, context, sites)
            self._write_report(path, sites, rule, (result, compared, groups))
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _one_layer(self, parameters, context, monitor):
        """The sites of a layer that holds the fields of both media."""
        read = two_media.read_one_layer(self, parameters, "SEDIMENT", ("water", "sediment"), context, monitor)
        sediment, water = read["sediment"], read["water"]
        return _Sites(sediment, water, sediment.table, (sediment, water), f"{len(sediment)} sites")

    def _pairs(self, parameters, context, monitor):
        """The pairs of each water site and the nearest sediment site within the radius."""
        from ..core.pairing import pair

        read = two_media.read_layers(self, parameters, ("sediment", "water"), context, monitor)
        sediment, water = read["sediment"], read["water"]
        radius = self.parameterAsDouble(parameters, "RADIUS", context)
        links = pair(water, sediment, radius, monitor=monitor).links.sort_values("point").reset_index(drop=True)
        if links.empty:
            raise InputError(f"No water site lies within {radius:g} m of a sediment site: check the radius.")
        solid, dissolved = sediment.take(links["site"]), water.take(links["point"])
        own = solid.concentrations.add_suffix("_sediment_mgkg")
        own.insert(0, "sediment_site", links["site"] + 1)
        own.insert(1, "distance_m", links["distance_m"])
        table = columns.beside(dissolved.table, own, monitor)
        return _Sites(solid, dissolved, table, (sediment, water), f"{len(links)} pairs within {radius:g} m")

    def _write_report(self, path, sites, rule, found):
        from ..report import data_quality, partition
        from ..report.document import Document

        result, compared, groups = found
        facts = {"Sites": sites.label, "Metals": ", ".join(result.metals), "Water": result.options.water_fraction}
        parts = (
            partition.section(result, sites.label, compared, groups),
            data_quality.section(*sites.read, nondetects=rule),
        )
        Document(self.TITLE, sites.label, parts, facts).write(path)
