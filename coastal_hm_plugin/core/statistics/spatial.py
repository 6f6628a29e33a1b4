"""Where sites lie."""

import numpy as np
import pandas as pd

from ..errors import InputError
from ..geodesy import earth_centred, project


def site_positions(x, y, crs):
    """Earth-centred coordinates of n sites, metres: DataFrame (n, 3), NaN where a site has no place on the globe.

    Straight distances between them are the sites' distances, whatever the CRS: shorter than the geodesic by 1e-7 of it
    at 10 km and by 1e-3 at 1,000 km. x, y: coordinates in crs (WKT or "EPSG:n"). Raises InputError if none has a place.
    """
    longitude, latitude = project(np.asarray(x, dtype=float), np.asarray(y, dtype=float), crs, "EPSG:4326")
    known = np.isfinite(longitude) & np.isfinite(latitude)
    if not known.any():
        raise InputError("No site has coordinates that its coordinate reference system can place on the globe.")
    positions = np.full((len(known), 3), np.nan)
    positions[known] = earth_centred(longitude[known], latitude[known])
    return pd.DataFrame(positions, columns=["X", "Y", "Z"])


def neighbour_weights(positions, neighbours=5):
    """Weights of each site's nearest neighbours, each row summing to 1, as a sparse matrix (n, n).

    positions: (n, d) metres, NaN where unknown: such a site has no neighbours and is none. Raises InputError where
    fewer than ``neighbours`` + 2 sites have a place.
    """
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    positions = np.asarray(positions, dtype=float)
    known = np.flatnonzero(np.isfinite(positions).all(axis=1))
    if len(known) < neighbours + 2:
        raise InputError(f"{len(known)} sites have a place; {neighbours} neighbours need {neighbours + 2} or more.")
    _, near = cKDTree(positions[known]).query(positions[known], neighbours + 1)
    itself = near == np.arange(len(known))[:, None]
    itself[~itself.any(axis=1), -1] = True  # of many sites at one place, the site itself may not come back
    columns = near[~itself].reshape(len(known), neighbours)
    rows = np.repeat(known, neighbours)
    weights = np.full(len(rows), 1 / neighbours)
    return csr_matrix((weights, (rows, known[columns].ravel())), shape=(len(positions),) * 2)


def morans_i(residuals, basis, weights):
    """Moran's I of regression residuals with its expectation and variance under no autocorrelation: a dict.

    residuals: n; basis: (n, k) orthonormal columns that span the regression's design, constant included; weights:
    sparse (n, n). p: one-sided, of positive autocorrelation, by the normal distribution.
    Source: Cliff and Ord 1981, Spatial Processes, 8.3.
    """
    from scipy.stats import norm

    n, k = basis.shape
    scale = n / weights.sum()
    symmetric = (weights + weights.T) / 2
    observed = scale * float(residuals @ (symmetric @ residuals)) / float(residuals @ residuals)
    # traces of MW and of MWMW, where M = 1 - basis basis' makes residuals
    moved = symmetric @ basis
    inner = np.einsum("ij,ik->jk", basis, moved)
    first = -np.trace(inner)
    second = float(symmetric.multiply(symmetric).sum()) - 2 * float((moved**2).sum()) + float((inner**2).sum())
    mean = scale * first / (n - k)
    variance = scale**2 * (2 * second + first**2) / ((n - k) * (n - k + 2)) - mean**2
    z = (observed - mean) / np.sqrt(variance)
    return {"i": observed, "expected": mean, "variance": variance, "z": z, "p": float(norm.sf(z))}
