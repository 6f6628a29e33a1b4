"""The full assessment as files: GeoPackage, tables, project, printed maps."""

from dataclasses import dataclass
from pathlib import Path

from qgis.core import QgsCoordinateReferenceSystem, QgsProject, QgsRectangle

from ..core.monitor import SILENT
from . import source_maps, styling
from .columns import beside
from .geopackage import GeoPackage
from .land import SOURCE, land_around
from .maps import MapSheet, export_pdf, export_png, make_layout, map_crs
from .outside_area import hatching, outside_polygon
from .project import Entry, build_project, coast_style, extent_of, land_style, write_project
from .risk_models import worth_of

TITLES = {"soil": "Soil", "sediment": "Sediment"}
PAIR_STYLES = {
    "pairs": ("Sites with soils", styling.plain_points("#0072b2", 2.2)),
    "links": ("Soil to site", styling.plain_lines("#0072b2")),
    "unpaired_soil": ("Soils without a site", styling.plain_points("#bdbdbd", 1.8)),
    "unpaired_sites": ("Sites without soil", styling.plain_points("#737373", 2.0)),
}


@dataclass(frozen=True)
class Layers:
    """Sources of the layers that were written: name -> ``file|layername=...``."""

    sources: dict
    crs: QgsCoordinateReferenceSystem


def write_layers(assessment, folder, monitor):
    """Write assessment.gpkg: a layer for each medium, the pairs, what stayed unpaired, Kd, zones, what lies outside the
    area of applicability, and the land."""
    package = GeoPackage(Path(folder) / "assessment.gpkg", monitor)
    sources = {}
    crs = None
    for medium, result in assessment.media:
        samples = result.samples
        crs = _crs(samples)
        sources[medium] = package.add_points(medium, site_table(result), samples.x, samples.y, crs)
    if assessment.site_samples is not None:
        crs = crs or _crs(assessment.site_samples)
        sources.update(_pair_layers(assessment, package))
    if assessment.partition is not None:
        water, rows = assessment.inputs.water, assessment.partition_sites["water"].to_numpy()
        table = beside(_identity(water).iloc[rows].reset_index(drop=True), assessment.partition.table(), SILENT)
        sources["kd"] = package.add_points("kd", table, water.x[rows], water.y[rows], _crs(water))
    if assessment.zones is not None:
        sediment, rows = assessment.inputs.sediment, assessment.zone_sites
        table = beside(_identity(sediment).iloc[rows].reset_index(drop=True), assessment.zones.table(), SILENT)
        sources["zones"] = package.add_points("zones", table, sediment.x[rows], sediment.y[rows], _crs(sediment))
    sources.update(_outside_layers(assessment, package))
    first = next(iter([result.samples for _, result in assessment.media]), assessment.inputs.water)
    names, polygons = land_around(_extent(first), crs)
    if polygons:
        degrees = QgsCoordinateReferenceSystem("EPSG:4326")
        sources["land"] = package.add_polygons("land", _frame({"name": names}), polygons, degrees)
    return Layers(sources, crs)


def _outside_layers(assessment, package):
    """What of each risk map lies outside its model's area of applicability; nothing where all of it is inside."""
    sources = {}
    for medium, result in assessment.media:
        if result.prediction is None or not result.prediction.outside:
            continue
        polygon, crs = outside_polygon(result.prediction.files.applicability)
        if polygon is not None:
            threshold = result.map_model.model.applicability.threshold
            table = _frame({"meaning": [f"DI above {threshold:.3g}"]})
            sources[outside_name(medium)] = package.add_polygons(outside_name(medium), table, [polygon], crs)
    return sources


