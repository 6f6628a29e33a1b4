"""Cloud-optimised GeoTIFF: compressed tiles of a raster and its overviews behind one header.

The layout is that of GDAL's COG driver: header, directories (the raster, then its overviews), tiles of the smallest
overview first and those of the raster last, each between its size and its last four bytes, so that a reader fetches it
in one request. Tiles are compressed where they are made (in any thread or process), and only copied here; what GDAL
says of coordinate system, cells, nodata and metadata is taken over from a header that GDAL writes.
"""

import struct
import zlib
from dataclasses import dataclass

import numpy as np

TILE = 512
ZLIB_LEVEL = 1  # 6 takes a fifth longer for floats and saves 1 to 10 %
CLASSIC_LIMIT = 4_000_000_000  # bytes; larger files are BigTIFF
SHORT, LONG, LONG8 = 3, 4, 16
GEO_TAGS = (33550, 33922, 34264, 34735, 34736, 34737, 42112)  # cells, coordinate system, metadata of GDAL
NODATA_TAG = 42113
TYPE_BYTES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 12: 8, LONG8: 8}
FORMATS = {"u": 1, "i": 2, "f": 3}
LAYOUT = (
    b"LAYOUT=IFDS_BEFORE_DATA\nBLOCK_ORDER=ROW_MAJOR\nBLOCK_LEADER=SIZE_AS_UINT4\n"
    b"BLOCK_TRAILER=LAST_4_BYTES_REPEATED\nKNOWN_INCOMPATIBLE_EDITION=NO\n "
)


@dataclass(frozen=True)
class RasterKind:
    """What a file holds. bands: their names; averaged: whether overviews are (classes and masks never are).

    stepped: floats that repeat, as what trees predict does: they compress better and faster as they are, and smooth
    ones after TIFF's floating point predictor.
    """

    dtype: str
    nodata: float
    bands: tuple
    averaged: bool = False
    stepped: bool = False

    @property
    def predictor(self):
        """TIFF's number of the transformation before the compression."""
        return 3 if np.dtype(self.dtype).kind == "f" and not self.stepped else 1


