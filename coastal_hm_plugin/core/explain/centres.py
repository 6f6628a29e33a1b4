"""Covariates at the centres of a grid's cells, however coarse: only the parts of the rasters that hold a centre."""

from contextlib import ExitStack

import numpy as np
import pandas as pd

from ..covariates.raster import open_raster
from ..covariates.sampling import sample_band
from ..geodesy import project
from ..monitor import SILENT

CACHE_BYTES = 128 << 20  # of GDAL, which else takes a share of the machine's memory


class CentreCovariates:
    """The covariates of a manifest at the cells' centres of a grid. A context manager; :meth:`read` gives one window.

    Every value is that of ``sample_covariates`` at the centre. Raises InputError for a raster that cannot be read.
    """

    def __init__(self, manifest, grid):
        self.manifest = manifest
        self.grid = grid

    def __enter__(self):
        import rasterio

        with ExitStack() as stack:
            stack.enter_context(rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES))
            self._datasets = [stack.enter_context(open_raster(covariate)) for covariate in self.manifest.covariates]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self._stack.__exit__(*error)

    def read(self, window, monitor=SILENT):
        """A table of the window's cells, row by row: a column per covariate, numbers with NaN, or labels with None."""
        x, y = (axis.ravel() for axis in self.grid.centres(window))
        own, positions, columns = self.grid.crs.to_wkt(), {}, {}
        count = len(self._datasets)
        for number, (covariate, dataset) in enumerate(zip(self.manifest.covariates, self._datasets)):
            wkt = dataset.crs.to_wkt()
            if wkt not in positions:
                positions[wkt] = project(x, y, own, wkt)
            samples = sample_band(
                dataset, covariate, *positions[wkt], monitor.part(number / count, (number + 1) / count)
            )
            values = samples.values
            columns[covariate.name] = _labels(values, covariate.categories) if covariate.categories else values
        return pd.DataFrame(columns)


def _labels(codes, names):
    """Codes of classes (NaN where missing) as labels; a code without a name is its number."""
    known = ~np.isnan(codes)
    labels = np.full(len(codes), None, dtype=object)
    distinct, place = np.unique(codes[known], return_inverse=True)
    labels[known] = np.array([str(names.get(code, f"{code:g}")) for code in distinct], dtype=object)[place]
    return labels
