"""How layers of SHAP values look: what decides the prediction at each site and in each cell."""

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsExpression,
    QgsMarkerSymbol,
    QgsProperty,
    QgsRasterShader,
    QgsRendererCategory,
    QgsSingleBandPseudoColorRenderer,
)
from qgis.PyQt.QtGui import QColor

from ..report.style import PALETTE
from .styling import OUTLINE

OTHERS = "#b8bec6"
OTHERS_LABEL = "other predictors"
DIVERGING = (
    "#2166ac",
    "#92c5de",
    "#f7f7f7",
    "#f4a582",
    "#b2182b",
)  # ColorBrewer RdBu: for all eyes
DIRECTIONS = "▲ raises, ▼ lowers it"  # how driver_points draws them, for the layer's name


def driver_points(field, direction_field, drivers):
    """Points by their dominant driver: a colour for each of the first eight of ``drivers``, one for all others.

    drivers: all predictors, in the order that colours are given. Triangles point up where the driver raises the
    prediction, and down where it lowers it. The legend names those that occur.
    """

    def style(layer):
        index = layer.fields().lookupField(field)
        found = layer.uniqueValues(index)
        categories = [
            QgsRendererCategory(name, _triangle(colour, direction_field), name)
            for name, colour in zip(drivers, PALETTE)
            if name in found
        ]
        if any(value not in drivers[: len(PALETTE)] for value in found):
            # a category without a value takes all that have none of their own
            categories.append(QgsRendererCategory(None, _triangle(OTHERS, direction_field), OTHERS_LABEL))
        layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))

    return style


def driver_raster(names, occurring):
    """A raster of driver codes (1 = the first of ``names``) in the colours of :func:`driver_points`.

    occurring: the names that the legend need list.
    """

    def style(layer):
        coloured = list(zip(names, PALETTE))
        items = [
            QgsColorRampShader.ColorRampItem(code, QColor(colour), name)
            for code, (name, colour) in enumerate(coloured, start=1)
            if name in occurring
        ]
        if any(name in occurring for name in names[len(coloured) :]):
            items.append(QgsColorRampShader.ColorRampItem(float("inf"), QColor(OTHERS), OTHERS_LABEL))
        _set_ramp(layer, 1, items, QgsColorRampShader.Type.Discrete, (1.0, len(names)))

    return style


def shap_band(band):
    """One band of SHAP values, blue where it lowers and red where it raises the prediction, white at none."""

    def style(layer):
        statistics = layer.dataProvider().cumulativeCut(band, 0.02, 0.98, layer.extent(), 250_000)
        limit = max(abs(statistics[-2]), abs(statistics[-1])) or 1.0
        edges = [limit * share for share in (-1.0, -0.5, 0.0, 0.5, 1.0)]
        items = [
            QgsColorRampShader.ColorRampItem(edge, QColor(colour), f"{edge:+.2g}" if edge else "0")
            for edge, colour in zip(edges, DIVERGING)
        ]
        _set_ramp(layer, band, items, QgsColorRampShader.Type.Interpolated, (-limit, limit))

    return style


def _triangle(colour, direction_field):
    symbol = QgsMarkerSymbol.createSimple(
        {"name": "triangle", "color": colour, "size": "3", "outline_color": OUTLINE, "outline_width": "0.15"}
    )
    field = QgsExpression.quotedColumnRef(direction_field)
    symbol.setDataDefinedAngle(QgsProperty.fromExpression(f"if({field} = 'lowers', 180, 0)"))
    return symbol


def _set_ramp(layer, band, items, kind, limits):
    ramp = QgsColorRampShader(*limits, None, kind)
    ramp.setColorRampItemList(items)
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), band, shader)
    renderer.setClassificationMin(limits[0])
    renderer.setClassificationMax(limits[1])
    layer.setRenderer(renderer)
