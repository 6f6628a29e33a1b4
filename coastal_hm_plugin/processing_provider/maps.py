"""Printed maps: an A4 layout with map, legend, inset, scale bar, north arrow and sources, and its PNG."""

import base64
import math
import os
import textwrap
from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemMapGrid,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLegendStyle,
    QgsMapLayerLegendUtils,
    QgsMapThemeCollection,
    QgsPrintLayout,
    QgsProcessingException,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsSingleSymbolRenderer,
    QgsTextFormat,
    QgsUnitTypes,
)
from qgis.PyQt.QtGui import QColor, QFont

NORTH_ARROW = Path(__file__).parent.parent / "resources" / "layouts" / "north_arrow.svg"
SEA = "#dfecf4"
INK = "#1f2933"
SOFT = "#52606d"
MARGIN = 10.0  # mm
SIDE = 66.0  # mm, the column of legend and inset
FONT = "DejaVu Sans"
INSET_SCALE = 3.0
INSET_LEAST_M = 600_000.0  # a small area shows nothing of where it lies in a frame three times its size
PAGES = ((210.0, 297.0), (297.0, 210.0))  # A4, mm
GROUND_THEME = "Ground"


@dataclass(frozen=True)
class MapSheet:
    """What one printed map shows. layers and legend_layers from top to bottom; extent in the project's CRS."""

    name: str
    title: str
    subtitle: str
    layers: list
    legend_layers: list
    extent: QgsRectangle
    notes: str
    ground: list  # layers of the inset: the land


def map_crs(crs, extent):
    """The CRS to draw in: the data's own if it is projected, else equal-area around the data."""
    if not crs.isGeographic():
        return crs
    transform = QgsCoordinateTransform(crs, QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject())
    centre = transform.transform(extent.center())
    text = f"+proj=laea +lat_0={centre.y():.2f} +lon_0={centre.x():.2f} +datum=WGS84 +units=m +no_defs"
    # a CRS that a tool's thread has read stays cached after the thread, and transforms from it then silently do nothing
    QgsCoordinateTransform.invalidateCache()
    QgsCoordinateReferenceSystem.invalidateCache()
    return QgsCoordinateReferenceSystem.fromProj(text)


