"""Work on a Dask cluster of two processes: the same to the last bit, whoever is killed; refusals in words."""

import gc
import os
import signal
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rasterio.transform import from_origin

from coastal_hm_plugin.core import cluster, pmf
from coastal_hm_plugin.core.covariates.grid import Grid
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.covariates.sampling import sample_covariates
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import SILENT, Monitor
from coastal_hm_plugin.core.raster_prediction import RasterOutputs, predict_raster
from coastal_hm_plugin.core.risk_model import TrainingOptions, train_risk_model

from .pmf_cases import planted, prepared
from .raster_worlds import UTM, write_raster

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def local():
    """A scheduler with two worker processes of one thread each."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=50
    ) as processes:
        yield processes


@pytest.fixture
def address(local):
    """Its address, once both workers are there."""
    with distributed.Client(local, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    return local.scheduler_address


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two covariates, sites, the options of a training, and a grid of nine windows."""
    folder = tmp_path_factory.mktemp("rasters")
    rng = np.random.default_rng(6)
    rows, columns = np.mgrid[:60, :80]
    ndvi = (0.5 + 0.3 * np.sin(columns / 9) * np.cos(rows / 7)).astype(np.float32)
    ndvi[:5, :7] = -1
    rock = (1 + (columns // 20) % 2).astype(np.uint8)
    codes = {1: "granite", 2: "shale"}
    manifest = Manifest(
        (
            Covariate("ndvi", write_raster(folder / "ndvi.tif", ndvi, -1)),
            Covariate("rock", write_raster(folder / "rock.tif", rock, 0), categories=codes),
        )
    )
    x, y = 400_000 + rng.uniform(0, 40_000, 90), 4_300_000 - rng.uniform(0, 30_000, 90)
    table = sample_covariates(x, y, UTM, manifest).table
    table["PERI"] = 300 * table["ndvi"].fillna(0.5) + np.where(table["rock"] == "shale", 80, 0) + rng.normal(0, 5, 90)
    own = Grid.of_raster(manifest.covariates[0].path)
    fine = Grid(own.crs, from_origin(400_000, 4_300_000, 30, 30), 1100, 1100)
    return (table, x, y, manifest), TrainingOptions(repeats=1, n_trees=30, search=1, learning_curve=True), fine


def train(world, monitor=SILENT):
    (table, x, y, manifest), options, _ = world
    return train_risk_model(table, "PERI", ["ndvi", "rock"], options, x, y, UTM, manifest, monitor)


@pytest.fixture(scope="module")
def model(world):
    return train(world)


def killer(processes, at=0.2):
    """A monitor that ends a worker process at this part of the work, and those it ended."""
    killed = []

    def on_progress(fraction):
        if fraction > at and not killed:
            with distributed.Client(processes, set_as_default=False) as client:
                killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    return Monitor(on_progress=on_progress), killed


def same_fields(one, other):
    return all(
        a.tobytes() == b.tobytes() if isinstance(a, np.ndarray) else True
        for a, b in zip(vars(one).values(), vars(other).values())
    )


@pytest.mark.parametrize("lost", [False, True], ids=["", "a worker is killed"])
def test_a_risk_raster_is_the_same_to_the_byte(world, model, local, address, tmp_path, lost):
    monitor, killed = killer(local) if lost else (SILENT, [])
    names = ("values", "applicability", "intervals")
    here, there = (RasterOutputs(**{n: tmp_path / f"{place}_{n}.tif" for n in names}) for place in ("here", "there"))
    expected = predict_raster(model, here, world[2])
    with cluster.on_cluster(address):
        found = predict_raster(model, there, world[2], monitor=monitor)
    assert len(killed) == lost
    for name in names:
        assert getattr(here, name).read_bytes() == getattr(there, name).read_bytes()
    assert (found.predicted, found.mean, found.outside) == (expected.predicted, expected.mean, expected.outside)
    assert len(list(tmp_path.iterdir())) == 6


@pytest.mark.parametrize("lost", [False, True], ids=["", "a worker is killed"])
def test_bootstraps_are_the_same_to_the_bit(local, address, lost):
    monitor, killed = killer(local) if lost else (SILENT, [])
    data = prepared(planted()[0])
    result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=5))
    options = pmf.BootstrapOptions(runs=61)
    expected = pmf.bootstrap(data, result, options)
    with cluster.on_cluster(address):
        found = pmf.bootstrap(data, result, options, monitor)
    assert len(killed) == lost
    assert same_fields(found, expected) and found.profiles.any()


@pytest.mark.parametrize("lost", [False, True], ids=["", "a worker is killed"])
def test_a_model_is_the_same_to_the_byte(world, model, local, address, tmp_path, lost):
    monitor, killed = killer(local, 0.05) if lost else (SILENT, [])
    with cluster.on_cluster(address):
        found = train(world, monitor)
    assert len(killed) == lost
    for one, other in zip(model.save(tmp_path / "here" / "model"), found.save(tmp_path / "there" / "model")):
        assert one.read_bytes() == other.read_bytes()


def test_rasters_are_read_through_virtual_file_systems(world, model, address, tmp_path):
    archive = tmp_path / "rasters.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for covariate in model.manifest.covariates:
            file.write(covariate.path, Path(covariate.path).name)
    inside = [replace(c, path=f"/vsizip/{archive}/{Path(c.path).name}") for c in model.manifest.covariates]
    expected = predict_raster(model, tmp_path / "here.tif")
    with cluster.on_cluster(address):
        found = predict_raster(model, tmp_path / "there.tif", manifest=Manifest(tuple(inside)))
    assert (tmp_path / "here.tif").read_bytes() == (tmp_path / "there.tif").read_bytes()
    assert found.predicted == expected.predicted


