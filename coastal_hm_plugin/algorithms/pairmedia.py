"""Soil (and water) points paired with sediment-water sites within a radius."""

from qgis.core import QgsProcessing, QgsProcessingParameterFeatureSink

from ..core.errors import InputError
from ..processing_provider import layers
from ..processing_provider import parameters as p
from ..processing_provider.base import CoastalAlgorithm
from ..processing_provider.columns import beside

ASSIGNMENTS = ("nearest", "all")
STATISTICS = ("mean", "median", "nearest")
MEDIA = ("soil", "water")


class PairMedia(CoastalAlgorithm):
    """Says which soils and waters belong to which site, and what is left over."""

    ID = "pairmedia"
    TITLE = "Pair soil with sediment-water sites"
    GROUP = "Sampling"
    TAGS = ("pair", "join", "nearest", "distance", "soil", "sediment", "water", "composite", "tri-media")
    NEEDS = ("scipy", "pandas", "pyproj")

    def declare(self):
        self.addParameter(p.points("SOIL", self.tr("Soil points"), optional=True))
        self.addParameter(p.points("SITES", self.tr("Sediment-water sites")))
        self.addParameter(
            p.points("WATER", self.tr("Water points, where they are a layer of their own"), optional=True)
        )
        self.addParameter(p.decimal("RADIUS", self.tr("Pairing radius (m)"), 500.0, 0.001))
        assign = ("The nearest site", "Every site in reach")
        self.addParameter(p.choice("ASSIGN", self.tr("A point in reach of several sites belongs to"), assign))
        statistics = ("Mean", "Median", "Nearest point as it is")
        self.addParameter(p.choice("STATISTIC", self.tr("Composite of the points of a site"), statistics))
        self.addParameter(p.non_detects())
        self._add_sink("PAIRS", self.tr("Paired sites"), QgsProcessing.SourceType.TypeVectorPoint)
        self._add_sink("LINKS", self.tr("Links"), QgsProcessing.SourceType.TypeVectorLine, optional=True)
        for name, label in (
            ("UNPAIRED_SOIL", self.tr("Unpaired soil points")),
            ("UNPAIRED_SITES", self.tr("Unpaired sites")),
            ("UNPAIRED_WATER", self.tr("Unpaired water points")),
        ):
            self._add_sink(name, label, QgsProcessing.SourceType.TypeVectorPoint, optional=True)

    def _add_sink(self, name, label, kind, optional=False):
        sink = QgsProcessingParameterFeatureSink(name, label, kind, optional=optional, createByDefault=not optional)
        self.addParameter(sink)

    def compute(self, parameters, context, monitor):
        import pandas as pd

        given = [medium for medium in MEDIA if parameters.get(medium.upper()) not in (None, "")]
        if not given:
            raise InputError("Give soil points, water points or both, to pair with the sites.")
        sites = layers.read_points(self, parameters, "SITES", context, monitor)
        statistic = STATISTICS[self.parameterAsEnum(parameters, "STATISTIC", context)]
        rule = p.NON_DETECT_RULES[self.parameterAsEnum(parameters, "NON_DETECTS", context)]
        points, pairings, composites = {}, {}, []
        for number, medium in enumerate(given):
            part = monitor.part(0.1 + 0.5 * number / len(given), 0.1 + 0.5 * (number + 1) / len(given))
            points[medium] = layers.read_points(self, parameters, medium.upper(), context, part)
            pairings[medium] = self._pair(parameters, context, points[medium], sites, medium, part)
            composites.append(_composite(pairings[medium], points[medium].table, statistic, rule, medium, part))
        table = beside(sites.table, pd.concat(composites, axis=1), monitor)
        paired = sorted(set().union(*(pairing.paired_sites.tolist() for pairing in pairings.values())))
        writer = _Writer(self, parameters, context, sites, monitor)
        writer.points("PAIRS", sites, table.iloc[paired], paired)
        writer.links(points, pairings)
        for medium in given:
            left = pairings[medium].unpaired_points
            writer.points(f"UNPAIRED_{medium.upper()}", points[medium], *_left_over(points[medium], left, "point"))
        left = pd.concat([pairings[m].unpaired_sites.assign(missing=m) for m in given])
        writer.points("UNPAIRED_SITES", sites, *_left_over(sites, left.sort_values("site"), "site"))
        return writer.outputs

    def _pair(self, parameters, context, points, sites, medium, monitor):
        from ..core.pairing import Locations, pair

        return pair(
            Locations(points.x, points.y, points.crs_wkt, f"{medium} points"),
            Locations(sites.x, sites.y, sites.crs_wkt, "sites"),
            self.parameterAsDouble(parameters, "RADIUS", context),
            ASSIGNMENTS[self.parameterAsEnum(parameters, "ASSIGN", context)],
            monitor,
        )


class _Writer:
    """Writes the outputs that were asked for, and collects their destinations."""

    def __init__(self, algorithm, parameters, context, sites, monitor):
        self._algorithm, self._parameters, self._context = algorithm, parameters, context
        self._sites, self._monitor = sites, monitor
        self.outputs = {}

    def points(self, name, points, table, rows):
        """Rows of a point layer with their table (as many rows)."""
        if self._parameters.get(name) not in (None, ""):
            arguments = (self._algorithm, self._parameters, name, self._context, table.reset_index(drop=True))
            place = (points.x[rows], points.y[rows], points.crs, self._monitor)
            self.outputs[name] = layers.write_points(*arguments, *place)

    def links(self, points, pairings):
        """A line from every paired point to its site, in the CRS of the sites."""
        import numpy as np
        import pandas as pd

        from ..core.geodesy import project

        if self._parameters.get("LINKS") in (None, ""):
            return
        tables, starts, ends = [], [], []
        site_place = np.column_stack([self._sites.x, self._sites.y])
        for medium, pairing in pairings.items():
            links, place = pairing.links, points[medium]
            x, y = project(place.x, place.y, place.crs_wkt, self._sites.crs_wkt, self._monitor)
            starts.append(np.column_stack([x, y])[links["point"]])
            ends.append(site_place[links["site"]])
            tables.append(links.assign(medium=medium, point=links["point"] + 1, site=links["site"] + 1))
        table = pd.concat(tables, ignore_index=True)[["medium", "point", "site", "distance_m"]]
        arguments = (self._algorithm, self._parameters, "LINKS", self._context, table)
        place = (np.vstack(starts), np.vstack(ends), self._sites.crs, self._monitor)
        self.outputs["LINKS"] = layers.write_lines(*arguments, *place)


def _composite(pairing, table, statistic, rule, medium, monitor):
    """The composite of one medium, its columns named after the medium. rule: what stands in for non-detects."""
    from ..core.samples import with_measured_texts

    if statistic != "nearest":
        table = with_measured_texts(table, rule, monitor)
    texts = [str(name) for name in table.select_dtypes(exclude=["number", "bool"])]
    if statistic != "nearest" and texts:
        monitor.warn(
            f"The {medium} columns {', '.join(texts)} hold text, which has no {statistic}: left out of the composite."
        )
    return pairing.composite(table, statistic).add_prefix(f"{medium}_")


def _left_over(points, left, side):
    """The table of the unpaired rows, with reason and distance, and which rows they are."""
    rows = left[side].to_numpy()
    table = points.table.iloc[rows].reset_index(drop=True)
    added = left.drop(columns=side).reset_index(drop=True)
    return table.drop(columns=[name for name in table if name in added]).join(added), rows
