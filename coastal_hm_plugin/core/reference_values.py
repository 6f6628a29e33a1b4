"""Published reference values: backgrounds, toxic response factors, sediment quality guidelines.

Every value stands in a CSV of ``resources/reference_values`` beside its source.
"""

import csv
from functools import cache
from pathlib import Path

from .errors import InputError

GUIDELINES = ("TEL", "PEL", "ERL", "ERM")
FOLDER = Path(__file__).parent.parent / "resources" / "reference_values"


def background_titles():
    """Names of the background tables with a title to show: dict, in a fixed order (new tables are added last)."""
    return {row["name"]: row["title"] for row in _rows("backgrounds.csv")}


def backgrounds():
    """All background values: DataFrame with name, title, medium, element, value (mg/kg), unit, source."""
    return _frame("backgrounds.csv", ("value",))


def background(name):
    """One background table: Series, element -> mg/kg, named after the table.

    Raises InputError for an unknown name, listing the known ones.
    """
    table = backgrounds()
    rows = table[table["name"] == name]
    if rows.empty:
        raise InputError(f"There is no background table '{name}'. Known: {', '.join(background_titles())}.")
    return rows.set_index("element")["value"].rename(name)


def toxic_response():
    """Toxic response factors Tr of Hakanson (1980): Series, element -> dimensionless (Ni: Xu et al. 2008)."""
    return _frame("toxic_response.csv", ("value",)).set_index("element")["value"].rename("Tr")


def sediment_quality():
    """Guidelines of marine sediment, mg/kg: DataFrame of TEL and PEL, threshold and probable effect levels (MacDonald
    et al. 1996), and of ERL and ERM, effects range low and median (Long et al. 1995).
    """
    return _frame("sediment_quality.csv", GUIDELINES).set_index("element")[list(GUIDELINES)]


def index_classes():
    """Classes of the indices: tuple of dicts of index, class_number, class_name, lower (text, empty in the first),
    cited_as, source.
    """
    return _rows("index_classes.csv")


def partition_coefficients():
    """Ranges of log10 Kd (L/kg) to compare with: DataFrame of metal, low, median, high, n, conditions, source."""
    return _frame("partition_coefficients.csv", ("low", "median", "high", "n"))


@cache
def _rows(file):
    with open(FOLDER / file, newline="", encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


def _frame(file, numbers):
    import pandas as pd  # here, so that the list of names costs nothing where a form only offers a choice

    return pd.DataFrame(_rows(file)).astype(dict.fromkeys(numbers, float))
