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
