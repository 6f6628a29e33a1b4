"""The explanation of a risk model through qgis_process: trained, explained, and refused where it must be."""

import csv

import numpy as np


def sites(path, n=80):
    """A CSV of sites whose PERI doubles where pH is low, and follows OM."""
    rng = np.random.default_rng(5)
    om, ph, noise = rng.normal(20, 5, n), rng.normal(7, 1, n), rng.normal(size=n)
    peri = 100 + 4 * om * (1 + (ph < 7)) + rng.normal(0, 5, n)
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("lon", "lat", "PERI", "OM", "pH", "noise"))
        rows.writerows(zip(rng.uniform(121, 122, n), rng.uniform(39, 40, n), peri, om, ph, noise))
    return path


def test_a_model_is_explained_on_the_command_line(qgis_process, tmp_path):
    given = {"INPUT": sites(tmp_path / "sites.csv"), "MODEL": tmp_path / "risk.json"}
    held_out = tmp_path / "held_out.gpkg"
    trained = qgis_process.run("trainriskmodel", TARGET="PERI", REPEATS=1, PREDICTIONS=held_out, **given)
    assert trained.returncode == 0, trained.stderr + trained.stdout
    out = tmp_path / "out"
    out.mkdir()
    files = {"OUTPUT": "drivers.csv", "IMPORTANCE": "importance.csv", "REPORT": "explained.html"}
    files = {name: out / file for name, file in files.items()}
    done = qgis_process.run("explainriskmodel", **given, **files)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "Base and SHAP values add up to the prediction" in done.stdout
    with open(files["OUTPUT"], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80 and {"SHAP_OM", "SHAP_pH", "SHAP_base", "driver", "driver_share"} <= set(rows[0])
    assert files["IMPORTANCE"].read_text(encoding="utf-8").splitlines()[1].startswith("pH,")
    assert "<svg" in files["REPORT"].read_text(encoding="utf-8")
    # no raster tells pH, so that nothing can be mapped
    for path in out.iterdir():
        path.unlink()
    refused = qgis_process.run("explainriskmodel", **given, OUTPUT=out / "d.gpkg", DRIVER_RASTER=out / "d.tif")
    assert refused.returncode == 1 and "there is no raster for pH" in refused.stdout + refused.stderr
    assert list(out.iterdir()) == []
