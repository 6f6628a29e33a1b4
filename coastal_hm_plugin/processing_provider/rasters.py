"""Raster parameters to paths that the core can open."""

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
