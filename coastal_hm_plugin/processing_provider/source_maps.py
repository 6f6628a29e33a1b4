"""How a layer of PMF contributions looks: pies of all factors, and a map of each factor, as styles to choose from."""

from qgis.core import (
    QgsDiagramLayerSettings,
    QgsDiagramSettings,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsGraduatedSymbolRenderer,
    QgsLinearlyInterpolatedDiagramRenderer,
    QgsPieDiagram,
    QgsProperty,
    QgsPropertyCollection,
    QgsRendererRange,
    QgsSingleSymbolRenderer,
    QgsStyle,
)
from qgis.PyQt.QtCore import QSizeF
from qgis.PyQt.QtGui import QColor

from ..report.style import PALETTE
from .styling import OUTLINE, SEQUENTIAL, UPPERMOST, marker

# beyond Okabe and Ito's eight: Tol's muted colours, which differ from them
COLOURS = (*PALETTE, "#882255", "#44AA99", "#999933", "#332288", "#DDCC77", "#661100", "#88CCEE", "#AA4499")
LIMITS = (0.5, 1.0, 2.0, 4.0)  # of classes of a contribution, whose mean is 1: the same on every map
LOWEST = -UPPERMOST
SMALLEST_MM, LARGEST_MM = 2.0, 8.0  # of pies; their area grows with the total
TYPICAL_HIGH = 0.95  # share of the samples whose pies are no larger
PIES = "All factors (pies)"


def contribution_styles(fields, weights=None, labels=None):
    """A style function for a point layer: pies of all factors shown, and a named style for each factor beside it.

    fields: of the contributions (mean 1), factor by factor; weights: what a contribution of 1 amounts to, factor by
    factor (PmfResult.factor_table()["mean_percent_of_species"] or ["percent_of_total"]), 1 for all without; labels:
    legend texts, Factor 1 ... without. In QGIS the styles are under the layer's menu *Styles*.
    """
    labels = list(labels) if labels else [f"Factor {number}" for number in range(1, len(fields) + 1)]

    def style(layer):
        manager = layer.styleManager()
        if PIES not in manager.styles():
            manager.renameStyle(manager.currentStyle(), PIES)
        manager.setCurrentStyle(PIES)
        contribution_pies(fields, weights, labels)(layer)
        for field, label in zip(fields, labels):
            if label not in manager.styles():
                manager.addStyleFromLayer(label)
            manager.setCurrentStyle(label)
            contribution_classes(field)(layer)
        manager.setCurrentStyle(PIES)

    return style


def contribution_pies(fields, weights=None, labels=None):
    """Pies at the sites: a piece for each factor, the area in proportion to their total. See contribution_styles."""
    weights = [1.0] * len(fields) if weights is None else [float(weight) for weight in weights]
    pieces = [
        f"max(coalesce({QgsExpression.quotedColumnRef(field)}, 0), 0) * {weight!r}"
        for field, weight in zip(fields, weights)
    ]
    labels = list(labels) if labels else [f"Factor {number}" for number in range(1, len(fields) + 1)]

    def style(layer):
        layer.setRenderer(QgsSingleSymbolRenderer(marker("#9ca3af", 0.9)))
        total = " + ".join(pieces)
        renderer = QgsLinearlyInterpolatedDiagramRenderer()
        renderer.setDiagram(QgsPieDiagram())
        renderer.setDiagramSettings(_settings(pieces, labels))
        renderer.setClassificationAttributeIsExpression(True)
        renderer.setClassificationAttributeExpression(total)
        renderer.setLowerValue(0.0)
        renderer.setLowerSize(QSizeF(0.0, 0.0))
        renderer.setUpperValue(_high(layer, total))
        renderer.setUpperSize(QSizeF(LARGEST_MM, LARGEST_MM))
        renderer.setAttributeLegend(True)
        layer.setDiagramRenderer(renderer)
        layer.setDiagramLayerSettings(_placement(total))

    return style


def contribution_classes(field):
    """Points by classes of one factor's contribution, colour and size rising; the same limits for every factor."""

    def style(layer):
        layer.setDiagramRenderer(None)
        edges = (LOWEST, *LIMITS, UPPERMOST)
        texts = [f"< {LIMITS[0]:g}", *(f"{low:g} – {high:g}" for low, high in zip(LIMITS, LIMITS[1:]))]
        texts.append(f"≥ {LIMITS[-1]:g}")
        ramp = QgsStyle.defaultStyle().colorRamp(SEQUENTIAL)
        ranges = []
        for number, (low, high, text) in enumerate(zip(edges, edges[1:], texts)):
            share = number / (len(texts) - 1)
            ranges.append(QgsRendererRange(low, high, marker(ramp.color(share).name(), 1.6 + 2.2 * share), text))
        layer.setRenderer(QgsGraduatedSymbolRenderer(field, ranges))

    return style


def _settings(pieces, labels):
    settings = QgsDiagramSettings()  # its sizes are millimetres
    settings.enabled = True
    settings.categoryAttributes = pieces
    settings.categoryLabels = labels
    settings.categoryColors = [QColor(COLOURS[number % len(COLOURS)]) for number in range(len(pieces))]
    settings.penColor = QColor(OUTLINE)
    settings.penWidth = 0.12
    settings.opacity = 1.0
    settings.scaleByArea = True
    settings.minimumSize = SMALLEST_MM
    settings.rotationOffset = 270.0  # the first piece starts at the top
    settings.setDirection(QgsDiagramSettings.Direction.Clockwise)
    return settings


def _placement(total):
    """Pies on their sites, all of them, the small ones above the large ones."""
    placement = QgsDiagramLayerSettings()
    placement.setPlacement(QgsDiagramLayerSettings.Placement.OverPoint)
    placement.setShowAllDiagrams(True)
    properties = QgsPropertyCollection()
    properties.setProperty(QgsDiagramLayerSettings.Property.ZIndex, QgsProperty.fromExpression(f"-({total})"))
    placement.setDataDefinedProperties(properties)
    return placement


def _high(layer, expression):
    """A high total of the layer's features, the size of the largest usual pie."""
    parsed = QgsExpression(expression)
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    totals = []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        value = parsed.evaluate(context)
        if isinstance(value, (int, float)) and value == value:
            totals.append(float(value))
    totals.sort()
    return totals[int(TYPICAL_HIGH * (len(totals) - 1))] or 1.0 if totals else 1.0