def test_a_path_from_the_working_folder_is_found_on_workers(model, address, tmp_path, monkeypatch):
    monkeypatch.chdir(Path(model.manifest.covariates[0].path).parent)
    near = Manifest(tuple(replace(c, path=Path(c.path).name) for c in model.manifest.covariates))
    with cluster.on_cluster(address):
        assert predict_raster(model, tmp_path / "risk.tif", manifest=near).predicted > 4000


def threads_of_algebra(_, item):
    from threadpoolctl import threadpool_info

    return item, os.getpid(), max(library["num_threads"] for library in threadpool_info())


def test_results_come_in_order_a_few_ahead_with_one_thread_each(address):
    begun = []

    def items():
        for item in range(30):
            begun.append(item)
            yield item

    with (
        cluster.on_cluster(address) as workers,
        closing(workers.in_order(threads_of_algebra, (None,), items())) as found,
    ):
        assert cluster.current() is workers and workers.threads() == 2
        first = next(found)
        assert len(begun) <= 2 * 2 + 1
        numbers, processes, threads = zip(first, *found)
    assert numbers == tuple(range(30))
    assert len(set(processes)) == 2 and os.getpid() not in processes
    assert set(threads) == {1}
    assert cluster.current() is None


def sleep(_, seconds):
    time.sleep(seconds)


def test_cancel_is_heard_within_a_second(address):
    began = time.monotonic()
    monitor = Monitor(is_cancelled=lambda: time.monotonic() > began + 3)
    with pytest.raises(Cancelled), cluster.on_cluster(address) as workers:
        workers.all(sleep, (None,), [8.0] * 10, monitor)
    assert time.monotonic() - began < 3 + 1.9  # a second, and closing the client


def refuse(_, item):
    raise InputError(f"Raster '{item}' cannot be read.")


def end_worker(*_):
    os._exit(1)


def test_what_fails_on_a_worker_is_told(address):
    with cluster.on_cluster(address) as workers:
        with pytest.raises(InputError, match=r"On a worker of 'tcp.*': Raster 'ndvi' cannot be read"):
            workers.all(refuse, (None,), ["ndvi"])
        with pytest.raises(InputError, match=r"ended every worker .* memory"):
            workers.all(end_worker, (None,), [1])


def test_an_address_where_no_scheduler_is(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    for address in ("tcp://127.0.0.1:9", "10.0.0.5", "ftp://x:1"):
        refused = pytest.raises(InputError, match=rf"No Dask scheduler answers at '{address}'.*dask scheduler")
        with refused, cluster.on_cluster(address):
            pass


def test_a_client_that_never_connected_is_ended_at_once(monkeypatch):
    # left as garbage it could be ended while another client is made in the same thread, and wait for itself for ever
    monkeypatch.setattr(cluster, "SECONDS_TO_CONNECT", 0.5)
    gc.collect()
    before = {id(client) for client in _clients()}
    gc.disable()
    try:
        with pytest.raises(InputError, match="missing port"), cluster.on_cluster("10.0.0.5"):
            pass
        left = [client.status for client in _clients() if id(client) not in before]
    finally:
        gc.enable()
    assert left in ([], ["closed"])


def _clients():
    return [one for one in gc.get_objects() if type(one) is distributed.Client]


def test_without_the_package_the_message_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match="needs the Python package distributed"), cluster.on_cluster("tcp://h:1"):
        pass
    with cluster.on_cluster("") as workers:
        assert workers is None and cluster.current() is None


def test_a_scheduler_without_workers(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_FOR_WORKERS", 0.5)
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as empty:
        refused = pytest.raises(InputError, match=r"has no workers\. Start one")
        with refused, cluster.on_cluster(empty.scheduler_address):
            pass


def test_another_version_is_refused_and_other_packages_are_told(address, monkeypatch):
    warnings = []
    given = cluster.versions()
    monkeypatch.setattr(cluster, "versions", lambda: {**given, "numpy": "0.1"})
    client = cluster._connected(address, SILENT)
    with closing(client):
        monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://w:1": given})
        cluster.Cluster(address, client).check(Monitor(on_warning=warnings.append))
        assert "other versions than this machine of numpy" in warnings[0]
        monkeypatch.setattr(client, "run", lambda *_, **__: {"tcp://w:1": {**given, "coastal_hm_plugin": "0.0.1"}})
        with pytest.raises(InputError, match=r"The worker tcp://w:1 has version 0.0.1 of this plugin"):
            cluster.Cluster(address, client).check()


def test_workers_without_the_plugin_are_named(tmp_path):
    script = (
        "import sys, distributed\n"
        "if __name__ == '__main__':\n"
        "    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=':0') as c:\n"
        "        print(c.scheduler_address, flush=True)\n"
        "        sys.stdin.read()\n"
    )
    (tmp_path / "workers.py").write_text(script)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, "workers.py"], cwd=tmp_path, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            refused = pytest.raises(InputError, match="the plugin itself where Python finds it")
            with refused, cluster.on_cluster(process.stdout.readline().strip()):
                pass
        finally:
            process.stdin.close()
            process.wait(30)


def test_a_scheduler_that_is_lost_is_told():
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=50) as one:
        refused = pytest.raises(InputError, match="was lost")
        with refused, cluster.on_cluster(one.scheduler_address) as workers:
            for number, _ in enumerate(workers.in_order(sleep, (None,), [0.3] * 100)):
                if number == 1:
                    one.close()