def make_layout(project, sheet):
    """Build the sheet as a layout of the project, in the orientation that suits the extent."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    layout.setName(sheet.name)
    width, height = max(PAGES, key=lambda page: _scale_on(page, sheet.extent))
    layout.pageCollection().page(0).setPageSize(QgsLayoutSize(width, height, QgsUnitTypes.LayoutUnit.LayoutMillimeters))
    top = MARGIN + 16
    frame = (MARGIN, top, *_frame_size(width, height))
    add_theme(project, sheet.name, sheet.layers)
    add_theme(project, GROUND_THEME, sheet.ground)
    main = _add_map(layout, sheet.name, frame, sheet.extent, project.crs())
    _add_grid(main, project.crs())
    _add_label(layout, sheet.title, (MARGIN, MARGIN - 2), (width - 2 * MARGIN, 9), 15, INK, bold=True)
    _add_label(layout, sheet.subtitle, (MARGIN, MARGIN + 6.5), (width - 2 * MARGIN, 6), 8.5, SOFT)
    side = width - MARGIN - SIDE
    _add_legend(layout, project, sheet, main, (side, top))
    inset = (side + 4, height - MARGIN - 12 - 52, SIDE - 8, 52)
    _add_inset(layout, sheet, main, inset, project.crs())
    _add_north_arrow(layout, (side + 4, inset[1] - 24))
    _add_scale_bar(layout, main, (side + 20, inset[1] - 17))
    _add_label(layout, sheet.notes, (MARGIN, height - MARGIN - 11), (width - 2 * MARGIN, 15), 7, SOFT)
    project.layoutManager().addLayout(layout)
    return layout


def add_theme(project, name, layers):
    """Keep these layers as a map theme of the project: the print layouts draw it, and it can be chosen on screen."""
    record = QgsMapThemeCollection.MapThemeRecord()
    record.setLayerRecords([QgsMapThemeCollection.MapThemeLayerRecord(layer) for layer in layers])
    project.mapThemeCollection().insert(name, record)


def _frame_size(width, height):
    """Width and height (mm) of the main map on a page."""
    return width - 2 * MARGIN - SIDE - 4, height - 2 * MARGIN - 28


def _scale_on(page, extent):
    """How large the extent can be drawn on a page (mm per map unit)."""
    width, height = _frame_size(*page)
    return min(width / max(extent.width(), 1e-9), height / max(extent.height(), 1e-9))


def export_png(layout, path, dpi=200):
    """Print the layout as PNG."""
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = dpi
    settings.generateWorldFile = False
    settings.exportMetadata = False
    _export(layout, path, lambda exporter, target: exporter.exportToImage(target, settings))


def export_pdf(layout, path, dpi=300):
    """Print the layout as PDF: lines and letters stay sharp, rasters are drawn with ``dpi``."""
    settings = QgsLayoutExporter.PdfExportSettings()
    settings.dpi = dpi
    settings.exportMetadata = False
    _export(layout, path, lambda exporter, target: exporter.exportToPdf(target, settings))


def _export(layout, path, print_to):
    """Print under a temporary name first."""
    path = Path(path)
    temporary = path.with_name(f"{path.stem}.part{path.suffix}")
    if print_to(QgsLayoutExporter(layout), str(temporary)) != QgsLayoutExporter.ExportResult.Success:
        raise QgsProcessingException(f"Could not print the map '{layout.name()}' to {path}.")
    os.replace(temporary, path)


def _place(item, position, size):
    millimetres = QgsUnitTypes.LayoutUnit.LayoutMillimeters
    item.attemptMove(QgsLayoutPoint(*position, millimetres))
    item.attemptResize(QgsLayoutSize(*size, millimetres))


def _sized_font(size, bold=False):
    font = QFont(FONT)
    font.setPointSizeF(size)
    font.setBold(bold)
    return font


def _text(size, colour, bold=False):
    font = QFont(FONT)
    font.setBold(bold)
    text = QgsTextFormat()
    text.setFont(font)
    text.setSize(size)
    text.setColor(QColor(colour))
    return text


def _add_map(layout, theme, frame, extent, crs):
    item = QgsLayoutItemMap(layout)
    layout.addLayoutItem(item)
    _place(item, frame[:2], frame[2:])
    item.setFollowVisibilityPreset(True)
    item.setFollowVisibilityPresetName(theme)
    item.setCrs(crs)
    item.setBackgroundColor(QColor(SEA))
    item.setFrameEnabled(True)
    item.setFrameStrokeColor(QColor(SOFT))
    grown = QgsRectangle(extent)
    grown.scale(1.06)
    item.setExtent(grown)  # a new item has none, and zoomToExtent would keep it so; it changes the size, too
    _place(item, frame[:2], frame[2:])
    item.zoomToExtent(grown)
    return item


def _add_grid(item, crs):
    """Longitude and latitude around the frame for a map of degrees' width, else easting and northing."""
    grid = QgsLayoutItemMapGrid("graticule", item)
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    transform = QgsCoordinateTransform(crs, degrees, QgsProject())
    box = transform.transformBoundingBox(item.extent())
    grid.setCrs(degrees)
    interval = _round_interval(min(box.width(), box.height()) / 4)
    grid.setIntervalX(interval)
    grid.setIntervalY(interval)
    grid.setStyle(QgsLayoutItemMapGrid.GridStyle.FrameAnnotationsOnly)
    grid.setAnnotationEnabled(True)
    grid.setAnnotationPrecision(max(0, math.ceil(-math.log10(interval))) if interval < 1 else 0)
    grid.setAnnotationFormat(QgsLayoutItemMapGrid.AnnotationFormat.DecimalWithSuffix)
    grid.setAnnotationTextFormat(_text(6.5, SOFT))
    side = QgsLayoutItemMapGrid.BorderSide
    position = QgsLayoutItemMapGrid.AnnotationPosition.InsideMapFrame
    for border in (side.Left, side.Right, side.Top, side.Bottom):
        grid.setAnnotationPosition(position, border)
    for border in (side.Right, side.Top):
        grid.setAnnotationDisplay(QgsLayoutItemMapGrid.DisplayMode.HideAll, border)
    for border in (side.Left, side.Bottom):
        coordinate = QgsLayoutItemMapGrid.DisplayMode
        grid.setAnnotationDisplay(coordinate.LatitudeOnly if border == side.Left else coordinate.LongitudeOnly, border)
    item.grids().addGrid(grid)


