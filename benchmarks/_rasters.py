"""The rasters and the points of the sampling and prediction benchmarks: written once, and kept for the next run."""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent.parent / "build" / "benchmarks"
CRS = "EPSG:32651"
SIZE = 10_000  # cells along a side, 10 m each
POINTS = 1_000_000
ORIGIN = (300_000.0, 4_500_000.0)
NODATA = -9999.0


def coordinates():
    """x and y of the points, in no order."""
    draws = np.random.default_rng(1).uniform(0, SIZE * 10.0, (2, POINTS))
    return ORIGIN[0] + draws[0], ORIGIN[1] - draws[1]


def raster(compress="deflate"):
    """A terrain-like int16 raster in tiles of 256 x 256, as GeoTIFFs usually are; compress: "deflate" or "none"."""
    import rasterio
    from rasterio.transform import from_origin

    path = FOLDER / f"terrain_{compress}.tif"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(2)
    coarse = np.kron(rng.normal(0, 100, (SIZE // 8, SIZE // 8)), np.ones((8, 8)))
    cells = np.round(coarse + rng.normal(0, 1, (SIZE, SIZE))).astype(np.int16)
    profile = {"tiled": True, "blockxsize": 256, "blockysize": 256, "compress": compress}
    part = path.with_suffix(".part.tif")
    with rasterio.open(
        part, "w", driver="GTiff", count=1, height=SIZE, width=SIZE, dtype="int16", crs=CRS, nodata=-32768,
        transform=from_origin(*ORIGIN, 10, 10), **profile,
    ) as dataset:  # fmt: skip
        dataset.write(cells, 1)
    part.rename(path)
    return path


def covariates(count, width, rows, holes):
    """Paths of float32 rasters in deflated tiles of 512: hills with some noise, of a standard deviation of about 0.3.

    holes: two fifths of the cells, in patches, have no value in any of them.
    """
    from rasterio.transform import from_origin

    kind = "holes" if holes else "full"
    paths = [FOLDER / f"covariate_{width}_{rows}_{kind}_{k}.tif" for k in range(count)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    column = np.arange(width)
    profile = {"driver": "GTiff", "count": 1, "height": rows, "width": width, "dtype": "float32", "crs": CRS}
    profile.update(tiled=True, blockxsize=512, blockysize=512, compress="deflate", nodata=NODATA)
    for k, path in enumerate(paths):
        if path.exists():
            continue
        rng, part = np.random.default_rng(k), path.with_suffix(".part.tif")
        with _wide(part, transform=from_origin(*ORIGIN, 10, 10), **profile) as dataset:
            for start in range(0, rows, 512):
                row = np.arange(start, min(start + 512, rows))[:, None]
                cells = 0.6 * np.sin(column / (150 + 37 * k)) * np.cos(row / (130 + 29 * k) + k)
                cells += rng.normal(0, 0.05, cells.shape)
                if holes:
                    cells[np.sin(column / 90) * np.cos(row / 110) > 0.1] = NODATA
                window = ((start, start + len(row)), (0, width))
                dataset.write(cells.astype(np.float32), 1, window=window)
        part.rename(path)
    return paths


def _wide(path, **profile):
    """A new raster, compressed on all cores."""
    import rasterio

    return rasterio.open(path, "w", num_threads="all_cpus", bigtiff="if_safer", **profile)


def read(path):
    """The first band."""
    import rasterio

    with rasterio.open(path) as dataset:
        return dataset.read(1)


def points():
    """The points as a GeoPackage with a text, a number and a whole number at each."""
    from osgeo import ogr, osr

    path = FOLDER / "points.gpkg"
    if path.exists():
        return path
    FOLDER.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.gpkg")
    part.unlink(missing_ok=True)
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(int(CRS.split(":")[1]))
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(part))
    layer = dataset.CreateLayer("points", reference, ogr.wkbPoint)
    for name, kind in (("site", ogr.OFTString), ("cd", ogr.OFTReal), ("number", ogr.OFTInteger64)):
        layer.CreateField(ogr.FieldDefn(name, kind))
    layer.StartTransaction()
    for number, (x, y) in enumerate(zip(*(column.tolist() for column in coordinates()))):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField(0, f"S{number}")
        feature.SetField(1, number % 997 / 100)
        feature.SetField(2, number)
        geometry = ogr.Geometry(ogr.wkbPoint)
        geometry.AddPoint_2D(x, y)
        feature.SetGeometryDirectly(geometry)
        layer.CreateFeature(feature)
    layer.CommitTransaction()
    layer = dataset = None  # closes the file
    part.rename(path)
    return path
