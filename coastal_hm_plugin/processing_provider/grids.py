"""The cells that an output raster gets: of a template raster, of an extent, or around the data."""

from qgis.core import QgsProcessingParameterExtent, QgsProcessingParameterRasterLayer

from . import parameters as p
from .rasters import template_grid

MARGIN = 0.05  # of the data's extent, around it


def declare_grid(algorithm, template, cell_size):
    """TEMPLATE, EXTENT and CELL_SIZE, with labels for the first and the last."""
    algorithm.addParameter(QgsProcessingParameterRasterLayer("TEMPLATE", template, optional=True))
    algorithm.addParameter(QgsProcessingParameterExtent("EXTENT", algorithm.tr("Extent"), optional=True))
    algorithm.addParameter(p.decimal("CELL_SIZE", cell_size, 0.0, 0.0))


def target_grid(algorithm, parameters, context, data, default=None):
    """The Grid: the template's cells within EXTENT (or those of the raster ``default``), else CELL_SIZE's.

    data: CRS (QGIS's) and box (left, bottom, right, top) of what is mapped; without a template and an extent the grid
    lies around it. Raises InputError for a template without CRS and for an extent that has no area or misses it.
    """
    from ..core.kriging import grid_around

    grid = template_grid(algorithm, parameters, context, default)
    if grid is not None:
        return grid
    crs, box = data
    size = algorithm.parameterAsDouble(parameters, "CELL_SIZE", context) or None
    extent = algorithm.parameterAsExtent(parameters, "EXTENT", context, crs)
    if not (extent.isNull() or extent.isEmpty()):
        box = (extent.xMinimum(), extent.yMinimum(), extent.xMaximum(), extent.yMaximum())
    else:
        margin = MARGIN * max(box[2] - box[0], box[3] - box[1])
        box = (box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    return grid_around(crs.authid() or crs.toWkt(), box, size)


def box_of(x, y):
    """Left, bottom, right, top of coordinates."""
    return (x.min(), y.min(), x.max(), y.max())
