"""How layers look. A style is a function that takes a layer and sets its renderer."""

import os

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsColorRampShader,
    QgsGraduatedSymbolRenderer,
    QgsMarkerSymbol,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
    QgsRasterShader,
    QgsRendererCategory,
    QgsRendererRange,
    QgsSingleBandPseudoColorRenderer,
    QgsStyle,
)
from qgis.PyQt.QtGui import QColor

OUTLINE = "#333333"
UPPERMOST = 1e9  # an open last class needs a number in the renderer
SEQUENTIAL = "Viridis"
VEIL = "#ffffff"
DIVERGING = ("#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2182b")  # ColorBrewer's RdBu


def class_labels(limits, names):
    """Legend texts of classes: name and range, such as ``Low (< 100)``, ``Moderate (100 – 200)``."""
    labels = []
    for index, name in enumerate(names):
        low = "" if index == 0 else f"{limits[index - 1]:g}"
        high = "" if index == len(limits) else f"{limits[index]:g}"
        span = f"< {high}" if not low else f"≥ {low}" if not high else f"{low} – {high}"
        labels.append(f"{name} ({span})")
    return labels


def risk_points(field, scheme):
    """Points graduated by risk class: colour and size both rise with the class."""

    def style(layer):
        edges = [0.0 if scheme.limits[0] > 0 else -UPPERMOST, *scheme.limits, UPPERMOST]
        ranges = []
        for index, label in enumerate(class_labels(scheme.limits, scheme.class_names)):
            symbol = marker(scheme.colours[index], 2.0 + 0.5 * index)
            ranges.append(QgsRendererRange(edges[index], edges[index + 1], symbol, label))
        layer.setRenderer(QgsGraduatedSymbolRenderer(field, ranges))

    return style


def risk_raster(scheme):
    """A raster of the index in the same classes and colours as the points."""

    def style(layer):
        labels = class_labels(scheme.limits, scheme.class_names)
        edges = [*scheme.limits, float("inf")]
        items = [
            QgsColorRampShader.ColorRampItem(edge, QColor(colour), label)
            for edge, colour, label in zip(edges, scheme.colours, labels)
        ]
        ramp = QgsColorRampShader(0.0, UPPERMOST, None, QgsColorRampShader.Type.Discrete)
        ramp.setColorRampItemList(items)
        _set_shader(layer, ramp)

    return style


def class_raster(scheme):
    """A raster of class numbers (1 = first class)."""

    def style(layer):
        labels = class_labels(scheme.limits, scheme.class_names)
        items = [
            QgsColorRampShader.ColorRampItem(number, QColor(colour), label)
            for number, (colour, label) in enumerate(zip(scheme.colours, labels), start=1)
        ]
        ramp = QgsColorRampShader(1.0, len(labels), None, QgsColorRampShader.Type.Exact)
        ramp.setColorRampItemList(items)
        _set_shader(layer, ramp)

    return style


def graduated_points(field, classes=5, unit="", ramp=SEQUENTIAL):
    """Points graduated by a number, in quantile classes of a colour-blind-safe ramp."""

    def style(layer):
        index = layer.fields().lookupField(field)
        values = sorted(
            v for v in (f.attributes()[index] for f in layer.getFeatures()) if isinstance(v, (int, float)) and v == v
        )
        if not values:
            return
        edges = sorted({values[round(i * (len(values) - 1) / classes)] for i in range(classes + 1)})
        if len(edges) == 1:
            edges = [edges[0], edges[0]]
        colours = QgsStyle.defaultStyle().colorRamp(ramp)
        ranges = []
        for i in range(len(edges) - 1):
            share = i / max(len(edges) - 2, 1)
            text = f"{edges[i]:.3g} – {edges[i + 1]:.3g} {unit}".strip()
            colour = colours.color(share).name()
            ranges.append(QgsRendererRange(edges[i], edges[i + 1], marker(colour, 2.0 + share * 1.6), text))
        layer.setRenderer(QgsGraduatedSymbolRenderer(field, ranges))

    return style


def categorized_points(field, colours):
    """Points by category. colours: value -> (colour, legend text)."""

    def style(layer):
        categories = [
            QgsRendererCategory(value, marker(colour, 2.6), text) for value, (colour, text) in colours.items()
        ]
        layer.setRenderer(QgsCategorizedSymbolRenderer(field, categories))

    return style


def media_zones(field):
    """Points by soil-sediment contamination zone."""
    from ..report.zones import COLOURS, TITLES

    return categorized_points(field, {zone: (colour, TITLES[zone]) for zone, colour in COLOURS.items()})


def plain_points(colour, size=2.0):
    """Points of one colour."""

    def style(layer):
        from qgis.core import QgsSingleSymbolRenderer

        layer.setRenderer(QgsSingleSymbolRenderer(marker(colour, size)))

    return style


def plain_lines(colour, width=0.3):
    """Lines of one colour."""

    def style(layer):
        from qgis.core import QgsLineSymbol, QgsSingleSymbolRenderer

        symbol = QgsLineSymbol.createSimple({"color": colour, "width": str(width)})
        layer.setRenderer(QgsSingleSymbolRenderer(symbol))

    return style


