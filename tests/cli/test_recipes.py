"""The recipes of docs/command_line.md, run as they are written, one after the other in an empty folder."""

import os
import re
import subprocess

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "command_line.md"
WRITTEN = [
    "baselines.csv",
    "baselines.html",
    "peri.gpkg",
    "peri.html",
    "kd.gpkg",
    "kd_summary.csv",
    "contributions.gpkg",
    "profiles.csv",
    "pmf.html",
    "model.json",
    "held_out.gpkg",
    "scores.csv",
    "model.html",
    "peri.tif",
    "aoa.tif",
    "intervals.tif",
    "drivers.gpkg",
    "difference.tif",
    "scenario.html",
    "new_points.gpkg",
    "predicted.gpkg",
    "assessment/report.html",
    "assessment/project.qgz",
]


def recipes():
    return re.findall(r"```bash\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_recipes_run_as_written(tmp_path, qgis_process):
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "qgis_process").symlink_to(qgis_process.program)
    environment = qgis_process.environment()
    environment["PATH"] = f"{programs}{os.pathsep}{environment['PATH']}"
    place = tmp_path / "an empty folder"
    place.mkdir()
    script = "set -euo pipefail\n" + "\n".join(recipes())
    run = subprocess.run(
        ["bash", "-c", script], cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, (run.stdout + run.stderr)[-4000:]
    absent = [name for name in WRITTEN if not (place / name).exists()]
    assert not absent
