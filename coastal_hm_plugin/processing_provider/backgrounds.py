"""Background values of an index: from baselines, from a published table, or the user's own."""

from ..core import reference_values
from ..core.baseline_methods import METHOD_TITLES
from ..core.errors import InputError

BASELINE_METHODS = {
    name: f"Baseline of the data: {title[0].lower()}{title[1:]}" for name, title in METHOD_TITLES.items()
}


def background_choices():
    """What may serve as background, name -> title: the four baselines, then the tables. The order is an interface."""
    return {**BASELINE_METHODS, **reference_values.background_titles()}


def own_values(text, what="background values"):
    """The text ``"Cd=0.1; Pb=23"`` as element -> positive number; empty if there is none. Raises InputError."""
    from ..core.samples import parse_assignments

    values = {}
    for element, given in parse_assignments(text or "", what).items():
        try:
            values[element] = float(given.replace(",", "."))
        except ValueError:
            values[element] = -1.0
        if not 0 < values[element] < float("inf"):
            raise InputError(f"In the {what}, {element}={given} is not a positive number: write 'Cd=0.1; Pb=23'.")
    return values


def values_of_baselines(table, method, medium):
    """Central values by one method from a table that 'Geochemical baselines' wrote: Series, element -> mg/kg.

    Raises InputError if the table is another one, lacks the method, or holds another medium.
    """
    return _rows_of_method(table, method, medium).set_index("element")["central"].astype(float).dropna()


def interval_of_baselines(table, method, medium):
    """The ends of the 95 % interval of those values: two Series, or None where the table has none."""
    if not {"central_low", "central_high"} <= set(table.columns):
        return None
    rows = _rows_of_method(table, method, medium).set_index("element")
    low, high = (rows[name].astype(float).dropna() for name in ("central_low", "central_high"))
    return (low, high) if len(low) else None


def _rows_of_method(table, method, medium):
    missing = [name for name in ("element", "method", "central") if name not in table.columns]
    if missing:
        raise InputError(
            f"The baselines table has no column {', '.join(missing)}. Give the table of 'Geochemical baselines'."
        )
    if "medium" in table.columns and medium not in set(table["medium"]):
        raise InputError(f"The baselines are of {', '.join(sorted(set(table['medium'])))}, the samples of {medium}.")
    rows = table[table["method"] == method]
    if "medium" in table.columns:
        rows = rows[rows["medium"] == medium]
    if rows.empty:
        known = ", ".join(sorted(set(table["method"])))
        raise InputError(f"The baselines table holds no method '{method}'. It holds: {known}.")
    return rows
