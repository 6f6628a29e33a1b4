"""A million points sampled end to end through ``qgis_process``: GeoPackage in, GeoPackage out, start-up included."""

import os
import sqlite3
import subprocess
import sysconfig
import tempfile
from pathlib import Path

from benchmarks import _rasters as rasters
from benchmarks import timing

ROOT = Path(__file__).resolve().parent.parent


def measure():
    """One entry; the sampled columns of both files are compared row by row."""
    with tempfile.TemporaryDirectory(dir=rasters.raster().parent) as folder:
        process = _Process(folder)
        process("plugins", "enable", "coastal_hm_plugin")
        given, raster = rasters.points(), rasters.raster()
        mine, theirs = Path(folder, "ours.gpkg"), Path(folder, "native.gpkg")

        def ours():
            mine.unlink(missing_ok=True)
            process("run", "coastalhm:samplecovariates", "--", f"INPUT={given}", f"RASTERS={raster}", f"OUTPUT={mine}")

        def peer():
            theirs.unlink(missing_ok=True)
            arguments = (f"INPUT={given}", f"RASTERCOPY={raster}", "COLUMN_PREFIX=terrain", f"OUTPUT={theirs}")
            process("run", "native:rastersampling", "--", *arguments)

        ours_s, peer_s = timing.interleaved(ours, peer)
        _compare(mine, theirs)
    note = "1,000,000 points, 10,000 x 10,000 cells; wall time of both commands; equal values and geometries"
    return timing.entry("sampling-qgis", ours_s, "native:rastersampling", peer_s, note)


class _Process:
    """Runs qgis_process with a profile of its own."""

    def __init__(self, folder):
        self._program = os.environ.get("QGIS_PROCESS") or "/usr/bin/qgis_process.bin"
        self._environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "QGIS_PLUGINPATH": str(ROOT),
            "QGIS_CUSTOM_CONFIG_PATH": str(Path(folder, "profile")),
            "PYTHONPATH": sysconfig.get_paths()["purelib"],
        }

    def __call__(self, *arguments):
        command = [self._program, *map(str, arguments)]
        done = subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")


def _compare(mine, theirs):
    with sqlite3.connect(mine) as database:
        database.execute("ATTACH ? AS peer", [str(theirs)])
        (native,) = (
            row[1] for row in database.execute("PRAGMA peer.table_info(native)") if row[1].lower().startswith("terrain")
        )
        pairs = {"geom": "geom", "site": "site", "cd": "cd", rasters.raster().stem: native}
        same = " AND ".join(f"o.{own} = n.{other}" for own, other in pairs.items())
        query = f"SELECT count(*) FROM ours AS o JOIN peer.native AS n USING (fid) WHERE {same}"
        if database.execute(query).fetchone() != (rasters.POINTS,):
            raise RuntimeError("The two files differ.")


if __name__ == "__main__":
    print(measure())
