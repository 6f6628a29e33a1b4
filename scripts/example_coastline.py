#!/usr/bin/env python3
"""Clip the land and the Chinese shoreline of the synthetic example from Natural Earth.

Source: the 1:10m Admin 0 and Admin 1 layers of Natural Earth (https://www.naturalearthdata.com, public domain),
generalised by the QGIS project and shipped with QGIS as ``resources/data/world_map.gpkg``. Run with QGIS's Python:

    python3 scripts/example_coastline.py [world_map.gpkg]

Writes ``coastal_hm_plugin/resources/example/bohai_yellow_sea.json`` (GeoJSON, EPSG:4326, about 10 m of rounding).
"""

import json
import sys
from pathlib import Path

from osgeo import ogr
from shapely import wkb
from shapely.geometry import box, mapping
from shapely.ops import linemerge

WORLD = "/usr/share/qgis/resources/data/world_map.gpkg"
TARGET = Path(__file__).resolve().parents[1] / "coastal_hm_plugin/resources/example/bohai_yellow_sea.json"
FRAME = box(117, 30, 126, 41)
SMALLEST_ISLAND = 0.004  # square degrees, about 40 km2: ten cells of the example's rasters
BORDER_WIDTH = 0.02  # degrees: shoreline closer than this to the neighbour's land is the river border
UPSTREAM_YANGTZE = box(119, 31.2, 121.25, 32.45)
HANGZHOU_BAY = box(117, 30, 126, 30.85)
NAMES = {"CHN": "China", "PRK": "North Korea"}


def land_parts(path):
    """Polygons by country within the frame, without small islands."""
    source = ogr.Open(path)
    parts = {}
    for feature in source.GetLayerByName("countries"):
        if feature["ISO_A3"] not in NAMES:
            continue
        clipped = wkb.loads(bytes(feature.GetGeometryRef().ExportToWkb())).intersection(FRAME)
        polygons = getattr(clipped, "geoms", [clipped])
        parts[feature["ISO_A3"]] = [part for part in polygons if part.area >= SMALLEST_ISLAND]
    return parts


def chinese_shoreline(parts):
    """The mainland shore from the mouth of the Yalu to that of the Yangtze, north to south, without the river banks."""
    mainland = max(parts["CHN"], key=lambda part: part.area)
    neighbour = max(parts["PRK"], key=lambda part: part.area)
    shore = mainland.exterior.difference(FRAME.exterior.buffer(1e-6)).difference(neighbour.buffer(BORDER_WIDTH))
    line = max(getattr(linemerge(shore), "geoms", [shore]), key=lambda part: part.length)
    stretches = line.difference(UPSTREAM_YANGTZE).difference(HANGZHOU_BAY)
    return sorted(stretches.geoms, key=lambda part: -part.bounds[3])


def rounded(geometry):
    """GeoJSON geometry with four decimals."""

    def walk(item):
        return [walk(part) for part in item] if isinstance(item[0], (list, tuple)) else [round(v, 4) for v in item[:2]]

    shape = mapping(geometry)
    return {"type": shape["type"], "coordinates": walk(shape["coordinates"])}


def main(path=WORLD):
    """Write the GeoJSON."""
    parts = land_parts(path)
    features = [
        {"type": "Feature", "properties": {"kind": "land", "country": NAMES[code]}, "geometry": rounded(polygon)}
        for code, polygons in sorted(parts.items())
        for polygon in polygons
    ]
    shore = {"kind": "shoreline", "country": "China"}
    features += [
        {"type": "Feature", "properties": shore, "geometry": rounded(stretch)} for stretch in chinese_shoreline(parts)
    ]
    collection = {
        "type": "FeatureCollection",
        "name": "bohai_yellow_sea",
        "source": "Natural Earth 1:10m (public domain), generalised by QGIS; scripts/example_coastline.py",
        "features": features,
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(json.dumps(collection, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:2])
