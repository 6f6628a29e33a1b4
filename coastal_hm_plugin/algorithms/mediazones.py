"""Zones of contamination from soil and sediment together."""

from typing import NamedTuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
)

from ..core.baseline_methods import METHOD_TITLES
from ..core.errors import InputError
from ..processing_provider import columns, layers, publication, samples, styling, two_media
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm

STATISTICS = ("mean", "median", "nearest")
MEDIA = ("soil", "sediment")


class _Sites(NamedTuple):
    """Both media row by row, where the rows are, the fields written beside the zones, and the samples as read."""

    soil: object
    sediment: object
    table: object
    place: tuple
    read: dict
    label: str


class MediaZones(CoastalAlgorithm):
    """Where neither medium, one of them, or both exceed their baselines."""

    ID = "mediazones"
    TITLE = "Soil-sediment contamination zones"
    GROUP = "Baselines"
    TAGS = ("zones", "background zone", "pollution zone", "dual-media", "GeoB", "baseline")
    NEEDS = ("scipy", "pandas", "pyproj", "matplotlib", "jinja2")

    def declare(self):
        self.addParameter(p.points("SEDIMENT", self.tr("Sediment sites, or sites with the fields of both media")))
        self.addParameter(p.points("SOIL", self.tr("Soil points (empty: in the same layer)"), optional=True))
        self.addParameter(p.decimal("RADIUS", self.tr("Pairing radius (m)"), 500.0, 0.001))
        statistics = ("Mean", "Median", "Nearest point as it is")
        self.addParameter(p.choice("STATISTIC", self.tr("Composite of the soils of a site"), statistics))
        label = self.tr("Baseline methods that bound the zones")
        self.addParameter(p.choice("METHODS", label, METHOD_TITLES.values(), [0, 1, 2, 3], several=True))
        table = QgsProcessing.SourceType.TypeVector
        for medium, label in (("SOIL", self.tr("Soil baselines (empty: from the soils given)")),
                              ("SEDIMENT", self.tr("Sediment baselines (empty: from the sites given)"))):  # fmt: skip
            source = QgsProcessingParameterFeatureSource(f"{medium}_BASELINES", label, [table], optional=True)
            self.addParameter(p.advanced(source))
        for medium in MEDIA:
            samples.declare_sample_fields(self, f"{medium.upper()}_", medium)
        self.addParameter(p.non_detects())
        self.addParameter(p.advanced(p.integer("BOOTSTRAP", self.tr("Bootstrap resamples"), 1000, 0, 100_000)))
        self.addParameter(p.seed())
        points = QgsProcessing.SourceType.TypeVectorPoint
        self.addParameter(QgsProcessingParameterFeatureSink("OUTPUT", self.tr("Contamination zones"), points))
        for name, label in (("SHARES", self.tr("Shares of the zones")), ("SENSITIVITY", self.tr("Zones by method"))):
            self.addParameter(QgsProcessingParameterFeatureSink(name, label, table, None, True, False))
        self.addParameter(publication.publication_tables(self))
        self.addParameter(p.report())

    def compute(self, parameters, context, monitor):
        from ..core.zones import ZoneOptions, media_zones

        methods = tuple(list(METHOD_TITLES)[index] for index in self.parameterAsEnums(parameters, "METHODS", context))
        bootstrap = self.parameterAsInt(parameters, "BOOTSTRAP", context)
        options = ZoneOptions(methods, bootstrap, self.parameterAsInt(parameters, "SEED", context))
        paired = parameters.get("SOIL") not in (None, "")
        sites = (self._pairs if paired else self._one_layer)(parameters, context, monitor.part(0.0, 0.3))
        baselines = [
            self._baselines(medium, sites.read[medium], options, parameters, context, monitor.part(*share))
            for medium, share in (("soil", (0.3, 0.5)), ("sediment", (0.5, 0.7)))
        ]
        result = media_zones(sites.soil, sites.sediment, *baselines, options, monitor.part(0.7, 0.9))
        return self._write(parameters, context, monitor, sites, result)

    def _one_layer(self, parameters, context, monitor):
        """The sites of a layer that holds the fields of both media."""
        read = two_media.read_one_layer(self, parameters, "SEDIMENT", MEDIA, context, monitor)
        soil, sediment = (read[medium] for medium in MEDIA)
        place = (sediment.x, sediment.y, sediment.crs)
        label = f"{len(sediment)} sites"
        return _Sites(soil.concentrations, sediment.concentrations, sediment.table, place, read, label)

    def _pairs(self, parameters, context, monitor):
        """The sediment sites that have soils within the radius, with the composite of those."""
        from ..core.pairing import Locations, pair

        read = two_media.read_layers(self, parameters, MEDIA, context, monitor)
        soil, sediment = (read[medium] for medium in MEDIA)
        radius = self.parameterAsDouble(parameters, "RADIUS", context)
        named = [Locations(one.x, one.y, one.crs, name) for one, name in ((soil, "soil points"), (sediment, "sites"))]
        pairing = pair(*named, radius, monitor=monitor)
        rows = pairing.paired_sites
        if not len(rows):
            raise InputError(f"No soil lies within {radius:g} m of a sediment site: check the radius.")
        statistic = STATISTICS[self.parameterAsEnum(parameters, "STATISTIC", context)]
        composite = pairing.composite(soil.concentrations, statistic).iloc[rows].reset_index(drop=True)
        own = composite[list(soil.concentrations)].add_prefix("soil_").add_suffix("_mgkg")
        own.insert(0, "soil_count", composite["count"])
        sites = sediment.take(rows)
        table = columns.beside(sites.table, own, monitor)
        label = f"{len(rows)} sediment sites with soils within {radius:g} m ({statistic})"
        place = (sites.x, sites.y, sites.crs)
        return _Sites(composite[list(soil.concentrations)], sites.concentrations, table, place, read, label)

    def _baselines(self, medium, read, options, parameters, context, monitor):
        """The table of baselines given for a medium, or those of its own samples."""
        from ..core.baselines import BaselineOptions, geochemical_baselines

        name = f"{medium.upper()}_BASELINES"
        if parameters.get(name) in (None, ""):
            chosen = BaselineOptions(methods=options.methods, bootstrap=options.bootstrap, seed=options.seed)
            return geochemical_baselines(read.concentrations, chosen, monitor, read.censored).table
        table = layers.read_table(self, parameters, name, context, monitor)
        if "medium" in table.columns and medium not in set(table["medium"]):
            given = ", ".join(sorted(set(table["medium"])))
            raise InputError(f"{name} holds baselines of {given}, not of {medium}.")
        return table[table["medium"] == medium] if "medium" in table.columns else table

    def _write(self, parameters, context, monitor, sites, result):
        from ..core.zones import POLLUTION
        from ..report import zones

        x, y, crs = sites.place
        table = columns.beside(sites.table, result.table(), monitor)
        crs = QgsCoordinateReferenceSystem(crs)
        output = layers.write_points(self, parameters, "OUTPUT", context, table, x, y, crs, monitor)
        own = result.shares[result.shares["zone"] == POLLUTION]
        metal = own.loc[own["percent"].idxmax(), "metal"]
        self.style_output(
            output, styling.media_zones(f"zone_{metal}"), self.tr("Contamination zones of {}").format(metal)
        )
        outputs = {"OUTPUT": output}
        tables = {"SHARES": result.shares, "SENSITIVITY": result.sensitivity}
        outputs.update(layers.write_tables(self, parameters, context, tables, monitor))
        listings = zones.publication(result)
        outputs.update(publication.write_publication_tables(self, parameters, context, listings, monitor))
        path = self.parameterAsFileOutput(parameters, "REPORT", context)
        if path:
            rule = two_media.options_of(self, parameters, context, "soil").nondetects
            self._write_report(path, sites, rule, result)
            outputs["REPORT"] = path
        monitor.progress(1.0)
        return outputs

    def _write_report(self, path, sites, rule, result):
        from ..report import data_quality, zones
        from ..report.document import Document

        facts = {"Sites": sites.label, "Metals": ", ".join(result.metals)}
        quality = data_quality.section(*sites.read.values(), nondetects=rule)
        Document(self.TITLE, sites.label, (zones.section(result, sites.label), quality), facts).write(path)
