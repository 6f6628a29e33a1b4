"""Covariates brought onto one grid window by window: what a raster prediction reads."""

from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from ..geodesy import crs_of, project
from .raster import cell_values, has_mask_band, open_raster
from .sampling import sample_band


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

    Rasters of another CRS, cell size or origin are warped as they are read: bilinear where the manifest
    says so, otherwise nearest; ``mean`` and ``majority`` are taken within their radius around each cell centre.
    Cells agree with :func:`sample_covariates` at the cell centres (within GDAL's 0.125 cell for another CRS).
    """

    def __init__(self, manifest, grid):
        self.manifest = manifest
        self.grid = grid

    def __enter__(self):
        with ExitStack() as stack:
            self._readers = [(c.name, self._reader(stack, c)) for c in self.manifest.covariates]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def read(self, window):
        """Covariate name -> float64 array of the window's shape: values, or codes of classes; NaN where missing."""
        return {name: reader(window) for name, reader in self._readers}

    def _reader(self, stack, covariate):
        dataset = stack.enter_context(open_raster(covariate))
        if covariate.method in ("mean", "majority"):
            return self._radius_reader(dataset, covariate)
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

        def read(window):
            values = cell_values(dataset, band, vrt.read(band, window=window))
            if alpha:
                values[vrt.read(alpha, window=window) == 0] = np.nan
            return values

        return read

    def _radius_reader(self, dataset, covariate):
        own, target = crs_of(self.grid.crs.to_wkt()), crs_of(dataset.crs.to_wkt())

        def read(window):
            x, y = self.grid.centres(window)
            raster_x, raster_y = project(x.ravel(), y.ravel(), own, target)
            return sample_band(dataset, covariate, raster_x, raster_y).values.reshape(x.shape)

        return read
