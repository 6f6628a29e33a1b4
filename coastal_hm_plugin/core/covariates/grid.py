"""Covariates brought onto one grid window by window: what a raster prediction reads."""

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from ..geodesy import crs_of, project
from ..monitor import SILENT
from .raster import cell_values, has_mask_band, open_raster
from .sampling import sample_band

RADIUS_PIECE = 128  # rows and columns sampled between two looks at Cancel
MISPLACED = 1e-4  # of a cell: raster and grid are taken to be the same
IN_FLOAT32 = ("float32", "int16", "uint16", "int8", "uint8")


@dataclass(frozen=True)
class Grid:
    """A north-up or rotated raster grid: CRS (anything rasterio reads), affine transform, columns and rows."""

    crs: object
    transform: object
    width: int
    height: int

    @classmethod
    def of_raster(cls, path):
        """The grid of an existing raster. Raises InputError if it cannot be read or has no CRS."""
        from .manifest import Covariate

        with open_raster(Covariate(name=str(path), path=str(path))) as dataset:
            return cls(dataset.crs, dataset.transform, dataset.width, dataset.height)

    def windows(self, size=512):
        """The grid cut into rasterio windows of at most ``size`` x ``size`` cells, row by row."""
        from rasterio.windows import Window

        for row in range(0, self.height, size):
            for column in range(0, self.width, size):
                yield Window(column, row, min(size, self.width - column), min(size, self.height - row))

    def centres(self, window):
        """x and y of the cell centres of a window, each of the window's shape, in the grid's CRS."""
        columns = np.arange(window.col_off, window.col_off + window.width) + 0.5
        rows = np.arange(window.row_off, window.row_off + window.height) + 0.5
        columns, rows = np.meshgrid(columns, rows)
        t = self.transform
        return t.a * columns + t.b * rows + t.c, t.d * columns + t.e * rows + t.f


class AlignedCovariates:
    """The covariates of a manifest on a grid. A context manager; :meth:`read` gives one window.

    A raster whose cells are the grid's is read as it is. Rasters of another CRS, cell size or origin are warped as they
    are read: bilinear where the manifest says so, otherwise nearest; ``mean`` and ``majority`` are taken within their
    radius around each cell centre. Cells agree with :func:`sample_covariates` at the cell centres (within GDAL's 0.125
    cell for another CRS).
    """

    def __init__(self, manifest, grid):
        self.manifest = manifest
        self.grid = grid

    def __enter__(self):
        with ExitStack() as stack:
            self._readers = [self._reader(stack, covariate) for covariate in self.manifest.covariates]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def read(self, window, monitor=SILENT):
        """Covariate name -> float64 array of the window's shape: values, or codes of classes; NaN where missing."""
        shape = window.height, window.width
        columns = self.columns(window, monitor)
        return {name: values.reshape(shape).astype(np.float64) for name, values in zip(self.manifest.names, columns)}

    def columns(self, window, monitor=SILENT):
        """The same as a list of flat arrays in the manifest's order: float32 where that is exact, otherwise float64."""
        columns = []
        for reader in self._readers:
            monitor.check()
            columns.append(reader(window, monitor).reshape(-1))
        return columns

    def _reader(self, stack, covariate):
        dataset = stack.enter_context(open_raster(covariate))
        if covariate.method in ("mean", "majority"):
            return self._radius_reader(dataset, covariate)
        offset = _offset(self.grid, dataset)
        if offset:
            return _direct_reader(dataset, covariate.band, offset)
        return self._warped_reader(stack, dataset, covariate)

    def _warped_reader(self, stack, dataset, covariate):
        from rasterio.enums import ColorInterp, Resampling
        from rasterio.vrt import WarpedVRT

        grid, band = self.grid, covariate.band
        options = {"crs": grid.crs, "transform": grid.transform, "width": grid.width, "height": grid.height}
        # interpolate at the cell centre as at a point, also where the grid is coarser than the raster
        options.update(XSCALE="1", YSCALE="1", UNIFIED_SRC_NODATA="YES")
        options["resampling"] = Resampling.bilinear if covariate.method == "bilinear" else Resampling.nearest
        is_float = np.dtype(dataset.dtypes[band - 1]).kind == "f"
        if covariate.method == "bilinear" and not is_float:
            options["dtype"] = "float64"  # between two integers
        alpha = None
        if dataset.nodatavals[band - 1] is None and is_float and not has_mask_band(dataset, band):
            options.update(src_nodata=np.nan, nodata=np.nan)
        elif dataset.nodatavals[band - 1] is None or has_mask_band(dataset, band):
            has_alpha = ColorInterp.alpha in dataset.colorinterp
            options["add_alpha"] = not has_alpha
            alpha = dataset.colorinterp.index(ColorInterp.alpha) + 1 if has_alpha else dataset.count + 1
        vrt = stack.enter_context(WarpedVRT(dataset, **options))

        def read(window, _):
            values = _values(dataset, band, vrt.read(band, window=window))
            if alpha:
                values[vrt.read(alpha, window=window) == 0] = np.nan
            return values

        return read

    def _radius_reader(self, dataset, covariate):
        own, target = crs_of(self.grid.crs.to_wkt()), crs_of(dataset.crs.to_wkt())

        def read(window, monitor):
            x, y = self.grid.centres(window)
            values = np.empty(x.shape)
            for row in range(0, window.height, RADIUS_PIECE):
                for column in range(0, window.width, RADIUS_PIECE):
                    monitor.check()
                    piece = slice(row, row + RADIUS_PIECE), slice(column, column + RADIUS_PIECE)
                    raster_x, raster_y = project(x[piece].ravel(), y[piece].ravel(), own, target)
                    found = sample_band(dataset, covariate, raster_x, raster_y)
                    values[piece] = found.values.reshape(x[piece].shape)
            return values

        return read


