"""Blocks of neighbouring sites, and what a bootstrap makes of groups."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.pmf.error_estimation.blocks import draw_groups, members, spatial_blocks

from .pmf_cases import planted, prepared

GRID = [axis.ravel().astype(float) for axis in np.meshgrid(np.arange(6), np.arange(4))]


def test_halving_gives_compact_blocks_of_neighbours():
    labels = spatial_blocks(*GRID, samples=4)
    assert np.bincount(labels).tolist() == [4] * 6
    for label in range(6):
        own = labels == label
        assert max(np.ptp(GRID[0][own]), np.ptp(GRID[1][own])) <= 2


def test_cells_have_the_width_asked_for():
    labels = spatial_blocks(100 * GRID[0] + 7, 100 * GRID[1], distance_m=200.0)
    assert np.bincount(labels).tolist() == [4] * 6
    assert labels.reshape(4, 6)[:2, :2].tolist() == [[0, 0], [0, 0]]


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_blocks_hold_every_site_once_and_none_too_many(count, size, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, 9, (2, count)).astype(float)  # with sites at one place
    labels = spatial_blocks(x, y, samples=size)
    sizes = np.bincount(labels)
    assert sizes.sum() == count and sizes.max() <= size and sizes.min() >= 1
    assert sizes.min() >= min(count, size) // 2
    assert (spatial_blocks(x, y, samples=size) == labels).all()


def test_groups_are_drawn_whole():
    groups = [np.array([0, 4, 7]), np.array([1, 2]), np.array([3, 5, 6])]
    rng = np.random.default_rng(1)
    for _ in range(50):
        rows = draw_groups(groups, 8, rng)
        assert len(rows) == 8
        while len(rows) > 3:  # the last group may be cut off
            own = next(group for group in groups if group[0] == rows[0])
            assert rows[: len(own)].tolist() == own.tolist()
            rows = rows[len(own) :]


def test_groups_widen_the_intervals_where_neighbours_are_alike():
    """Ten sites sampled eight times each hold as much as ten samples: the bootstrap by sample overlooks that."""
    table, _, _ = planted(samples=10, seed=5)
    data = prepared(table.loc[np.repeat(np.arange(10), 8)].reset_index(drop=True))
    solver = pmf.SolverOptions(lower_contribution=0.0)
    result = pmf.factorize(data, pmf.PmfOptions(factors=2, starts=4, solver=solver))
    options = pmf.BootstrapOptions(runs=60, random_restarts=0)
    alone = pmf.bootstrap(data, result, options)
    together = pmf.bootstrap(data, result, options, groups=np.repeat(np.arange(10), 8))
    width, wide = (found.concentration[-1] - found.concentration[0] for found in (alone, together))
    assert np.nanmedian(wide / np.maximum(width, 1e-12)) > 1.7


def test_groups_of_one_are_a_bootstrap_by_sample():
    data = prepared(planted(samples=40)[0])
    result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=3))
    options = pmf.BootstrapOptions(runs=5)
    found = pmf.bootstrap(data, result, options, groups=np.arange(40))
    assert found.drawn.sum() == pytest.approx(5 * 40 * (1 - np.exp(-1)), rel=0.1)


@pytest.mark.parametrize(
    "given, message",
    [
        ({}, "one of the two"),
        ({"samples": 4, "distance_m": 10.0}, "one of the two"),
        ({"samples": 0}, "The size of the blocks of neighbouring sites is 0: it must be above 0"),
        ({"distance_m": -5.0}, "is -5: it must be above 0"),
    ],
)
def test_sizes_that_cannot_be_met_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        spatial_blocks(*GRID, **given)


def test_coordinates_must_be_known():
    with pytest.raises(InputError, match="need an x and a y for every sample, all of them numbers"):
        spatial_blocks([0.0, np.nan], [0.0, 1.0], samples=1)


@pytest.mark.parametrize(
    "labels, block, message",
    [
        (np.zeros(39), 1, "39 group labels for 40 samples"),
        (np.zeros(40), 1, "All samples are in one group"),
        (np.arange(40), 5, "Groups of samples and blocks of 5 consecutive samples: choose one"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels, block, message):
    data = prepared(planted(samples=40)[0])
    with pytest.raises(InputError, match=message):
        members(labels, data, block)
