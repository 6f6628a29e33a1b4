"""Opening the raster of a covariate, with every refusal a user can act on, and turning stored cells into values."""

from contextlib import contextmanager

import numpy as np

from ..errors import InputError


@contextmanager
def open_raster(covariate):
    """The open rasterio dataset of a covariate.

    Raises InputError if the file cannot be read, has no coordinate system, or lacks the band.
    """
    import rasterio
    from rasterio.errors import RasterioError  # some versions raise a plain OSError

    try:
        with rasterio.Env(GDAL_NUM_THREADS=_decoders()):
            dataset = rasterio.open(covariate.path)
    except (RasterioError, OSError) as error:
        raise InputError(f"Raster '{covariate.name}' cannot be read: {error}") from error
    with dataset:
        if dataset.crs is None:
            raise InputError(
                f"Raster '{covariate.name}' ({covariate.path}) has no coordinate reference system. "
                "Assign the right one (in QGIS: Raster > Projections > Assign projection) and run again."
            )
        if not 1 <= covariate.band <= dataset.count:
            raise InputError(
                f"Raster '{covariate.name}' has {dataset.count} band(s); band {covariate.band} does not exist."
            )
        yield dataset


def _decoders():
    """Compressed blocks are decoded side by side, unless the caller's environment has a number of its own."""
    from rasterio.env import getenv, hasenv

    return getenv().get("GDAL_NUM_THREADS", "ALL_CPUS") if hasenv() else "ALL_CPUS"


def has_mask_band(dataset, band):
    """Whether missing cells are marked by a mask or alpha band, not by a nodata value."""
    from rasterio.enums import MaskFlags

    flags = dataset.mask_flag_enums[band - 1]
    return MaskFlags.nodata not in flags and MaskFlags.all_valid not in flags


def cell_values(dataset, band, cells):
    """Stored cells (any shape) as float64: scale and offset applied, nodata as NaN."""
    values = cells.astype(np.float64)
    nodata = dataset.nodatavals[band - 1]
    if nodata is not None and not np.isnan(nodata):
        # compared in the band's own type: a float32 band stores the nodata value rounded to float32
        values[cells == (cells.dtype.type(nodata) if cells.dtype.kind == "f" else nodata)] = np.nan
    scale, offset = dataset.scales[band - 1], dataset.offsets[band - 1]
    if scale != 1.0 or offset != 0.0:
        values *= scale
        values += offset
    return values


def read_cells(dataset, band, column_range, row_range):
    """Values of a rectangle of cells (half-open ranges, within the raster) as float64 with NaN where missing."""
    window = (tuple(map(int, row_range)), tuple(map(int, column_range)))
    values = cell_values(dataset, band, dataset.read(band, window=window))
    if has_mask_band(dataset, band):
        values[dataset.read_masks(band, window=window) == 0] = np.nan
    return values