def continuous_raster(ramp=SEQUENTIAL, band=1):
    """A band of numbers between its 2nd and 98th percentile, or all of them where these are one number."""

    def style(layer):
        from qgis.core import QgsRasterMinMaxOrigin

        statistics = layer.dataProvider().cumulativeCut(band, 0.02, 0.98, layer.extent(), 250_000)
        low, high = statistics[-2], statistics[-1]
        if not high > low:  # a density that is 0 nearly everywhere
            whole = layer.dataProvider().bandStatistics(band)
            low, high = whole.minimumValue, whole.maximumValue
        shader = QgsColorRampShader(low, high, QgsStyle.defaultStyle().colorRamp(ramp))
        shader.classifyColorRamp(6)
        _set_shader(layer, shader, band)
        layer.renderer().setMinMaxOrigin(QgsRasterMinMaxOrigin())

    return style


def difference_raster(limit):
    """A raster of differences: blue below 0, red above, pale at 0; the colours end at ``limit`` on both sides."""

    def style(layer):
        middle = len(DIVERGING) // 2
        items = []
        for step, colour in enumerate(DIVERGING, start=-middle):
            value = limit * step / middle
            label = f"{value:+.3g}" if step else "0"
            items.append(QgsColorRampShader.ColorRampItem(value, QColor(colour), label))
        ramp = QgsColorRampShader(-limit, limit, None, QgsColorRampShader.Type.Interpolated)
        ramp.setColorRampItemList(items)
        _set_shader(layer, ramp)

    return style


def difference_points(field, limit):
    """Points by a difference: blue below 0, red above, pale around 0, in classes of one width up to ``limit``."""

    def style(layer):
        count = len(DIVERGING)
        inner = [limit * (2 * step - count) / count for step in range(1, count)]
        edges = [-UPPERMOST, *inner, UPPERMOST]
        ranges = []
        for step, colour in enumerate(DIVERGING):
            low, high = edges[step], edges[step + 1]
            first, last = step == 0, step == count - 1
            text = f"< {high:+.3g}" if first else f"≥ {low:+.3g}" if last else f"{low:+.3g} – {high:+.3g}"
            ranges.append(QgsRendererRange(low, high, marker(colour, 2.6), text))
        layer.setRenderer(QgsGraduatedSymbolRenderer(field, ranges))

    return style


def outside_mask(threshold):
    """A raster of the dissimilarity index as a veil over what lies outside the area of applicability."""

    def style(layer):
        veil = QColor(VEIL)
        veil.setAlpha(165)
        ramp = QgsColorRampShader(0.0, UPPERMOST, None, QgsColorRampShader.Type.Discrete)
        ramp.setColorRampItemList(
            [
                QgsColorRampShader.ColorRampItem(threshold, QColor(0, 0, 0, 0), f"Inside (DI ≤ {threshold:.3g})"),
                QgsColorRampShader.ColorRampItem(float("inf"), veil, f"Outside (DI > {threshold:.3g})"),
            ]
        )
        _set_shader(layer, ramp)

    return style


def marker(colour, size):
    """A round marker of this colour, ``size`` mm wide, with a thin dark edge that shows on any ground."""
    return QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": colour, "size": str(size), "outline_color": OUTLINE, "outline_width": "0.15"}
    )


def _set_shader(layer, ramp, band=1):
    shader = QgsRasterShader()
    shader.setRasterShaderFunction(ramp)
    renderer = QgsSingleBandPseudoColorRenderer(layer.dataProvider(), band, shader)
    renderer.setClassificationMin(ramp.minimumValue())
    renderer.setClassificationMax(ramp.maximumValue())
    layer.setRenderer(renderer)


def write_qml(layer):
    """Save the layer's style beside its file (``x.tif`` -> ``x.qml``; a GeoPackage's layer -> ``x_layer.qml``)."""
    path, _, options = layer.source().partition("|")
    if not os.path.isfile(path):
        return None
    stem = os.path.splitext(path)[0]
    for option in options.split("|"):
        key, _, value = option.partition("=")
        if key == "layername" and value != os.path.basename(stem):
            stem = f"{stem}_{value}"
    layer.saveNamedStyle(f"{stem}.qml")
    return f"{stem}.qml"


class _StyleWhenLoaded(QgsProcessingLayerPostProcessorInterface):
    """Styles a layer when QGIS adds it to the project."""

    # QGIS keeps only a pointer: without a Python reference the object is gone before it is used
    alive = []

    def __init__(self, style, name, below):
        super().__init__()
        self._style = style
        self._name = name
        self._below = below
        self.alive.append(self)

    def postProcessLayer(self, layer, context, feedback):
        self._style(layer)
        if self._name:
            layer.setName(self._name)
        layer.triggerRepaint()
        _move_down(layer, self._below)
        self.alive.remove(self)


def _move_down(layer, places):
    """Move a layer below so many others of the open project: QGIS adds outputs in the order of their names."""
    root = QgsProject.instance().layerTreeRoot()
    node = root.findLayer(layer.id())
    if places and node is not None and node.parent() == root:
        root.insertChildNode(root.children().index(node) + 1 + places, node.clone())
        root.removeChildNode(node)


def style_when_loaded(context, destination, style, name=None, below=0):
    """Style an output when QGIS loads it; ``below``: how many layers it then moves down."""
    context.layerToLoadOnCompletionDetails(destination).setPostProcessor(_StyleWhenLoaded(style, name, below))
