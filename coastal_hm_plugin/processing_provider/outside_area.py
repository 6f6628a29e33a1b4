"""What lies outside a model's area of applicability, as a polygon that a map can hatch."""

import math

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFillSymbol,
    QgsGeometry,
    QgsLinePatternFillSymbolLayer,
    QgsSingleSymbolRenderer,
)

AOA_BAND = 3  # after DI and LPD
MOST_CELLS = 1_000_000  # a printed map shows no more; a finer raster is read coarser


def outside_polygon(path):
    """The cells of an applicability raster with a prediction but outside: a multipolygon (None if none), its CRS."""
    import rasterio
    from rasterio.features import shapes

    with rasterio.open(path) as file:
        step = max(1, math.ceil(math.sqrt(file.width * file.height / MOST_CELLS)))
        height, width = math.ceil(file.height / step), math.ceil(file.width / step)
        inside = file.read(AOA_BAND, out_shape=(height, width), masked=True)
        transform = file.transform * file.transform.scale(file.width / width, file.height / height)
        crs = QgsCoordinateReferenceSystem.fromWkt(file.crs.to_wkt())
    outside = (inside.filled(1) == 0).astype("uint8")
    polygons = [shape["coordinates"] for shape, _ in shapes(outside, mask=outside == 1, transform=transform)]
    return (QgsGeometry.fromWkt(_multipolygon(polygons)) if polygons else None), crs


def _multipolygon(polygons):
    """Well-known text of polygons given as lists of rings."""
    texts = (
        "(" + ", ".join("(" + ", ".join(f"{x!r} {y!r}" for x, y in ring) + ")" for ring in rings) + ")"
        for rings in polygons
    )
    return f"MultiPolygon ({', '.join(texts)})"


def hatching(layer):
    """Diagonal lines through which the map below can still be read."""
    lines = {"angle": "45", "distance": "1.3", "color": "#374151", "line_width": "0.18"}
    symbol = QgsFillSymbol()
    symbol.changeSymbolLayer(0, QgsLinePatternFillSymbolLayer.create(lines))
    layer.setRenderer(QgsSingleSymbolRenderer(symbol))
