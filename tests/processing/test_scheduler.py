"""Tools whose heavy work goes to a Dask scheduler."""

import numpy as np
import pytest
from qgis.core import QgsProcessingException

from coastal_hm_plugin.core import cluster
from tests.core.pmf_cases import planted
from tests.core.raster_worlds import trained_world
from tests.processing.bad_input import run
from tests.processing.memory import along_the_coast, frame, points

distributed = pytest.importorskip("distributed")
MODEL = {"FACTORS": 3, "STARTS": 4, "ERROR_FRACTION": 0.05, "CONTRIBUTIONS": "memory:", "BOOTSTRAPS": 20}


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as workers:
        yield workers.scheduler_address


@pytest.mark.slow
def test_a_raster_and_a_bootstrap_are_the_same_from_a_cluster(provider, address, tmp_path):
    trained_world(tmp_path)
    table = planted(samples=60)[0]
    rasters, tables = [], []
    for number, scheduler in enumerate(("", address)):
        given = {"MODEL": str(tmp_path / "model.json"), "OUTPUT": str(tmp_path / f"{number}.tif")}
        with open(run("predictriskraster", {**given, "SCHEDULER": scheduler})["OUTPUT"], "rb") as file:
            rasters.append(file.read())
        given = {"INPUT": points(table, *along_the_coast(60)), **MODEL, "INTERVALS": "memory:", "SCHEDULER": scheduler}
        tables.append(frame(run("pmf", given)["INTERVALS"]).select_dtypes("number").to_numpy(float))
    assert rasters[0] == rasters[1]
    np.testing.assert_array_equal(*tables)


@pytest.mark.parametrize("tool", ["trainriskmodel", "pmf", "predictriskraster"])
def test_an_address_without_a_scheduler_ends_the_tool(provider, tmp_path, monkeypatch, tool):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    table = planted(samples=60)[0]
    given = {
        "trainriskmodel": {"TARGET": "Pb", "MODEL": str(tmp_path / "m.json"), "PREDICTIONS": "memory:"},
        "pmf": MODEL,
        "predictriskraster": {"MODEL": str(tmp_path / "model.json"), "OUTPUT": str(tmp_path / "risk.tif")},
    }[tool]
    if tool == "predictriskraster":
        trained_world(tmp_path)
    else:
        given = {"INPUT": points(table, *along_the_coast(60)), **given}
    with pytest.raises(QgsProcessingException, match=r"No Dask scheduler answers at 'tcp://127.0.0.1:9'"):
        run(tool, {**given, "SCHEDULER": "tcp://127.0.0.1:9"})
    assert not (tmp_path / "risk.tif").exists()
