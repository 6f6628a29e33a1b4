"""Names of raster classes: from a class file, or from the raster's own attribute table or category names."""

import csv
from pathlib import Path

from ..errors import InputError, name_rows
from ..text_encoding import decode


def read_classes(path):
    """Code -> label from a text file of two columns, code and label.

    Tab, semicolon or comma stands between them; a header may lead. A line without either that follows a label
    continues it: long labels are often broken over two lines.
    Raises InputError for a file that cannot be read, rows without a whole-number code, and a code named twice.
    """
    try:
        text = decode(Path(path).read_bytes())
    except OSError as error:
        raise InputError(f"Class file '{path}' cannot be read: {error}") from error
    delimiter = next((mark for mark in "\t;," if mark in text.partition("\n")[0]), "\t")
    rows = [row for row in csv.reader(text.splitlines(), delimiter=delimiter) if any(cell.strip() for cell in row)]
    rows = _joined(rows)
    codes = [_whole_number(row[0]) for row in rows]
    first = 1 if rows and codes[0] is None else 0
    wrong = [i for i in range(first, len(rows)) if codes[i] is None or len(rows[i]) < 2 or not rows[i][1].strip()]
    if wrong or len(rows) == first:
        raise InputError(
            f"Class file '{path}' must have a whole-number code and a label in each row"
            + (f"; row(s) {name_rows(wrong)} do not." if wrong else "; it has none.")
        )
    classes = {}
    for row in range(first, len(rows)):
        label = rows[row][1].strip()
        if classes.setdefault(codes[row], label) != label:
            raise InputError(f"Class file '{path}' gives code {codes[row]} two labels: row {row + 1} repeats it.")
    return classes


def _joined(rows):
    """The rows with broken labels made whole."""
    joined = []
    for row in rows:
        if len(row) == 1 and joined and len(joined[-1]) == 2 and _whole_number(row[0]) is None:
            joined[-1] = [joined[-1][0], f"{joined[-1][1].strip()} {row[0].strip()}"]
        else:
            joined.append(row)
    return joined


def band_classes(path, band):
    """Code -> label of a band that carries a raster attribute table with names, or category names; else empty.

    Needs GDAL's own Python bindings (QGIS brings them; rasterio does not read these tables); without them, empty.
    """
    try:
        from osgeo import gdal
    except ImportError:
        return {}
    try:
        dataset = gdal.OpenEx(str(path), gdal.OF_RASTER)
    except RuntimeError:  # where a program has switched GDAL's exceptions on
        dataset = None
    raster_band = dataset.GetRasterBand(band) if dataset else None
    if raster_band is None:
        return {}
    raster_band.GetMetadata()  # makes GDAL 3.6 read the .aux.xml file, where a GeoTIFF's category names are
    names = enumerate(raster_band.GetCategoryNames() or [])
    return _attribute_table(gdal, raster_band.GetDefaultRAT()) or {code: name for code, name in names if name}


def _attribute_table(gdal, table):
    """Code -> label of a raster attribute table; empty if it has no column of names (a histogram, say)."""
    if table is None:
        return {}
    columns = range(table.GetColumnCount())
    usage = {table.GetUsageOfCol(c): c for c in reversed(columns)}
    texts = [c for c in columns if table.GetTypeOfCol(c) == gdal.GFT_String]
    values = [c for c in columns if table.GetNameOfCol(c).lower() == "value"]
    name = usage.get(gdal.GFU_Name, texts[0] if texts else None)
    code = usage.get(gdal.GFU_MinMax, usage.get(gdal.GFU_Min, values[0] if values else None))
    if name is None or code is None:
        return {}
    rows = range(table.GetRowCount())
    labels = {table.GetValueAsInt(row, code): table.GetValueAsString(row, name).strip() for row in rows}
    return {key: label for key, label in labels.items() if label}


def _whole_number(text):
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


def parse_class_files(text):
    """Raster name -> {code: label} from ``name=path; name=path``. Raises InputError for another form or a bad file."""
    classes = {}
    for part in filter(None, map(str.strip, (text or "").split(";"))):
        name, equals, path = map(str.strip, part.partition("="))
        if not (name and equals and path):
            raise InputError(f"Class files are written as 'raster=path; raster=path'; '{part}' is not.")
        classes[name] = read_classes(path)
    return classes
