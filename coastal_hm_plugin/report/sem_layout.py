"""Where the variables of a path diagram stand, in millimetres."""

from dataclasses import dataclass

ROW = 11.0  # between indicators one above the other
COLUMN = 25.0  # between indicators side by side
GAP = 7.0  # between the indicators of two latents
BAND = 34.0  # height of a band of indicators above or below
SIDE = 15.0  # from the edge to the middle of an indicator
INNER = 53.0  # from the middle of an indicator to that of its latent
MARGIN = 9.0  # beyond the indicators, for the curves between their residuals


@dataclass(frozen=True)
class Layout:
    """width, height: of the diagram; places: variable -> (x, y); indicators: variable -> its latent."""

    width: float
    height: float
    places: dict
    indicators: dict


def lay_out(relations, latent, minimum_width=180.0):
    """Structural variables in columns from cause to effect; indicators outside: left, right, above and below.

    relations: (lhs, op, rhs) of the paths drawn; latent: names of the latents.
    """
    edges, indicators, covarying = _roles(relations, latent)
    owned = {}
    for name, owner in indicators.items():
        owned.setdefault(owner, []).append(name)
    structural = list(dict.fromkeys([*latent, *(name for edge in edges for name in edge), *covarying]))
    structural = [name for name in structural if name not in indicators]
    levels = _levels(structural, edges)
    columns = [[name for name in structural if levels[name] == level] for level in range(max(levels.values()) + 1)]
    left, right = columns[0] if len(columns) > 1 else [], columns[-1]
    middle = [name for column in columns[1:-1] for name in column]
    above, below = middle[::2], middle[1::2]
    curved = any(op == "~~" and lhs not in latent and rhs not in latent for lhs, op, rhs in relations)
    margin = MARGIN if curved else 0.0
    height = max(30.0, _side_height(left, owned), _side_height(right, owned))
    widths = [COLUMN * sum(max(1, len(owned.get(name, ()))) for name in names) for names in (above, below)]
    width = max(minimum_width, *(one + 2 * SIDE for one in widths)) + 2 * margin
    bands = [_band_height(names, owned, margin) for names in (above, below)]
    places, total = {}, height + sum(bands)
    edge = margin + SIDE
    if left:
        inside = edge + (INNER if any(name in owned for name in left) else 0.0)
        _place_side(places, left, owned, (edge, inside), (bands[1], height))
        inside = edge + (INNER if any(name in owned for name in right) else 0.0)
        _place_side(places, right, owned, (width - edge, width - inside), (bands[1], height))
    else:  # a single column stands left of its indicators
        _place_side(places, right, owned, (width - edge - 30, edge + 40), (bands[1], height))
    _place_band(places, above, owned, (width, total - 7.0 - margin, -1))
    _place_band(places, below, owned, (width, 7.0 + margin, 1))
    return Layout(width, total, places, indicators)


def _band_height(names, owned, margin):
    if not names:
        return 0.0
    return margin + 14.0 + (BAND if any(name in owned for name in names) else 0.0)


def _roles(relations, latent):
    """Edges between structural variables, indicator -> first latent, and observed variables that merely covary."""
    regressed = {name for lhs, op, rhs in relations if op == "~" for name in (lhs, rhs)}
    edges = [(rhs, lhs) for lhs, op, rhs in relations if op == "~"]
    indicators = {}
    for lhs, op, rhs in relations:
        if op == "=~":
            if rhs in latent or rhs in regressed:
                edges.append((lhs, rhs))
            else:
                indicators.setdefault(rhs, lhs)
    others = {name for lhs, op, rhs in relations if op == "~~" for name in (lhs, rhs)}
    known = {*regressed, *latent, *indicators}
    return edges, indicators, sorted(others - known)


def _levels(names, edges):
    """How many steps from the first cause; circles end where they began."""
    level = dict.fromkeys(names, 0)
    for _ in names:
        for source, target in edges:
            if level[target] <= level[source] < len(names) - 1:
                level[target] = level[source] + 1
    used = sorted(set(level.values()))
    return {name: used.index(one) for name, one in level.items()}


def _size(name, owned):
    return max(2, len(owned[name])) * ROW if name in owned else 1.8 * ROW


def _side_height(names, owned):
    return sum(_size(name, owned) for name in names) + GAP * max(0, len(names) - 1) + 8.0


def _place_side(places, names, owned, columns, rows):
    (outside, inside), (base, height) = columns, rows
    free = height - _side_height(names, owned)
    top = base + height - 4.0 - free / 2
    for name in names:
        items = owned.get(name, [])
        size = _size(name, owned)
        for number, item in enumerate(items):
            places[item] = (outside, top - size / 2 + ((len(items) - 1) / 2 - number) * ROW)
        places[name] = (inside, top - size / 2)
        top -= size + GAP


def _place_band(places, names, owned, band):
    """Indicators in a row at the edge, their latents inwards of them."""
    width, edge, inwards = band
    slots = [max(1, len(owned.get(name, ()))) for name in names]
    left = width / 2 - COLUMN * sum(slots) / 2
    for name, slot in zip(names, slots):
        items = owned.get(name, [])
        for number, item in enumerate(items):
            places[item] = (left + (number + 0.5) * COLUMN, edge)
        places[name] = (left + slot * COLUMN / 2, edge + inwards * (BAND if items else 3.0))
        left += slot * COLUMN
