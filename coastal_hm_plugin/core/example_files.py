"""Writing the files of an example: all at once or none, tables, rasters and the names of raster classes."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from .errors import InputError


@contextmanager
def staged(folder):
    """A temporary folder whose files move to ``folder`` when the block ends well, and vanish when it does not.

    Raises InputError when the folder cannot be written.
    """
    folder = Path(folder)
    workshop = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=".example-", dir=folder))
        yield workshop
        for made in sorted(path for path in workshop.rglob("*") if path.is_file()):
            target = folder / made.relative_to(workshop)
            target.parent.mkdir(exist_ok=True)
            os.replace(made, target)
    except OSError as error:
        raise InputError(f"The example cannot be written to '{folder}': {error.strerror or error}.") from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def write_text(text, path):
    """UTF-8 with the same line ends on every system."""
    path.write_bytes(text.encode())


def write_csv(table, path):
    """A table without its index, with the same line ends on every system."""
    table.to_csv(path, index=False, lineterminator="\n")


@dataclass(frozen=True)
class Band:
    """What a raster of one band holds. classes: code -> (label, colour ``#rrggbb``), for a band of codes from 1."""

    title: str
    unit: str
    nodata: float
    about: str
    classes: tuple = ()


def write_raster(path, cells, band, crs, corner, cell_size):
    """A tiled, compressed north-up GeoTIFF.

    cells: rows x columns; corner: west and north edge, cell_size: side of a cell, in units of ``crs``. A band of
    classes also gets a class file ``<name>.tsv`` (code, label, colour) and, where GDAL and QGIS look for them,
    names and colours in ``<name>.tif.aux.xml``.
    """
    import rasterio
    from rasterio import Affine

    profile = {
        "driver": "GTiff",
        "height": cells.shape[0],
        "width": cells.shape[1],
        "count": 1,
        "dtype": cells.dtype.name,
        "crs": crs,
        "transform": Affine(cell_size, 0, corner[0], 0, -cell_size, corner[1]),
        "nodata": band.nodata,
        "tiled": True,
        "blockxsize": 128,
        "blockysize": 128,
        "compress": "deflate",
        "predictor": {"f": 3, "i": 2}.get(cells.dtype.kind, 1),
    }
    with rasterio.open(path, "w", **profile) as raster:
        raster.write(cells, 1)
        raster.set_band_description(1, band.title)
        raster.units = (band.unit,)
        raster.update_tags(TIFFTAG_IMAGEDESCRIPTION=f"{band.title}, {band.unit}. {band.about}")
    if band.classes:
        lines = ["code\tlabel\tcolour"]
        lines += [f"{code}\t{label}\t{colour}" for code, (label, colour) in enumerate(band.classes, 1)]
        write_text("\n".join(lines) + "\n", path.with_suffix(".tsv"))
        write_text(_class_names(band.classes), path.with_suffix(".tif.aux.xml"))


def _class_names(classes):
    """GDAL's auxiliary metadata with category names and a colour table; code 0 is nodata."""
    names = "".join(f"      <Category>{escape(label)}</Category>\n" for label in ["", *(label for label, _ in classes)])
    entries = '      <Entry c1="0" c2="0" c3="0" c4="0"/>\n'
    for _, colour in classes:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        entries += f'      <Entry c1="{red}" c2="{green}" c3="{blue}" c4="255"/>\n'
    return (
        '<PAMDataset>\n  <PAMRasterBand band="1">\n'
        f"    <CategoryNames>\n{names}    </CategoryNames>\n"
        f"    <ColorTable>\n{entries}    </ColorTable>\n"
        "  </PAMRasterBand>\n</PAMDataset>\n"
    )


def coded(labels, classes):
    """Labels as their codes from 1. Raises InputError for a label that is no class."""
    codes = {label: code for code, (label, _) in enumerate(classes, 1)}
    unknown = sorted(set(labels) - set(codes))
    if unknown:
        raise InputError(f"No class is named {', '.join(map(str, unknown))}; the classes are {', '.join(codes)}.")
    return np.array([codes[label] for label in labels], dtype=np.uint8)
