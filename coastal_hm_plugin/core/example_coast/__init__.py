"""A synthetic coast with a planted truth: tables and rasters as a survey would bring them, and what is behind them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..example_files import staged
from ..monitor import SILENT
from .coastline import choose_sites, read_outline
from .rasters import make_rasters
from .samples import make_survey
from .writing import CLASSES, NUMBERS, write_rasters, write_readme, write_tables, write_truth


@dataclass(frozen=True)
class ExampleCoast:
    """Where the files of an example are. Points are CSV, longitude and latitude in WGS 84."""

    folder: Path

    @property
    def soil(self):
        """309 soils."""
        return self.folder / "soil.csv"

    @property
    def sediment(self):
        """103 sediments."""
        return self.folder / "sediment.csv"

    @property
    def water(self):
        """103 waters, at the sites of the sediments."""
        return self.folder / "water.csv"

    @property
    def enterprises(self):
        """Factories."""
        return self.folder / "enterprises.csv"

    @property
    def tables(self):
        """Name -> CSV file."""
        return {name: self.folder / f"{name}.csv" for name in ("soil", "sediment", "water", "enterprises")}

    @property
    def rasters(self):
        """Name -> GeoTIFF."""
        return {name: self.folder / "rasters" / f"{name}.tif" for name in (*NUMBERS, *CLASSES)}

    @property
    def classes(self):
        """Name -> class file (code, label) of the rasters that hold classes."""
        return {name: self.folder / "rasters" / f"{name}.tsv" for name in CLASSES}

    @property
    def truth(self):
        """The planted truth (JSON); tables of contributions and log10 Kd lie beside it."""
        return self.folder / "truth" / "truth.json"

    @property
    def readme(self):
        """What the files are."""
        return self.folder / "README.txt"


def make_example_coast(folder, seed=1, monitor=SILENT):
    """Make the synthetic example coast in a folder: tables, rasters, planted truth, read-me.

    The same seed makes the same files. Files of an earlier example in the folder are replaced, all at the end.
    Returns ExampleCoast. Raises InputError when the folder cannot be written.
    """
    with staged(folder) as workshop:
        _make(workshop, seed, monitor)
    return ExampleCoast(Path(folder))


def _make(folder, seed, monitor):
    streams = np.random.SeedSequence(seed).spawn(3)  # one each, so that a change in one part leaves the others alone
    for_rasters, for_sites, for_samples = map(np.random.default_rng, streams)
    outline = read_outline()
    coast = make_rasters(outline, for_rasters, monitor.part(0.0, 0.5))
    estuaries, sites, soils = choose_sites(outline, coast.covers, for_sites)
    monitor.progress(0.6)
    survey = make_survey(coast, estuaries, sites, soils, for_samples)
    monitor.progress(0.75)
    write_tables(survey, coast, folder)
    write_rasters(coast, folder / "rasters", monitor.part(0.8, 0.95))
    write_truth(survey, seed, folder / "truth")
    write_readme(seed, folder)
    monitor.progress(1.0)


__all__ = ["ExampleCoast", "make_example_coast"]