def lines_bytes(manifest, rows):
    """Bytes of this many rows of the rasters that are stored in lines: to be kept, or each window reads all of them."""
    total = 0
    for covariate in manifest.covariates:
        with open_raster(covariate) as dataset:
            height, width = dataset.block_shapes[covariate.band - 1]
            if width == dataset.width > rows:
                total += (rows + height) * width * np.dtype(dataset.dtypes[covariate.band - 1]).itemsize
    return total


def _offset(grid, dataset):
    """Columns and rows from a raster's first cell to the grid's, where the grid's cells are the raster's; else None."""
    if grid.crs != dataset.crs:
        return None
    between = ~dataset.transform * grid.transform
    stray = max(abs(between.a - 1), abs(between.d)) * grid.width + max(abs(between.b), abs(between.e - 1)) * grid.height
    stray += abs(between.c - round(between.c)) + abs(between.f - round(between.f))
    return (round(between.c), round(between.f)) if stray < MISPLACED else None


def _direct_reader(dataset, band, offset):
    """Reads the cells of a raster as they are; there are none beyond its edge."""
    from rasterio.windows import Window

    masked = has_mask_band(dataset, band)

    def read(window, _):
        column, row = window.col_off + offset[0], window.row_off + offset[1]
        columns, rows = (
            (max(start, 0), min(start + length, end))
            for start, length, end in ((column, window.width, dataset.width), (row, window.height, dataset.height))
        )
        if columns[0] >= columns[1] or rows[0] >= rows[1]:
            return np.full((window.height, window.width), np.nan, dtype=np.float32)
        inside = Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])
        values = _values(dataset, band, dataset.read(band, window=inside))
        if masked:
            values[dataset.read_masks(band, window=inside) == 0] = np.nan
        if values.shape == (window.height, window.width):
            return values
        whole = np.full((window.height, window.width), np.nan, dtype=values.dtype)
        whole[rows[0] - row : rows[1] - row, columns[0] - column : columns[1] - column] = values
        return whole

    return read


def _values(dataset, band, cells):
    """Stored cells as values, NaN where missing: in float32 where that holds every one of them, else in float64."""
    scaled = (dataset.scales[band - 1], dataset.offsets[band - 1]) != (1.0, 0.0)
    if scaled or cells.dtype.name not in IN_FLOAT32:
        return cell_values(dataset, band, cells)
    values = cells.astype(np.float32, copy=False)
    nodata = dataset.nodatavals[band - 1]
    if nodata is not None and not np.isnan(nodata):
        values[cells == (np.float32(nodata) if cells.dtype.kind == "f" else nodata)] = np.nan
    return values
