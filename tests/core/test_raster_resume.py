"""Interrupted maps: nothing that looks whole is left, and a resumed map equals one made in one go, byte by byte."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio

from coastal_hm_plugin.core import raster_files
from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.raster_prediction import RasterOptions, predict_raster
from tests.core.raster_worlds import finer, outputs_in, trained_world

ROOT = Path(__file__).resolve().parent.parent.parent
FACTOR = 24  # 1440 x 1920 cells, 12 windows
OPTIONS = RasterOptions(limits=(150.0, 200.0), threads=2)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Model, its file, and what an uninterrupted run writes: name -> bytes."""
    folder = tmp_path_factory.mktemp("world")
    model = trained_world(folder)
    whole = folder / "whole"
    result = predict_raster(model, outputs_in(whole), finer(model, FACTOR), options=OPTIONS)
    return model, folder / "model.json", {path.name: path.read_bytes() for path in whole.iterdir()}, result


def commit_at_once(monkeypatch):
    monkeypatch.setattr(raster_files, "SECONDS_BETWEEN_COMMITS", 0.0)


def cancelled_after(windows):
    """A monitor that is cancelled once so many of the windows are done."""
    done = []
    return Monitor(on_progress=done.append, is_cancelled=lambda: bool(done) and done[-1] >= 0.97 * windows / 12)


def interrupt(world, folder, windows=5):
    with pytest.raises(Cancelled):
        options = replace(OPTIONS, resume=True)
        grid = finer(world[0], FACTOR)
        predict_raster(world[0], outputs_in(folder), grid, options=options, monitor=cancelled_after(windows))


def assert_whole(world, folder):
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == world[2]


def test_what_is_resumed_equals_one_run_to_the_byte(world, tmp_path, monkeypatch):
    commit_at_once(monkeypatch)
    interrupt(world, tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".part"}
    said = []
    options = replace(OPTIONS, resume=True, threads=1)
    grid = finer(world[0], FACTOR)
    result = predict_raster(world[0], outputs_in(tmp_path), grid, options=options, monitor=Monitor(on_info=said.append))
    assert 5 <= result.resumed < 12 and any("Going on from an interrupted run" in text for text in said)
    assert_whole(world, tmp_path)
    whole = world[3]
    for name in ("cells", "predicted", "minimum", "mean", "maximum", "class_cells"):
        assert getattr(result, name) == getattr(whole, name)


def test_other_input_starts_anew_and_says_so(world, tmp_path, monkeypatch):
    commit_at_once(monkeypatch)
    interrupt(world, tmp_path)
    raster = Path(world[0].manifest.covariates[0].path)
    os.utime(raster, ns=(0, raster.stat().st_mtime_ns + 1))
    said = []
    grid, monitor = finer(world[0], FACTOR), Monitor(on_warning=said.append)
    result = predict_raster(world[0], outputs_in(tmp_path), grid, None, replace(OPTIONS, resume=True), monitor)
    assert result.resumed == 0 and any("starting anew" in text for text in said)
    assert_whole(world, tmp_path)


def test_without_resume_nothing_is_taken_over(world, tmp_path, monkeypatch):
    commit_at_once(monkeypatch)
    interrupt(world, tmp_path)
    result = predict_raster(world[0], outputs_in(tmp_path), finer(world[0], FACTOR), options=OPTIONS)
    assert result.resumed == 0
    assert_whole(world, tmp_path)


def test_tiles_that_the_disk_lost_are_made_again(world, tmp_path, monkeypatch):
    """A store cut short and a journal line cut off, as a power failure may leave them."""
    commit_at_once(monkeypatch)
    interrupt(world, tmp_path)
    store, journal = tmp_path / "class.tif.tiles.part", tmp_path / "peri.tif.journal.part"
    lines = journal.read_text(encoding="utf-8").splitlines()
    kept = json.loads(lines[2])["places"]["classes"]
    store.write_bytes(store.read_bytes()[: kept[0] + kept[1]])
    journal.write_text("\n".join(lines)[:-20], encoding="utf-8")
    grid = finer(world[0], FACTOR)
    result = predict_raster(world[0], outputs_in(tmp_path), grid, options=replace(OPTIONS, resume=True))
    assert 2 <= result.resumed <= 3
    assert_whole(world, tmp_path)


