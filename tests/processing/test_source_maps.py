"""Maps of PMF contributions: pies of all factors, and a style for each factor."""

import math

import pytest

pytest.importorskip("qgis.core")

from qgis.core import (
    QgsExpression,
    QgsExpressionContext,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

from coastal_hm_plugin.processing_provider import source_maps

FIELDS = ("factor1", "factor 2", "factor3")
ROWS = ([2.0, 0.0, 1.0], [0.0, 3.0, -0.2], [0.4, 0.4, 0.4], [None, None, None])


@pytest.fixture
def layer(qgis_app):
    fields = "&".join(f"field={name}:double" for name in FIELDS)
    found = QgsVectorLayer(f"Point?crs=EPSG:32650&{fields}", "Contributions", "memory")
    features = []
    for number, row in enumerate(ROWS):
        feature = QgsFeature(found.fields())
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500_000 + 1000 * number, 4_000_000)))
        feature.setAttributes(list(row))
        features.append(feature)
    found.dataProvider().addFeatures(features)
    found.updateExtents()
    return found


def colours_of(layer):
    """How many pixels of each colour a picture of the layer has."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.grow(600)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(600, 180))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    picture = job.renderedImage()
    counts = {}
    for x in range(picture.width()):
        for y in range(picture.height()):
            name = picture.pixelColor(x, y).name()
            counts[name] = counts.get(name, 0) + 1
    return counts


def values(layer, expressions):
    found = []
    for feature in layer.getFeatures():
        context = QgsExpressionContext()
        context.setFields(layer.fields())
        context.setFeature(feature)
        found.append([QgsExpression(text).evaluate(context) for text in expressions])
    return found


def test_pieces_are_the_weighted_contributions_and_none_is_negative(layer):
    source_maps.contribution_pies(FIELDS, [60.0, 30.0, 10.0])(layer)
    renderer = layer.diagramRenderer()
    settings = renderer.diagramSettings()[0]
    assert values(layer, settings.categoryAttributes) == [[120, 0, 10], [0, 90, 0], [24, 12, 4], [0, 0, 0]]
    totals = [row[0] for row in values(layer, [renderer.classificationAttributeExpression()])]
    assert totals == [130, 90, 40, 0]
    assert renderer.upperValue() == 90  # the highest but the last few, which may be larger
    assert list(settings.categoryLabels) == ["Factor 1", "Factor 2", "Factor 3"]
    assert settings.scaleByArea and renderer.attributeLegend()


def test_pies_are_drawn_in_the_factors_colours_and_sizes(layer):
    source_maps.contribution_pies(FIELDS)(layer)
    seen = colours_of(layer)
    blue, orange, green = (seen.get(colour.lower(), 0) for colour in source_maps.COLOURS[:3])
    assert min(blue, orange, green) > 30
    # the second site is all orange, its total the upper one or near it: the largest piece
    assert orange > blue > green


def test_a_style_for_each_factor_stands_beside_the_pies(layer):
    style = source_maps.contribution_styles(FIELDS, [60.0, 30.0, 10.0], ["Traffic", "Ships", "Rock"])
    for _ in range(2):  # styling again changes nothing
        style(layer)
        manager = layer.styleManager()
        assert set(manager.styles()) == {source_maps.PIES, "Traffic", "Ships", "Rock"}
        assert manager.currentStyle() == source_maps.PIES and layer.diagramRenderer() is not None
    manager.setCurrentStyle("Ships")
    assert layer.diagramRenderer() is None
    assert layer.renderer().classAttribute() == "factor 2"
    assert [entry.label() for entry in layer.renderer().ranges()] == ["< 0.5", "0.5 – 1", "1 – 2", "2 – 4", "≥ 4"]
    manager.setCurrentStyle(source_maps.PIES)
    assert layer.diagramRenderer().diagramSettings()[0].categoryLabels == ["Traffic", "Ships", "Rock"]


def test_every_contribution_falls_in_one_class(layer):
    source_maps.contribution_classes("factor1")(layer)
    ranges = layer.renderer().ranges()
    for value in (-0.2, 0.0, 0.49, 1.5, 3.0, 400.0):
        assert sum(one.lowerValue() <= value < one.upperValue() for one in ranges) == 1
    sizes = [one.symbol().size() for one in ranges]
    assert sizes == sorted(sizes) and all(math.isfinite(size) for size in sizes)


def test_sixteen_factors_have_sixteen_colours():
    assert len({QColor(colour).name() for colour in source_maps.COLOURS}) == 16


def test_a_layer_without_values_is_styled_too(qgis_app):
    empty = QgsVectorLayer("Point?crs=EPSG:4326&field=factor1:double", "none", "memory")
    source_maps.contribution_styles(["factor1"])(empty)
    assert empty.diagramRenderer().upperValue() == 1