def _round_interval(span):
    power = 10 ** math.floor(math.log10(span))
    return next(step * power for step in (5, 2, 1) if step * power <= span)


def _add_label(layout, content, position, size, points, colour, bold=False):
    item = QgsLayoutItemLabel(layout)
    item.setText(content)
    if hasattr(item, "setTextFormat"):  # QGIS 3.24 and newer
        item.setTextFormat(_text(points, colour, bold))
    else:
        item.setFont(_sized_font(points, bold))
        item.setFontColor(QColor(colour))
    layout.addLayoutItem(item)
    _place(item, position, size)


def _add_legend(layout, project, sheet, main, position):
    legend = QgsLayoutItemLegend(layout)
    legend.setLinkedMap(main)
    legend.setAutoUpdateModel(False)
    root = legend.model().rootGroup()
    root.removeAllChildren()
    for layer in sheet.legend_layers:
        node = root.addLayer(layer)
        # long names would run off the page
        title = "|".join(textwrap.wrap(layer.name(), 30))
        node.setCustomProperty("legend/title-label", title)
        if isinstance(layer, QgsRasterLayer):  # its first line only repeats the band
            lines = len(legend.model().layerLegendNodes(node))
            QgsMapLayerLegendUtils.setLegendNodeOrder(node, list(range(1, lines)))
            legend.model().refreshLayerLegend(node)
        elif isinstance(layer.renderer(), QgsSingleSymbolRenderer):  # its only line is its title
            QgsMapLayerLegendUtils.setLegendNodeUserLabel(node, 0, title)
            legend.model().refreshLayerLegend(node)
    for style, size, bold in (
        (QgsLegendStyle.Style.Subgroup, 8.5, True),
        (QgsLegendStyle.Style.SymbolLabel, 8, False),
    ):
        changed = legend.style(style)
        if hasattr(changed, "setTextFormat"):  # QGIS 3.30 and newer
            changed.setTextFormat(_text(size, INK, bold))
        else:
            changed.setFont(_sized_font(size, bold))
        legend.setStyle(style, changed)
    legend.setWrapString("|")
    legend.setSymbolWidth(5)
    legend.setBackgroundEnabled(False)
    layout.addLayoutItem(legend)
    _place(legend, position, (SIDE, 60))
    legend.adjustBoxSize()


def _add_inset(layout, sheet, main, frame, crs):
    """Where the map lies: the land around it with the frame of the main map."""
    around = QgsRectangle(main.extent())
    around.scale(max(INSET_SCALE, INSET_LEAST_M / around.width()))
    inset = _add_map(layout, GROUND_THEME, frame, around, crs)
    overview = inset.overview()
    overview.setLinkedMap(main)
    overview.setFrameSymbol(
        QgsFillSymbol.createSimple({"color": "213,94,0,40", "outline_color": "#d55e00", "outline_width": "0.5"})
    )


def _add_north_arrow(layout, position):
    item = QgsLayoutItemPicture(layout)
    # inside the project itself: a path would be lost on another computer
    drawing = base64.b64encode(NORTH_ARROW.read_bytes()).decode("ascii")
    item.setPicturePath(f"base64:{drawing}", QgsLayoutItemPicture.Format.FormatSVG)
    layout.addLayoutItem(item)
    _place(item, position, (12, 18))


def _add_scale_bar(layout, main, position):
    item = QgsLayoutItemScaleBar(layout)
    item.setLinkedMap(main)
    item.setStyle("Single Box")
    kilometres = main.extent().width() > 5_000
    unit = QgsUnitTypes.DistanceUnit
    item.setUnits(unit.DistanceKilometers if kilometres else unit.DistanceMeters)
    item.setUnitLabel("km" if kilometres else "m")
    metres_per_mm = main.extent().width() / main.rect().width()
    item.setNumberOfSegments(2)
    item.setNumberOfSegmentsLeft(0)
    item.setUnitsPerSegment(_round_interval(20 * metres_per_mm / (1000 if kilometres else 1)))
    item.setHeight(1.6)
    item.setTextFormat(_text(7, INK))
    item.setFillSymbol(QgsFillSymbol.createSimple({"color": INK, "outline_style": "no"}))
    layout.addLayoutItem(item)
    _place(item, position, (44, 12))
