"""Whether coordinates and their CRS agree: swapped axes, degrees taken for metres, a missing CRS."""

import re

import numpy as np

from .errors import InputError, name_rows
from .geodesy import crs_of

_X_NAMES = ("longitude", "long", "lon", "lng", "经度", "easting", "east", "point x", "x coord", "xcoord", "xloc")
_X_NAMES += ("x", "e")
_Y_NAMES = ("latitude", "lat", "纬度", "northing", "north", "point y", "y coord", "ycoord", "yloc")
_Y_NAMES += ("y", "n")


def find_coordinate_fields(field_names, geographic=True):
    """The columns of x and y by name (Longitude/Latitude, lon/lat, Easting/Northing, x/y ...), or None for each.

    Longitude and latitude go first for a geographic CRS, and last for a projected one.
    """
    plain = {re.sub(r"[\W_]+", " ", str(name)).strip().lower(): name for name in field_names}

    def pick(names):
        degrees = [name for name in names if name.startswith(("lon", "lng", "lat", "经", "纬"))]
        metres = [name for name in names if name not in degrees]
        order = degrees + metres if geographic else metres + degrees
        for wanted in order:
            for name, original in plain.items():
                if name == wanted or (len(wanted) > 2 and re.search(rf"(^| ){wanted}( |$)", name)):
                    return original
        return None

    return pick(_X_NAMES), pick(_Y_NAMES)


def check_coordinates(x, y, crs, what, table=None):
    """Refuse coordinates that cannot be right in their CRS, and return warnings for those that look wrong.

    x, y: n coordinates (NaN is passed over); what: "soil samples", for the message; table: its Latitude and Longitude
    columns, if any, betray swapped coordinates. Raises InputError naming rows.
    """
    crs = crs_of(crs, what)
    known = np.isfinite(x) & np.isfinite(y)
    if table is not None:
        _compare_with_columns(x, y, known, table, what)
    if crs.is_geographic:
        _check_degrees(x, y, known, what)
        return ()
    return _check_projected(x, y, known, crs, what)


def _check_degrees(x, y, known, what):
    wrong = known & ((np.abs(y) > 90) | (np.abs(x) > 360))
    if not wrong.any():
        return
    rows = name_rows(np.flatnonzero(wrong))
    example = np.flatnonzero(wrong)[0]
    if (np.abs(y[known]) <= 360).all() and (np.abs(x[known]) <= 90).all():
        raise InputError(
            f"Longitude and latitude of the {what} look swapped: y = {y[example]:g} is no latitude (rows {rows}). "
            "Use x for longitude and y for latitude."
        )
    raise InputError(
        f"The {what} have coordinates that are no degrees, such as x = {x[example]:g}, y = {y[example]:g} "
        f"(rows {rows}), but their CRS is geographic. Set the CRS they were measured in."
    )


def _compare_with_columns(x, y, known, table, what):
    """A table with Longitude and Latitude columns shows which is which."""
    longitude, latitude = find_coordinate_fields(table.columns)
    degrees = [str(name).lower().startswith(("lon", "lat", "经", "纬")) for name in (longitude, latitude)]
    if not all(degrees):
        return
    try:
        east, north = (table[name].to_numpy(dtype=float)[known] for name in (longitude, latitude))
    except (TypeError, ValueError):
        return
    if np.array_equal(east, y[known]) and np.array_equal(north, x[known]) and not np.array_equal(east, north):
        raise InputError(
            f"The coordinates of the {what} are swapped: x holds the column '{latitude}' and y the column "
            f"'{longitude}'. Use x for longitude and y for latitude."
        )


def _check_projected(x, y, known, crs, what):
    """In a projected CRS: degrees, and points outside its area that would lie inside with x and y exchanged."""
    if known.sum() and (np.abs(x[known]) <= 360).all() and (np.abs(y[known]) <= 90).all():
        if crs.axis_info and crs.axis_info[0].unit_conversion_factor == 1.0 and crs.to_authority():
            raise InputError(
                f"The {what} have coordinates of at most {np.abs(x[known]).max():g} and {np.abs(y[known]).max():g}: "
                f"these look like degrees, but their CRS {crs.name} is in metres. Set the CRS they were measured in."
            )
        return ()
    inside, swapped = _share_inside(x, y, known, crs), None
    if inside is not None and inside < 0.5:
        swapped = _share_inside(y, x, known, crs)
        if swapped > 0.5:
            raise InputError(
                f"The coordinates of the {what} look swapped: {swapped:.0%} lie in the area of {crs.name} if x and y "
                f"are exchanged, {inside:.0%} as they are. Use x for easting and y for northing."
            )
    if inside is not None and inside < 1:
        return (f"{1 - inside:.0%} of the {what} lie outside the area that {crs.name} is made for. Check their CRS.",)
    return ()


def _share_inside(x, y, known, crs):
    """Share of the points within the area of use of the CRS, with a margin of 2 degrees; None if it has none."""
    from pyproj import CRS, Transformer

    area = crs.area_of_use
    if area is None and crs.to_authority():
        area = CRS.from_authority(*crs.to_authority()).area_of_use
    if area is None or not known.any():
        return None
    some = np.flatnonzero(known)[:: max(1, int(known.sum()) // 1000)]
    longitude, latitude = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x[some], y[some])
    west, south, east, north = area.west - 2, area.south - 2, area.east + 2, area.north + 2
    across = (longitude >= west) & (longitude <= east) if west < east else (longitude >= west) | (longitude <= east)
    return float((across & (latitude >= south) & (latitude <= north)).mean())