def write_tables(tables, folder, monitor):
    """Write each table as CSV, and into the GeoPackage that is there. tables: name -> DataFrame."""
    target = Path(folder) / "tables"
    target.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        monitor.check()
        table.to_csv(target / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")
    package = GeoPackage(Path(folder) / "assessment.gpkg", monitor)
    for name, table in tables.items():
        if name not in ("soil_sites", "sediment_sites") and len(table):
            package.add_table(f"table_{name}", table)


def risk_layers(assessment, layers, folder):
    """The layers to show once all is in ``folder``: (source, name, style), the points of a medium above its raster."""
    shown = []
    for medium, result in assessment.media:
        if result.indices is None:
            continue
        scheme = result.indices.scheme
        if result.prediction is not None:
            raster = str(folder / f"peri_{medium}.tif")
            if outside_name(medium) in layers.sources:
                source = f"{folder / 'assessment.gpkg'}|layername={outside_name(medium)}"
                shown.append((source, outside_title(medium), hatching))
            shown.append((raster, raster_title(medium, result), styling.risk_raster(scheme)))
        source = f"{folder / 'assessment.gpkg'}|layername={medium}"
        shown.append((source, f"PERI of {medium}", styling.risk_points("PERI", scheme)))
    return shown


def write_models(assessment, folder):
    """Write every risk model, for 'Predict risk at points' and 'Predict a risk raster'."""
    for medium, result in assessment.media:
        for kind, trained in (("site", result.site_model), ("map", result.map_model)):
            if trained is not None:
                trained.model.save(Path(folder) / "models" / f"peri_{medium}_{kind}.json")


def site_table(result):
    """Everything known of a medium's samples: their own identifying fields, then all that was computed."""
    return beside(_identity(result.samples), result.site_table(), SILENT)


def _identity(samples):
    """The original fields that no computed one replaces: names, codes, dates."""
    used = set(samples.fields.values())
    return samples.table[[name for name in samples.table.columns if name not in used]]


def _pair_layers(assessment, package):
    import numpy as np
    import pandas as pd

    sources = {}
    pairing, soil, sites = assessment.pairing, assessment.inputs.soil, assessment.site_samples
    if pairing is None:
        return sources
    values = pd.concat([soil.concentrations, soil.properties], axis=1)
    composite = pairing.composite(values, assessment.options.statistic).rename(columns={"count": "n_soils"})
    composite = composite.rename(columns={name: f"soil_{name}" for name in values.columns})
    own = pd.concat([sites.concentrations, sites.properties], axis=1).add_prefix(f"{sites.medium}_")
    table = beside(_identity(sites), pd.concat([composite.reset_index(drop=True), own], axis=1), SILENT)
    paired = pairing.paired_sites
    sources["pairs"] = package.add_points(
        "pairs", table.iloc[paired].reset_index(drop=True), sites.x[paired], sites.y[paired], _crs(sites)
    )
    links = pairing.links
    if len(links):
        starts = np.column_stack(_in_crs(soil, _crs(sites)))[links["point"]]
        ends = np.column_stack([sites.x, sites.y])[links["site"]]
        shown = links.rename(columns={"point": "soil_row", "site": "site_row"})
        shown[["soil_row", "site_row"]] += 1  # as a reader counts
        sources["links"] = package.add_lines("links", shown, starts, ends, _crs(sites))
    for name, samples, table, column in (
        ("unpaired_soil", soil, pairing.unpaired_points, "point"),
        ("unpaired_sites", sites, pairing.unpaired_sites, "site"),
    ):
        if len(table):
            rows = table[column].to_numpy()
            described = table.rename(columns={column: "row"}).assign(row=rows + 1)
            sources[name] = package.add_points(name, described, samples.x[rows], samples.y[rows], _crs(samples))
    return sources


def _in_crs(samples, crs):
    """The samples' coordinates in another CRS."""
    import numpy as np
    from qgis.core import QgsCoordinateTransform

    transform = QgsCoordinateTransform(_crs(samples), crs, QgsProject())
    points = [transform.transform(px, py) for px, py in zip(samples.x.tolist(), samples.y.tolist())]
    return np.array([p.x() for p in points]), np.array([p.y() for p in points])


def write_project_and_maps(assessment, layers, folder, heading):
    """Write project.qgz with its map layouts, and each layout as PNG and PDF. heading: title of the area.

    Returns name -> path of the PNGs. Call it in the main thread: layouts are made of widgets' relatives.
    """
    folder = Path(folder)
    crs = map_crs(layers.crs, _extent_of_samples(assessment))
    project, opened = build_project(heading, _groups(assessment, layers, folder), crs)
    extent = extent_of([opened[name] for name in opened if name.startswith("PERI of") and "predicted" not in name], crs)
    if extent.isEmpty():
        extent = extent_of([layer for name, layer in opened.items() if name != "Land"], crs)
    pictures = {}
    for medium, result in assessment.media:
        if result.indices is None:
            continue
        layout = make_layout(project, _sheet(medium, result, opened, extent, heading))
        path = folder / f"peri_{medium}.png"
        export_png(layout, path)
        export_pdf(layout, path.with_suffix(".pdf"))
        pictures[f"peri_{medium}"] = path
    write_project(project, folder / "project.qgz", extent)
    return pictures


def _groups(assessment, layers, folder):
    """Layers of the project by group, top first."""
    groups = {}
    for medium, result in assessment.media:
        groups[TITLES[medium]] = _medium_entries(medium, result, layers.sources[medium])
    if "kd" in layers.sources:
        groups["Partitioning"] = [
            Entry(f"log10 Kd of {metal}", layers.sources["kd"], styling.graduated_points(f"log10Kd_{metal}"), False)
            for metal in assessment.partition.metals
        ]
    if "zones" in layers.sources:
        style = styling.media_zones
        groups["Contamination zones"] = [
            Entry(f"Zones of {metal}", layers.sources["zones"], style(f"zone_{metal}"), False)
            for metal in assessment.zones.metals
        ]
    pairs = [
        Entry(title, layers.sources[name], style, False)
        for name, (title, style) in PAIR_STYLES.items()
        if name in layers.sources
    ]
    if pairs:
        groups["Pairing"] = pairs
    rasters = _risk_rasters(assessment, layers, folder)
    if rasters and "land" in layers.sources:
        rasters.insert(0, Entry("Coastline", layers.sources["land"], coast_style, expanded=False, abstract=SOURCE))
    if rasters:
        groups["Risk maps"] = rasters
    if "land" in layers.sources:
        groups["Ground"] = [Entry("Land", layers.sources["land"], land_style, expanded=False, abstract=SOURCE)]
    return groups


def _risk_rasters(assessment, layers, folder):
    """The risk raster of each medium, below the hatching of what lies outside its model's area of applicability."""
    entries = []
    for medium, result in assessment.media:
        if result.prediction is None:
            continue
        if outside_name(medium) in layers.sources:
            entries.append(Entry(outside_title(medium), layers.sources[outside_name(medium)], hatching))
        style = styling.risk_raster(result.indices.scheme)
        entries.append(Entry(raster_title(medium, result), str(folder / f"peri_{medium}.tif"), style))
    return entries


def outside_name(medium):
    """Name in the GeoPackage of what lies outside the area of applicability."""
    return f"outside_{medium}"


def outside_title(medium):
    """Name of the hatched layer."""
    return f"Outside the area of applicability: {medium}"


def _medium_entries(medium, result, source):
    entries = []
    if result.indices is not None:
        style = styling.risk_points("PERI", result.indices.scheme)
        entries.append(Entry(f"PERI of {medium}", source, style, abstract=result.indices.scheme.label))
        entries += [
            Entry(
                f"CF of {metal} in {medium}",
                source,
                styling.graduated_points(f"CF_{metal}"),
                visible=False,
                subgroup="Contamination factors",
            )
            for metal in result.indices.metals
        ]
    if result.sources is not None:
        fields = [f"PMF_{name}" for name in result.sources.factors]
        weights = result.sources.factor_table()["mean_percent_of_species"]
        labels = [f"Factor {number}" for number in range(1, len(fields) + 1)]
        pies = source_maps.contribution_pies(fields, weights, labels)
        group = "Sources (PMF contributions)"
        entries.append(Entry(f"PMF factors in {medium}", source, pies, visible=False, subgroup=group))
        entries += [
            Entry(
                f"PMF {name} in {medium}",
                source,
                styling.graduated_points(f"PMF_{name}"),
                visible=False,
                subgroup=group,
            )
            for name in result.sources.contributions().columns
        ]
    return entries or [Entry(f"{TITLES[medium]} samples", source, styling.plain_points("#8c8c8c", 1.4))]


def raster_title(medium, result):
    """Name of the predicted raster; a model without skill is called so where the map is read."""
    title = f"PERI of {medium}, predicted"
    worth = worth_of(result.map_model.model)
    return f"{title} ({worth})" if worth else title


def _sheet(medium, result, opened, extent, heading):
    points = opened[f"PERI of {medium}"]
    ground = [opened["Land"]] if "Land" in opened else []
    shown, notes = [points], [result.indices.scheme.label + "."]
    drawn = [points]
    if result.prediction is not None:
        raster = opened[raster_title(medium, result)]
        hatched = [opened[outside_title(medium)]] if outside_title(medium) in opened else []
        shown += [raster, *hatched]
        drawn = [points, *([opened["Coastline"]] if ground else []), *hatched, raster]
        notes.append(result.map_model.model.skill.sentence)
        if result.prediction.outside:
            share = result.prediction.outside / result.prediction.predicted
            notes.append(f"Hatched: {share:.1%} of the map lies outside the area of applicability.")
    notes.append(f"{len(result.samples)} {medium} samples. {SOURCE if ground else ''}")
    return MapSheet(
        name=f"PERI of {medium}",
        title=f"Potential ecological risk of heavy metals in {medium}",
        subtitle=heading,
        layers=[*drawn, *ground],
        legend_layers=shown,
        extent=extent,
        notes=" ".join(notes),
        ground=ground,
    )


def _crs(samples):
    return QgsCoordinateReferenceSystem(samples.crs)


def _extent(samples):
    return QgsRectangle(samples.x.min(), samples.y.min(), samples.x.max(), samples.y.max())


def _extent_of_samples(assessment):
    samples = next(iter([result.samples for _, result in assessment.media]), assessment.inputs.water)
    return _extent(samples)


def _frame(columns):
    import pandas as pd

    return pd.DataFrame(columns)
