"""Raster parameters to paths that the core can open."""

from qgis.core import QgsProcessingUtils

from ..core.errors import InputError


def raster_paths(algorithm, parameters, name, context):
    """Path of each raster of a multiple-layers parameter. Raises InputError for one that is no raster file.

    QGIS leaves layers that it cannot open out of such a list without a word; here they are named.
    """
    layers = algorithm.parameterAsLayerList(parameters, name, context)
    given = parameters.get(name)
    if isinstance(given, (list, tuple)) and len(given) > len(layers):
        unreadable = [str(one) for one in given if QgsProcessingUtils.mapLayerFromString(str(one), context) is None]
        raise InputError(f"QGIS cannot open {', '.join(unreadable) or 'some of the rasters'} as a raster.")
    for layer in layers:
        if layer.providerType() != "gdal":
            raise InputError(
                f"'{layer.name()}' is not a raster file (it comes from '{layer.providerType()}'). "
                "Save it as a GeoTIFF first."
            )
    return [layer.source() for layer in layers]
