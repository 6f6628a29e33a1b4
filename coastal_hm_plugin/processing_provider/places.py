"""Rows that may have a place: points, a table with coordinate columns, or a table without any."""

from dataclasses import dataclass

from . import layers


@dataclass(frozen=True)
class Places:
    """table: one row a feature; x, y: coordinates in ``crs``; all three None for a table without coordinates."""

    table: object
    x: object = None
    y: object = None
    crs: object = None


def read_places(algorithm, parameters, name, context, monitor):
    """Read a point layer, or a table with or without coordinate columns. Raises InputError when empty."""
    from ..core.coordinates import find_coordinate_fields

    if layers.is_table(layers.source_of(algorithm, parameters, name, context)):
        table = layers.read_table(algorithm, parameters, name, context, monitor)
        if None in find_coordinate_fields(table.columns):
            return Places(table)
    points = layers.read_points(algorithm, parameters, name, context, monitor)
    return Places(points.table, points.x, points.y, points.crs)


def write_places(algorithm, parameters, name, context, table, places, monitor):
    """Write a table at the places its rows were read from: points, or a table where there are none."""
    to = (algorithm, parameters, name, context, table)
    if places.crs is None:
        return layers.write_table(*to, monitor)
    return layers.write_points(*to, places.x, places.y, places.crs, monitor)