def started(world, folder, factor, mode, **options):
    command = [sys.executable, "-m", "tests.core.raster_worlds", str(world[1]), str(folder), str(factor), mode]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, **options)


def test_a_killed_run_leaves_no_file_that_looks_whole_and_can_be_resumed(world, tmp_path):
    process = started(world, tmp_path, FACTOR, "anew")
    journal = tmp_path / "peri.tif.journal.part"
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if journal.exists() and journal.read_text(encoding="utf-8").count("\n") > 2:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it was killed"
    for path in tmp_path.iterdir():
        assert path.suffix == ".part"
        with pytest.raises(rasterio.errors.RasterioIOError):
            rasterio.open(path)
    grid = finer(world[0], FACTOR)
    result = predict_raster(world[0], outputs_in(tmp_path), grid, options=replace(OPTIONS, resume=True))
    assert result.resumed > 1
    assert_whole(world, tmp_path)


def test_a_full_disk_is_told_and_leaves_nothing(world, tmp_path):
    def small_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = started(world, tmp_path, FACTOR, "anew", preexec_fn=small_files)
    error = process.communicate()[1]
    assert process.returncode == 1
    assert f"The disk is full: '{tmp_path}' has no room for the raster" in error
    assert list(tmp_path.iterdir()) == []


def test_a_really_full_disk(world, tmp_path):
    """A file system of 64 kB, where one may be mounted."""
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    said = []
    try:
        with pytest.raises(InputError, match="The disk is full"):
            monitor = Monitor(on_warning=said.append)
            predict_raster(world[0], outputs_in(tmp_path), finer(world[0], FACTOR), options=OPTIONS, monitor=monitor)
        assert list(tmp_path.iterdir()) == []
        assert any("MB are free" in text for text in said)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_an_older_map_stays_until_the_new_one_is_whole(world, tmp_path):
    for name in ("peri.tif", "peri.tif.aux.xml"):
        (tmp_path / name).write_bytes(b"older")
    with pytest.raises(Cancelled):
        grid = finer(world[0], FACTOR)
        predict_raster(world[0], tmp_path / "peri.tif", grid, monitor=cancelled_after(5))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "peri.tif": b"older",
        "peri.tif.aux.xml": b"older",
    }
    predict_raster(world[0], tmp_path / "peri.tif", finer(world[0], 1))
    assert [path.name for path in tmp_path.iterdir()] == ["peri.tif"]  # statistics of the older map are gone


def test_cancel_while_the_overviews_are_made_leaves_nothing(world, tmp_path):
    done = []
    monitor = Monitor(on_progress=done.append, is_cancelled=lambda: bool(done) and done[-1] >= 0.97)
    with pytest.raises(Cancelled):
        predict_raster(world[0], outputs_in(tmp_path), finer(world[0], FACTOR), options=OPTIONS, monitor=monitor)
    assert list(tmp_path.iterdir()) == []


def test_bands_of_the_intervals(world, tmp_path):
    model = world[0]
    predict_raster(model, outputs_in(tmp_path), options=OPTIONS)
    with rasterio.open(tmp_path / "intervals.tif") as file, rasterio.open(tmp_path / "peri.tif") as peri:
        lower, upper, width = file.read()
        assert file.descriptions == ("lower", "upper", "width")
        assert float(file.tags()["level"]) == model.intervals.level
        expected = model.intervals.bounds(peri.read(1))
    np.testing.assert_array_equal(lower, expected[0].astype(np.float32))
    np.testing.assert_array_equal(upper, expected[1].astype(np.float32))
    np.testing.assert_allclose(width, upper - lower, atol=1e-4)
    with pytest.raises(InputError, match="has no prediction intervals"):
        predict_raster(replace(model, intervals=None), outputs_in(tmp_path), options=OPTIONS)
