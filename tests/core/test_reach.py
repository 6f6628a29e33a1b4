"""Reach: which cells of a grid are near enough to the samples."""

import numpy as np
import pytest
from rasterio.transform import from_origin
from rasterio.windows import Window

from coastal_hm_plugin.core.covariates import Grid
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.reach import Reach


def test_cells_within_a_circle_in_metres():
    grid = Grid("EPSG:32651", from_origin(500_000, 4_000_000, 100, 100), 60, 50)
    x, y = grid.centres(Window(0, 0, 60, 50))
    reach = Reach(np.array([503_050.0]), np.array([3_997_450.0]), "EPSG:32651", 1_000)
    distance = np.hypot(x - 503_050, y - 3_997_450).ravel() / 0.9996  # ground metres, at the zone's central meridian
    sure = np.abs(distance - 1_000) > 1
    assert (reach.mask(grid, Window(0, 0, 60, 50)) == (distance <= 1_000))[sure].all()


def test_a_window_is_a_part_of_the_whole_and_crs_may_differ():
    grid = Grid("EPSG:4326", from_origin(120, 40, 0.01, 0.01), 40, 40)
    reach = Reach(np.array([120.2]), np.array([39.8]), "EPSG:4326", 5_000)
    whole = reach.mask(grid, Window(0, 0, 40, 40)).reshape(40, 40)
    assert (reach.mask(grid, Window(10, 5, 20, 30)).reshape(30, 20) == whole[5:35, 10:30]).all()
    assert whole[20, 20] and not whole[0, 0]
    width, height = np.ptp(np.flatnonzero(whole.any(axis=0))), np.ptp(np.flatnonzero(whole.any(axis=1)))
    assert width > height, "a degree of longitude is shorter than one of latitude"


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="above 0 m"):
        Reach(np.array([1.0]), np.array([1.0]), "EPSG:4326", 0)
    with pytest.raises(InputError, match="No sample has coordinates"):
        Reach(np.array([np.nan]), np.array([1.0]), "EPSG:4326", 10)