def sizes_of(width, height):
    """Columns and rows of the raster and of its overviews, each half the one before, down to a single tile."""
    sizes = [(width, height)]
    while max(sizes[-1]) > TILE:
        sizes.append(tuple(-(-side // 2) for side in sizes[-1]))
    return sizes


def tiles_across(size):
    """Columns and rows of tiles."""
    return tuple(-(-side // TILE) for side in size)


def encode(cells, kind):
    """A tile (rows x columns x bands) as compressed bytes."""
    cells = np.ascontiguousarray(cells, dtype=np.dtype(kind.dtype).newbyteorder("<"))
    if kind.predictor == 1:
        return zlib.compress(cells, ZLIB_LEVEL)
    rows, columns, bands = cells.shape
    planes = cells.view(np.uint8).reshape(rows, columns * bands, cells.itemsize)[:, :, ::-1]
    planes = np.ascontiguousarray(planes.transpose(0, 2, 1)).reshape(rows, -1)
    differences = planes.copy()
    differences[:, bands:] -= planes[:, :-bands]
    return zlib.compress(differences, ZLIB_LEVEL)


def decode(data, kind):
    """The tile (TILE x TILE x bands) that :func:`encode` compressed."""
    dtype, bands = np.dtype(kind.dtype).newbyteorder("<"), len(kind.bands)
    content = np.frombuffer(zlib.decompress(data), dtype=np.uint8)
    if kind.predictor == 3:
        planes = content.reshape(TILE, -1, bands).cumsum(axis=1, dtype=np.uint8)
        planes = planes.reshape(TILE, dtype.itemsize, TILE * bands)[:, ::-1]
        content = np.ascontiguousarray(planes.transpose(0, 2, 1))
    return content.view(dtype).reshape(TILE, TILE, bands)


def halved(cells, kind):
    """A tile at half the resolution: means of the values among 2 x 2 cells, or one cell of the four."""
    if not kind.averaged:
        return cells[::2, ::2]
    quarters = [cells[row::2, column::2] for row in (0, 1) for column in (0, 1)]
    total, count = np.zeros(quarters[0].shape), np.zeros(quarters[0].shape, dtype=np.uint8)
    for quarter in quarters:
        known = quarter != kind.nodata
        np.add(total, quarter, out=total, where=known)
        count += known
    means = np.full(total.shape, kind.nodata)
    np.divide(total, count, out=means, where=count > 0)
    return means.astype(cells.dtype)


def geo_tags(grid, kind, tags):
    """The TIFF tags (number -> type, count, bytes) of a grid's georeference, nodata, band names and texts ``tags``."""
    from rasterio.io import MemoryFile

    profile = {"driver": "GTiff", "width": 16, "height": 16, "count": len(kind.bands), "dtype": kind.dtype}
    with MemoryFile() as memory:
        with memory.open(crs=grid.crs, transform=grid.transform, nodata=kind.nodata, **profile) as file:
            file.update_tags(**tags)
            for band, title in enumerate(kind.bands, start=1):
                file.set_band_description(band, title)
        content = bytes(memory.getbuffer())
    order = "<" if content[:2] == b"II" else ">"
    (start,) = struct.unpack_from(f"{order}I", content, 4)
    found = {}
    for number in range(struct.unpack_from(f"{order}H", content, start)[0]):
        at = start + 2 + 12 * number
        tag, kind_of, count = struct.unpack_from(f"{order}HHI", content, at)
        if tag in GEO_TAGS or tag == NODATA_TAG:
            size = count * TYPE_BYTES[kind_of]
            place = at + 8 if size <= 4 else struct.unpack_from(f"{order}I", content, at + 8)[0]
            value = np.frombuffer(content, dtype=np.uint8, count=size, offset=place).reshape(count, -1)
            found[tag] = kind_of, count, (value if order == "<" else value[:, ::-1]).tobytes()
    return found


class Header:
    """Everything before the tiles, and where each tile goes.

    sizes: as :func:`sizes_of`; counts: per level the compressed bytes (int array) of its tiles, row by row. ``content``
    are the bytes of the header; ``offsets`` per level those of the tiles' data in the file; ``total`` bytes in all.
    """

    def __init__(self, kind, sizes, counts, tags):
        self._kind, self._sizes, self._counts, self._tags = kind, sizes, counts, tags
        data = sum(int(level.sum()) + 8 * len(level) for level in counts)
        self._big = data + 32 * sum(len(level) for level in counts) > CLASSIC_LIMIT
        self.offsets = [np.zeros(len(level), dtype=np.int64) for level in counts]
        at = len(self._written())
        for level in reversed(range(len(counts))):
            ends = at + np.cumsum(counts[level].astype(np.int64) + 8)
            self.offsets[level] = ends - counts[level] - 4
            at = int(ends[-1])
        self.total = at
        self.content = self._written()

    def _written(self):
        """Header, layout and directories, with the offsets known so far; its length does not depend on them."""
        first = b"II+\0\x08\0\0\0" if self._big else b"II*\0"
        layout = b"GDAL_STRUCTURAL_METADATA_SIZE=%06d bytes\n" % len(LAYOUT) + LAYOUT
        at = _even(len(first) + (8 if self._big else 4) + len(layout), 8)
        content = (first + struct.pack("<Q" if self._big else "<I", at) + layout).ljust(at, b"\0")
        for level in range(len(self._sizes)):
            content += self._directory(level, len(content))
        return content

    def _directory(self, level, at):
        entries = sorted(self._entries(level).items())
        inline = 8 if self._big else 4
        head = struct.pack("<Q" if self._big else "<H", len(entries))
        values_at = at + len(head) + len(entries) * (20 if self._big else 12) + inline
        listed, values = b"", b""
        for tag, (type_of, count, value) in entries:
            listed += struct.pack("<HHQ" if self._big else "<HHI", tag, type_of, count)
            if len(value) <= inline:
                listed += value.ljust(inline, b"\0")
                continue
            values = values.ljust(_even(values_at + len(values), 8) - values_at, b"\0")
            listed += struct.pack("<Q" if self._big else "<I", values_at + len(values))
            values += value
        values = values.ljust(_even(values_at + len(values), 8) - values_at, b"\0")
        following = values_at + len(values) if level + 1 < len(self._sizes) else 0
        return head + listed + struct.pack("<Q" if self._big else "<I", following) + values

    def _entries(self, level):
        """Tags of a directory: number -> (type, count, little-endian bytes)."""
        dtype, bands = np.dtype(self._kind.dtype), len(self._kind.bands)
        width, height = self._sizes[level]
        entries = {
            256: _numbers(LONG, width),
            257: _numbers(LONG, height),
            258: _numbers(SHORT, *[8 * dtype.itemsize] * bands),
            259: _numbers(SHORT, 8),  # deflate
            262: _numbers(SHORT, 1),  # a measurement, not a colour
            277: _numbers(SHORT, bands),
            284: _numbers(SHORT, 1),  # bands beside each other in a tile
            317: _numbers(SHORT, self._kind.predictor),
            322: _numbers(SHORT, TILE),
            323: _numbers(SHORT, TILE),
            324: _numbers(LONG8 if self._big else LONG, *self.offsets[level].tolist()),
            325: _numbers(LONG, *self._counts[level].tolist()),
            339: _numbers(SHORT, *[FORMATS[dtype.kind]] * bands),
        }
        if level:
            entries[254] = _numbers(LONG, 1)  # a reduced copy
        if bands > 1:
            entries[338] = _numbers(SHORT, *[0] * (bands - 1))
        taken = self._tags.items() if level == 0 else [(NODATA_TAG, self._tags[NODATA_TAG])]
        return {**entries, **dict(taken)}


def framed(data):
    """A tile between its size and its last four bytes."""
    return struct.pack("<I", len(data)) + data + data[-4:]


def _numbers(type_of, *values):
    return type_of, len(values), np.asarray(values, dtype=f"<u{TYPE_BYTES[type_of]}").tobytes()


def _even(position, step):
    return -(-position // step) * step
