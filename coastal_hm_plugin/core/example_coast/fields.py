"""Spatially correlated random fields on a grid, by filtering noise in the frequency domain."""

import numpy as np


def random_field(rng, grid, range_km, smoothness=1.0, stretch=1.0, direction=0.0):
    """A Gaussian field with mean 0 and standard deviation 1 over the grid (rows x columns).

    Noise is filtered with the square root of the Matern spectral density (Whittle 1954; Lindgren et al. 2011),
    so that values ``range_km`` apart are nearly independent. smoothness: Matern's nu. stretch: how many times longer
    the range is along ``direction`` (degrees anticlockwise from east) than across it.
    """
    rows, columns = (2 * size for size in grid.shape)  # the far half keeps opposite edges from resembling each other
    noise = rng.standard_normal((rows, columns))
    frequency_y = np.fft.fftfreq(rows, grid.cell_km[1])[:, None]
    frequency_x = np.fft.rfftfreq(columns, grid.cell_km[0])[None, :]
    angle = np.radians(direction)
    along = frequency_x * np.cos(angle) - frequency_y * np.sin(angle)  # rows run south
    across = frequency_x * np.sin(angle) + frequency_y * np.cos(angle)
    length = 2 * np.pi * range_km / np.sqrt(8 * smoothness)
    squared = length**2 * (stretch * along**2 + across**2 / stretch)
    spectrum = np.fft.rfft2(noise) * (1 + squared) ** (-(smoothness + 1) / 2)
    field = np.fft.irfft2(spectrum, s=noise.shape)[: grid.shape[0], : grid.shape[1]]
    return (field - field.mean()) / field.std()
