"""Names of a raster's classes, where GDAL and QGIS look for them: in an .aux.xml file beside it."""

import contextlib
import os
from html import escape
from pathlib import Path

from ..errors import InputError


@contextlib.contextmanager
def category_names(path, names, band=1):
    """Write the names of the codes 0, 1, 2 ... of a band of the raster at ``path``; nothing stays on an error within.

    Raises InputError where the file cannot be written.
    """
    target = Path(f"{path}.aux.xml")
    part = target.with_name(f"{target.name}.part")
    categories = "".join(f"<Category>{escape(name, quote=False)}</Category>" for name in names)
    band_names = f'<PAMRasterBand band="{band}"><CategoryNames>{categories}</CategoryNames></PAMRasterBand>'
    try:
        try:
            part.write_text(f"<PAMDataset>{band_names}</PAMDataset>\n", encoding="utf-8")
        except OSError as error:
            raise InputError(f"The names of the classes cannot be written to '{part}': {error.strerror}.") from error
        yield
        os.replace(part, target)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
