"""The Jura topsoils (Goovaerts 1997) as data of a project: soils to train on and to check with, and two class rasters.

The 50 m grid of the data set lies in a local system of kilometres. Its longitudes and latitudes come from control
points in the Swiss grid (documentation of R's gstat: RMSE 2.4 m), and they show it: in CH1903 / LV03 (EPSG:21781)
the local coordinates are an affine image to less than a millimetre, with axes turned by 0.18 and 0.32 degrees and
stretched by -0.6 and -0.3 %. In no UTM zone are they. The rasters are therefore in EPSG:21781; since few tools read
turned grids, they are north-up with cells of 10 m, each with the class of the local cell that holds its centre.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .errors import InputError
from .example_files import Band, coded, staged, write_csv, write_raster, write_text
from .geodesy import project
from .monitor import SILENT

CRS = "EPSG:21781"
LOCAL_CELL_KM = 0.05
CELL_M = 10.0
NODATA = 0
LARGEST_MISFIT_M = 0.01
ROCKS = (
    ("Argovian", "#7fb2d9"),
    ("Kimmeridgian", "#c9a66b"),
    ("Sequanian", "#8d77a8"),
    ("Portlandian", "#d98fa0"),
    ("Quaternary", "#f3e9c6"),
)
LAND_USES = (("Forest", "#3d7a46"), ("Pasture", "#c9d77a"), ("Meadow", "#a9c97f"), ("Tillage", "#d9a441"))
FILES = {"soil": "jura.pred.csv", "validation": "jura.val.csv", "grid": "jura.grid.csv"}
ABOUT = "Jura topsoils, from the R package gstat (GPL-2+); Goovaerts (1997), Atteia et al. (1994)"


@dataclass(frozen=True)
class ExampleJura:
    """Where the files are. Points are CSV, longitude and latitude in WGS 84; rasters in EPSG:21781."""

    folder: Path

    @property
    def soil(self):
        """259 soils to train on."""
        return self.folder / "soil.csv"

    @property
    def validation(self):
        """100 soils held out."""
        return self.folder / "validation.csv"

    @property
    def rasters(self):
        """Name -> GeoTIFF."""
        return {name: self.folder / "rasters" / f"{name}.tif" for name in ("rock", "land_use")}

    @property
    def classes(self):
        """Name -> class file (code, label)."""
        return {name: path.with_suffix(".tsv") for name, path in self.rasters.items()}


@dataclass(frozen=True, eq=False)
class LocalGrid:
    """From local kilometres to EPSG:21781. matrix: 3 x 2, applied to (x, y, 1); misfit_m: largest residual."""

    matrix: np.ndarray
    misfit_m: float

    @classmethod
    def fit(cls, local, swiss):
        """Least squares over points (n x 2 each)."""
        design = np.column_stack([local, np.ones(len(local))])
        matrix, *_ = np.linalg.lstsq(design, swiss, rcond=None)
        return cls(matrix, float(np.abs(design @ matrix - swiss).max()))

    def to_local(self, swiss):
        """EPSG:21781 to local kilometres (n x 2)."""
        return (swiss - self.matrix[2]) @ np.linalg.inv(self.matrix[:2])


def make_jura(folder, csv_folder, monitor=SILENT):
    """Make the Jura example from the CSV files of ``scripts/export_jura.sh``: tables, rasters, attribution.

    Returns ExampleJura. Raises InputError when files or columns are missing, or the grid is not the one described.
    """
    tables = {name: _read(Path(csv_folder) / file) for name, file in FILES.items()}
    monitor.progress(0.2)
    grid = tables["grid"]
    swiss = np.column_stack(project(grid["long"].to_numpy(), grid["lat"].to_numpy(), "EPSG:4326", CRS))
    local = grid[["Xloc", "Yloc"]].to_numpy()
    fitted = LocalGrid.fit(local, swiss)
    if fitted.misfit_m > LARGEST_MISFIT_M:
        raise InputError(
            f"The local coordinates of {FILES['grid']} miss the Swiss grid by up to {fitted.misfit_m:.2f} m; "
            "this is not the grid of gstat's jura data set."
        )
    cells, corner = _north_up(local, swiss, fitted)
    monitor.progress(0.6)
    with staged(folder) as workshop:
        for name in ("soil", "validation"):
            points = tables[name].rename(columns={"long": "longitude", "lat": "latitude", "Landuse": "Land_use"})
            points.insert(0, "sample_id", [f"{name[0].upper()}{number + 1:03d}" for number in range(len(points))])
            write_csv(points.drop(columns=["Xloc", "Yloc"]), workshop / f"{name}.csv")
        (workshop / "rasters").mkdir()
        for name, column, classes in (("rock", "Rock", ROCKS), ("land_use", "Landuse", LAND_USES)):
            codes = np.append(coded(grid[column], classes), NODATA).astype(np.uint8)
            band = Band(name.replace("_", " ").capitalize(), "class", NODATA, ABOUT, classes)
            write_raster(workshop / "rasters" / f"{name}.tif", codes[cells], band, CRS, corner, CELL_M)
        write_text(_attribution(csv_folder), workshop / "README.txt")
        monitor.progress(1.0)
    return ExampleJura(Path(folder))


def _read(path):
    try:
        table = pd.read_csv(path, float_precision="round_trip")
    except (OSError, ValueError) as error:
        raise InputError(f"'{path}' cannot be read ({error}). Export it with scripts/export_jura.sh.") from error
    missing = {"Xloc", "Yloc", "long", "lat", "Landuse", "Rock"} - set(table.columns)
    if missing:
        raise InputError(f"'{path}' has no column {', '.join(sorted(missing))}. Export it with scripts/export_jura.sh.")
    return table


def _north_up(local, swiss, fitted):
    """For each 10 m cell the row of the local cell that holds its centre (-1: none), and the north-west corner."""
    half = 1000 * LOCAL_CELL_KM / 2
    west, south = np.floor((swiss.min(axis=0) - half) / CELL_M) * CELL_M
    east, north = np.ceil((swiss.max(axis=0) + half) / CELL_M) * CELL_M
    columns, rows = round((east - west) / CELL_M), round((north - south) / CELL_M)
    eastings, northings = np.meshgrid(
        west + (np.arange(columns) + 0.5) * CELL_M, north - (np.arange(rows) + 0.5) * CELL_M
    )
    index = _cell_numbers(fitted.to_local(np.column_stack([eastings.ravel(), northings.ravel()])))
    known = _cell_numbers(local)
    low, high = known.min(axis=0), known.max(axis=0)
    row_of = np.full(high - low + 1, -1)
    row_of[tuple((known - low).T)] = np.arange(len(known))
    within = ((index >= low) & (index <= high)).all(axis=1)
    cells = np.full(len(index), -1)
    cells[within] = row_of[tuple((index[within] - low).T)]
    return cells.reshape(rows, columns), (west, north)


def _cell_numbers(local):
    return np.round(local / LOCAL_CELL_KM).astype(int)


def _attribution(csv_folder):
    source = Path(csv_folder) / "ATTRIBUTION.txt"
    text = source.read_text(encoding="utf-8") if source.exists() else ABOUT + "\n"
    return (
        f"{text}\nsoil.csv, validation.csv    mg/kg; longitude and latitude are WGS 84\n"
        f"rasters/                    {CRS} (CH1903 / LV03), {CELL_M:g} m cells made from the 50 m grid\n"
    )
