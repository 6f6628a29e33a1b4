"""What a second Dask worker brings: a risk map and bootstraps from two processes, from one, and without Dask."""

import os
from contextlib import ExitStack

import numpy as np
import pandas as pd

from benchmarks import _rasters as rasters
from benchmarks import timing
from benchmarks.raster_prediction import trained
from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.cluster import on_cluster
from coastal_hm_plugin.core.covariates.manifest import Covariate, Manifest
from coastal_hm_plugin.core.raster_prediction import predict_raster

COVARIATES, WIDTH, ROWS = 10, 5120, 1024
SAMPLES, SPECIES, FACTORS, RESAMPLES = 307, 41, 6, 200
RUNS = 5


def measure():
    """An entry for the map and one for the bootstraps; all ways must give the same bytes."""
    import distributed

    with ExitStack() as stack:
        places = {"threads": ""}
        for count in (1, 2):
            workers = distributed.LocalCluster(
                n_workers=count, threads_per_worker=1, dashboard_address=":0", silence_logs=50
            )
            places[count] = stack.enter_context(workers).scheduler_address
        what = f"{WIDTH:,} x {ROWS:,} cells, {COVARIATES} rasters, 300 trees"
        return [
            _entry("cluster-raster", _map(), places, what),
            _entry("cluster-bootstrap", _bootstrap(), places, f"{RESAMPLES} of {SAMPLES} x {SPECIES} x {FACTORS}"),
        ]


def _entry(name, work, places, what):
    times, found = {place: [] for place in places}, set()
    for _ in range(RUNS + 1):
        for place, address in places.items():
            with on_cluster(address):
                times[place].append(timing.seconds(lambda: found.add(work())))
    if len(found) > 1:
        raise RuntimeError("The ways give different bytes.")
    threads, one, two = (np.median(times[place][1:]) for place in places)  # the first imports
    note = (
        f"{what}; same bytes; Dask workers of one thread each on one computer of {os.cpu_count()} cores; without Dask, "
        f"with the threads that the tool takes here, {threads:.2f} s; load of the computer at the end "
        f"{os.getloadavg()[0]:.1f}"
    )
    return timing.entry(f"{name} (2 workers)", two, "1 worker", one, note)


def _map():
    paths = rasters.covariates(COVARIATES, WIDTH, ROWS, False)
    model = trained(Manifest(tuple(Covariate(f"x{k}", str(path)) for k, path in enumerate(paths))))
    target = rasters.FOLDER / "risk_cluster.tif"

    def work():
        predict_raster(model, target)
        return target.read_bytes()

    return work


def _bootstrap():
    rng = np.random.default_rng(3)
    sources, profiles = rng.lognormal(0, 0.8, (SAMPLES, FACTORS)), rng.lognormal(0, 1, (FACTORS, SPECIES))
    x = sources @ profiles * rng.lognormal(0, 0.1, (SAMPLES, SPECIES))
    table = pd.DataFrame(x, columns=[f"species{k}" for k in range(SPECIES)])
    data = pmf.prepare(table, rules=pmf.UncertaintyRules(error_fraction=0.1))
    result = pmf.factorize(data, pmf.PmfOptions(factors=FACTORS, starts=5))
    return lambda: pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=RESAMPLES)).profiles.tobytes()


if __name__ == "__main__":
    print(*measure(), sep="\n")
