"""Rasters written tile by tile under temporary names: whole, as cloud-optimised GeoTIFFs, or not there at all.

Tiles go to a store beside the raster as soon as they are made, with a line in a journal once they are on the disk. At
the end the overviews are made of them, and all is copied behind a header. What is interrupted can go on from there.
"""

import contextlib
import errno
import os
import shutil
from pathlib import Path
from time import monotonic

import numpy as np

from .cloud_geotiff import TILE, Header, RasterKind, decode, encode, framed, geo_tags, halved, sizes_of, tiles_across
from .errors import InputError
from .monitor import SILENT
from .ordered_threads import in_order
from .tile_store import TileJournal, TileStore

__all__ = ["NODATA", "TILE", "RasterFiles", "RasterKind", "encode_window"]
NODATA = -9999.0
SECONDS_BETWEEN_COMMITS = 2.0
FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")} - {None}
COMPANIONS = (".aux.xml", ".ovr", ".msk")  # of an older file of the same name: its statistics, its overviews


class RasterFiles:
    """GeoTIFFs of one grid, written together: tiled, compressed, with overviews.

    files: name -> (path, RasterKind). A context manager: :meth:`write` fills windows, or :meth:`add` takes tiles that
    were encoded elsewhere; :meth:`finish` builds the overviews and gives the files their names; left without it, by an
    error or Cancel, nothing stays behind.

    fingerprint: a text of all that the cells depend on; with it finished tiles are kept in a journal. resume: go on
    from what an interrupted run of the same fingerprint left (``finished``: tile number -> the note given with it), and
    on an error or Cancel keep what is finished.
    """

    def __init__(self, files, grid, fingerprint=None, resume=False):
        self.kinds = {name: kind for name, (_, kind) in files.items()}
        self.paths = {name: Path(path) for name, (path, _) in files.items()}
        self.finished, self.stale = {}, False
        self._grid, self._fingerprint, self._resume = grid, fingerprint, resume
        self._sizes = sizes_of(grid.width, grid.height)
        self._tags = {name: {} for name in files}
        self._partial, self._committed = {}, monotonic()
        first = next(iter(self.paths.values()))
        self._journal = TileJournal(_beside(first, ".journal.part"), fingerprint) if fingerprint else None

    def __enter__(self):
        self._open = contextlib.ExitStack()
        try:
            with self._disk():
                for path in self.paths.values():
                    path.parent.mkdir(parents=True, exist_ok=True)
                self._stores = {
                    name: self._open.enter_context(TileStore(_beside(path, ".tiles.part"), self._resume))
                    for name, path in self.paths.items()
                }
                if self._journal:
                    self._take_up()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(self, kind, error, trace):
        if kind and self._resume and self._journal:
            with contextlib.suppress(InputError), self._disk():
                self._journal.commit(self._stores)
            self._close()
        else:
            self._remove()

    def discard(self):
        """Keep nothing of what is finished, whatever was asked."""
        self._resume = False

    def tag(self, name, **tags):
        """Write texts into the metadata of a file."""
        self._tags[name].update(tags)

    def write(self, window, usable, bands):
        """Fill a window of every file. usable: cells of the window, True where there is a value; the others are nodata.

        bands: name -> bands x usable cells. A tile is held in memory until windows have filled it.
        """
        cells = {name: _cells(kind, window, usable, bands[name]) for name, kind in self.kinds.items()}
        top, left = window.row_off, window.col_off
        for row in range(top // TILE, -(-(top + window.height) // TILE)):
            for column in range(left // TILE, -(-(left + window.width) // TILE)):
                self._fill(row, column, top, left, cells)

    def _fill(self, row, column, top, left, cells):
        """Put what a window at ``top``, ``left`` has of a tile into it; a full tile goes to the store."""
        height, width = next(iter(cells.values())).shape[:2]
        rows = max(top, row * TILE), min(top + height, (row + 1) * TILE)
        columns = max(left, column * TILE), min(left + width, (column + 1) * TILE)
        target = _slices(rows, columns, row * TILE, column * TILE)
        source = _slices(rows, columns, top, left)
        number = row * tiles_across(self._sizes[0])[0] + column
        if number not in self._partial:
            across, down = (min(TILE, side - TILE * at) for side, at in zip(self._sizes[0], (column, row)))
            self._partial[number] = {name: _empty_tile(kind) for name, kind in self.kinds.items()}, across * down
        tiles, missing = self._partial[number]
        for name, tile in tiles.items():
            tile[target] = cells[name][source]
        missing -= (rows[1] - rows[0]) * (columns[1] - columns[0])
        self._partial[number] = tiles, missing
        if not missing:
            del self._partial[number]
            self.add(number, {name: encode(tile, self.kinds[name]) for name, tile in tiles.items()})

    def add(self, tile, encoded, note=None):
        """Take a tile, numbered row by row: name -> what :func:`encode_window` gave. note: kept in the journal."""
        with self._disk():
            places = {name: self._stores[name].add(0, tile, encoded[name]) for name in self.kinds}
            if self._journal:
                self._journal.add(tile, places, note)
                if monotonic() - self._committed > SECONDS_BETWEEN_COMMITS:
                    self._journal.commit(self._stores)
                    self._committed = monotonic()

    def finish(self, monitor=SILENT):
        """Build the overviews and rename: from here on the files are there."""
        with self._disk():
            for number, name in enumerate(self.kinds):
                self._build_overviews(name, monitor)
                part = monitor.part(number / len(self.kinds), (number + 1) / len(self.kinds))
                self._assemble(name, part)
            self._close()
            for path in self.paths.values():
                os.replace(_beside(path, ".part"), path)
                for suffix in COMPANIONS:
                    _beside(path, suffix).unlink(missing_ok=True)
        self._remove()

    def space_needed(self):
        """Bytes that the files may take while they are made: two copies, compressed to half, with overviews."""
        cells = self._grid.width * self._grid.height
        return int(sum(4 / 3 * cells * len(k.bands) * np.dtype(k.dtype).itemsize for k in self.kinds.values()))

    def space_free(self):
        """Bytes free where the first file goes."""
        return shutil.disk_usage(next(iter(self.paths.values())).parent).free

    def _take_up(self):
        """Go on from a journal, or begin one. ``stale``: there was one, of other input."""
        entries, self.stale = self._journal.read() if self._resume else ([], False)
        for entry in entries:
            if all(self._stores[name].holds(0, entry["tile"], *entry["places"][name]) for name in self.kinds):
                self.finished[entry["tile"]] = entry["note"]
        self._journal.begin([entry for entry in entries if entry["tile"] in self.finished])
        for store in self._stores.values():
            store.cut()

    def _build_overviews(self, name, monitor):
        """Smaller copies inside the file, so that the map draws at once."""
        store, kind = self._stores[name], self.kinds[name]
        for level in range(1, len(self._sizes)):
            columns, rows = tiles_across(self._sizes[level])

            def overview(tile, _, level=level, columns=columns):
                return self._overview(store, kind, level, *divmod(tile, columns))

            made = in_order(overview, range(rows * columns), min(os.cpu_count() or 1, 8), monitor)
            with contextlib.closing(made):
                for tile, data in enumerate(made):
                    store.add(level, tile, data)

    def _overview(self, store, kind, level, row, column):
        """A tile of a level, of up to four of the level below."""
        below = tiles_across(self._sizes[level - 1])
        cells, half = _empty_tile(kind), TILE // 2
        for down in (0, 1):
            for right in (0, 1):
                if 2 * row + down < below[1] and 2 * column + right < below[0]:
                    tile = decode(store.read(level - 1, (2 * row + down) * below[0] + 2 * column + right), kind)
                    at = slice(down * half, (down + 1) * half), slice(right * half, (right + 1) * half)
                    cells[at] = halved(tile, kind)
        return encode(cells, kind)

    def _assemble(self, name, monitor):
        """The finished raster, still under its temporary name."""
        store, kind = self._stores[name], self.kinds[name]
        tiles = [np.prod(tiles_across(size)) for size in self._sizes]
        counts = [np.array([store.size(level, n) for n in range(count)]) for level, count in enumerate(tiles)]
        header = Header(kind, self._sizes, counts, geo_tags(self._grid, kind, self._tags[name]))
        with open(_beside(self.paths[name], ".part"), "wb") as file:
            file.write(header.content)
            for level in reversed(range(len(tiles))):
                for number in range(tiles[level]):
                    if number % 256 == 0:
                        monitor.progress(file.tell() / header.total)
                    file.write(framed(store.read(level, number)))
            file.flush()
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def _disk(self):
        """What the disk refuses, in words."""
        try:
            yield
        except OSError as error:
            folder = next(iter(self.paths.values())).parent
            if error.errno in FULL:
                raise InputError(
                    f"The disk is full: '{folder}' has no room for the raster ({error.strerror}). Free about "
                    f"{self.space_needed() / 1e6:,.0f} MB or choose another folder, and run again."
                ) from error
            raise InputError(
                f"The raster cannot be written to '{error.filename or folder}': {error.strerror or error}. Check that "
                "the folder may be written to and that no other program holds the file."
            ) from error

    def _close(self):
        self._open.close()
        if self._journal:
            self._journal.close()

    def _remove(self):
        self._close()
        left = [_beside(path, suffix) for path in self.paths.values() for suffix in (".tiles.part", ".part")]
        for part in [*left, *([self._journal.path] if self._journal else [])]:
            with contextlib.suppress(OSError):
                part.unlink()


def encode_window(kind, window, usable, bands):
    """The tile that a window fills, as :meth:`RasterFiles.add` takes it. bands: bands x usable cells."""
    tile = _empty_tile(kind)
    tile[: window.height, : window.width] = _cells(kind, window, usable, bands)
    return encode(tile, kind)


def _empty_tile(kind):
    return np.full((TILE, TILE, len(kind.bands)), kind.nodata, dtype=kind.dtype)


def _cells(kind, window, usable, bands):
    """Rows x columns x bands of a window."""
    if usable.all():
        return np.asarray(bands, dtype=kind.dtype).T.reshape(window.height, window.width, -1)
    cells = np.full((len(usable), len(kind.bands)), kind.nodata, dtype=kind.dtype)
    for number, band in enumerate(bands):
        cells[:, number][usable] = band
    return cells.reshape(window.height, window.width, -1)


def _slices(rows, columns, top, left):
    return slice(rows[0] - top, rows[1] - top), slice(columns[0] - left, columns[1] - left)


def _beside(path, suffix):
    return path.with_name(path.name + suffix)
