"""Raster parameters to paths that the core can open."""

from pathlib import Path

from ..core.errors import InputError


def raster_paths(algorithm, parameters, name, context):
    """Path of each raster of a multiple-layers parameter. Raises InputError for one that is no file."""
    layers = algorithm.parameterAsLayerList(parameters, name, context)
    for layer in layers:
        if layer.providerType() != "gdal":
            raise InputError(
                f"'{layer.name()}' is not a raster file (it comes from '{layer.providerType()}'). "
                "Save it as a GeoTIFF first."
            )
    return [layer.source() for layer in layers]


def raster_destination(algorithm, parameters, name, context):
    """The path of an output raster; None for one beside OUTPUT that is not asked for. InputError unless a GeoTIFF."""
    if name != "OUTPUT" and not parameters.get(name):
        return None
    path = algorithm.parameterAsOutputLayer(parameters, name, context)
    if path and Path(path).suffix.lower() not in (".tif", ".tiff"):
        raise InputError(f"'{path}': rasters are written as GeoTIFF. Choose a name that ends in .tif.")
    return path


def template_grid(algorithm, parameters, context, default):
    """The cells within EXTENT of the raster in TEMPLATE, or else of the path ``default``: a Grid; None without both."""
    from qgis.core import QgsCoordinateReferenceSystem

    from ..core.covariates.grid import Grid
    from ..core.raster_prediction import crop

    template = algorithm.parameterAsRasterLayer(parameters, "TEMPLATE", context)
    path = template.source() if template else default
    if not path:
        return None
    grid = Grid.of_raster(path)
    crs = QgsCoordinateReferenceSystem.fromWkt(grid.crs.to_wkt())
    extent = algorithm.parameterAsExtent(parameters, "EXTENT", context, crs)
    if extent.isNull() or extent.isEmpty():
        return grid
    return crop(grid, extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
