"""Published classes of every index, and those that suit what a model predicts."""

from dataclasses import replace
from functools import cache

from . import reference_values
from .chemistry.fields import describe_field
from .risk_scheme import ER_COLOURS, RI_COLOURS, RiskScheme

# ColorBrewer's YlOrRd, by number of classes: light to dark
COLOURS = {
    2: ("#ffffb2", "#fd8d3c"),
    3: ("#ffffb2", "#fd8d3c", "#bd0026"),
    4: RI_COLOURS,
    5: ER_COLOURS,
    7: ("#ffffb2", "#fed976", "#feb24c", "#fd8d3c", "#fc4e2a", "#e31a1c", "#800026"),
}
SITE_INDICES = ("PLI", "Nemerow", "mCd", "mPELQ", "mERMQ")
GUIDELINE_CLASSES = ("Below TEL", "TEL to PEL", "Above PEL")


@cache
def index_schemes():
    """Index name -> RiskScheme: CF, Er, Igeo, EF, PLI, Nemerow, mCd, mPELQ, mERMQ. Sources: index_classes.csv."""
    names = dict.fromkeys(row["index"] for row in reference_values.index_classes())
    return {name: _scheme(name) for name in names}


def scheme_of_target(target, medium=None):
    """The classes of a field that a model predicts, by its name (``Igeo_Cd``, ``PLI``): RiskScheme, or None.

    medium: of the target where its name does not say. A concentration in sediment, in mg/kg, has the limits TEL and
    PEL of its element (MacDonald et al. 1996). PERI is classed by RISK_SCHEMES, and has none here.
    """
    meaning = describe_field(target)
    if meaning.quantity in index_schemes() and meaning.element:
        return replace(index_schemes()[meaning.quantity], index=target)
    if meaning.quantity == "index" and not meaning.element:
        words = target.lower().replace(" ", "_").split("_")
        found = next((name for name in SITE_INDICES if name.lower() in words and "class" not in words), None)
        return replace(index_schemes()[found], index=target) if found else None
    if meaning.quantity == "concentration" and meaning.unit in (None, "mg/kg"):
        return _guideline_scheme(target, meaning.element) if (meaning.medium or medium) == "sediment" else None
    return None


def _scheme(name):
    rows = [row for row in reference_values.index_classes() if row["index"] == name]
    limits = tuple(float(row["lower"]) for row in rows[1:])
    title = f"{' / '.join(f'{limit:g}' for limit in limits)} ({rows[0]['cited_as']})"
    names = tuple(row["class_name"] for row in rows)
    return RiskScheme(name, title, limits, rows[0]["cited_as"], names, COLOURS[len(rows)], index=name)


def _guideline_scheme(target, element):
    guidelines = reference_values.sediment_quality()
    if element not in guidelines.index:
        return None
    limits = tuple(float(guidelines.loc[element, kind]) for kind in ("TEL", "PEL"))
    source = "TEL and PEL, MacDonald et al. 1996"
    title = f"{limits[0]:g} / {limits[1]:g} ({source})"
    return RiskScheme("guidelines", title, limits, source, GUIDELINE_CLASSES, COLOURS[3], index=target)
