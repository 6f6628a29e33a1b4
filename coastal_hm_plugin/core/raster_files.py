"""Rasters written window by window under a temporary name: whole and with overviews, or not there at all."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import InputError
from .monitor import SILENT

NODATA = -9999.0
TILE = 512


@dataclass(frozen=True)
class RasterKind:
    """What a file holds. bands: their names; averaged: whether overviews are (classes and masks never are)."""

    dtype: str
    nodata: float
    bands: tuple
    averaged: bool = False


class RasterFiles:
    """GeoTIFFs of one grid, written together: tiled, compressed, with overviews.

    files: name -> (path, RasterKind). A context manager: :meth:`write` fills windows, :meth:`finish` builds the
    overviews and gives the files their names; left without it, by an error or Cancel, nothing stays behind.
    """

    def __init__(self, files, grid):
        self.kinds = {name: kind for name, (_, kind) in files.items()}
        self.paths = {name: Path(path) for name, (path, _) in files.items()}
        self._parts = {name: path.with_name(f"{path.stem}.part.tif") for name, path in self.paths.items()}
        self._grid = grid

    def __enter__(self):
        self._open = contextlib.ExitStack()
        try:
            self._files = {name: self._open.enter_context(self._create(name)) for name in self.kinds}
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, *error):
        self._remove()

    def tag(self, name, **tags):
        """Write texts into the metadata of a file."""
        self._files[name].update_tags(**tags)

    def write(self, window, usable, bands):
        """Fill a window of every file. usable: cells of the window, True where there is a value; the others are nodata.

        bands: name -> bands x usable cells.
        """
        for name, file in self._files.items():
            kind = self.kinds[name]
            cells = np.full((len(kind.bands), len(usable)), kind.nodata, dtype=kind.dtype)
            cells[:, usable] = bands[name]
            file.write(cells.reshape(-1, window.height, window.width), window=window)

    def finish(self, monitor=SILENT):
        """Build the overviews and rename: from here on the files are there."""
        self._open.close()
        for name, part in self._parts.items():
            monitor.check()
            self._build_overviews(part, self.kinds[name].averaged)
        for name, path in self.paths.items():
            os.replace(self._parts[name], path)

    def _create(self, name):
        import rasterio
        from rasterio.errors import RasterioError

        part, kind, grid = self._parts[name], self.kinds[name], self._grid
        profile = {
            "driver": "GTiff",
            "width": grid.width,
            "height": grid.height,
            "count": len(kind.bands),
            "crs": grid.crs,
            "transform": grid.transform,
            "dtype": kind.dtype,
            "nodata": kind.nodata,
            "tiled": True,
            "blockxsize": TILE,
            "blockysize": TILE,
            "compress": "deflate",
            "predictor": 3 if kind.dtype.startswith("float") else 2,
            "bigtiff": "if_safer",
        }
        try:
            part.parent.mkdir(parents=True, exist_ok=True)
            file = rasterio.open(part, "w", **profile)
        except (RasterioError, OSError) as error:
            raise InputError(f"The raster cannot be written to '{part.parent}': {error}") from error
        for band, title in enumerate(kind.bands, start=1):
            file.set_band_description(band, title)
        return file

    def _build_overviews(self, part, averaged):
        """Smaller copies inside the file, so that the map draws at once."""
        import rasterio
        from rasterio.enums import Resampling

        factors, size = [], max(self._grid.width, self._grid.height)
        while size / (2 ** len(factors)) > TILE:
            factors.append(2 ** (len(factors) + 1))
        if factors:
            with rasterio.Env(GDAL_NUM_THREADS="ALL_CPUS"), rasterio.open(part, "r+") as file:
                file.build_overviews(factors, Resampling.average if averaged else Resampling.nearest)

    def _remove(self):
        self._open.close()
        for part in self._parts.values():
            with contextlib.suppress(OSError):
                part.unlink()
