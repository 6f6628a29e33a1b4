"""Which column of a table holds which element."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from ..errors import InputError
from .elements import HEAVY_METALS, symbol_of
from .fields import FieldMeaning, describe_field


@dataclass(frozen=True)
class FieldMatches:
    """The columns of a table that are used.

    concentrations: element -> FieldMeaning, the eight heavy metals first. properties: "pH", "OM", "TOC", "DO",
    "salinity", "temperature" -> FieldMeaning. limits, flags: element -> field with its detection limits, qualifiers.
    ambiguous: further elements left out because several fields claim them -> those fields.
    """

    concentrations: Mapping[str, FieldMeaning] = field(default_factory=dict)
    properties: Mapping[str, FieldMeaning] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, str] = field(default_factory=dict)
    ambiguous: Mapping[str, tuple] = field(default_factory=dict)

    @property
    def elements(self):
        """Symbols, the eight heavy metals first."""
        return tuple(self.concentrations)

    def to_frame(self):
        """A table of what was recognised: one row per used column."""
        rows = [
            (one.field, one.quantity, one.variable, one.medium, one.unit)
            for one in (*self.concentrations.values(), *self.properties.values())
        ]
        return pd.DataFrame(rows, columns=["field", "quantity", "variable", "medium", "unit"])


def recognise(field_names, medium=None, mapping=None):
    """Find the concentrations and water or soil properties among a table's columns.

    field_names: names of all columns. medium: "soil", "sediment" or "water"; columns named after another medium are
    passed over. mapping: element -> field, or the text "Cd=my_field; Pb=other", goes before the names; "Cd=" leaves
    Cd out. Returns FieldMatches.

    Raises InputError if two columns claim the same heavy metal, or the mapping names an unknown element or field.
    """
    names = [str(name) for name in field_names]
    chosen = parse_mapping(mapping, names)
    meanings = [describe_field(name) for name in names]
    by_field = {meaning.field: meaning for meaning in meanings}
    found, ambiguous = {}, {}
    for element, candidates in _group(meanings, "concentration", medium).items():
        if element in chosen:
            continue
        best = _closest(candidates, medium)
        if len(best) == 1:
            found[element] = best[0]
        elif element in HEAVY_METALS:
            raise InputError(
                f"Fields {_quoted(best)} both look like {element}. Say which one to use, for example "
                f"'{element}={best[0].field}'."
            )
        else:
            ambiguous[element] = tuple(one.field for one in best)
    for element, name in chosen.items():
        if name:
            meaning = by_field[name]
            found[element] = FieldMeaning(name, "concentration", element, element, medium, meaning.unit)
    ordered = {element: found[element] for element in (*HEAVY_METALS, *sorted(found)) if element in found}
    properties = {
        variable: best[0]
        for variable, candidates in _group(meanings, "property", medium).items()
        if len(best := _closest(candidates, medium)) == 1
    }
    limits, flags = (_beside(meanings, quantity, medium) for quantity in ("limit", "flag"))
    return FieldMatches(ordered, properties, limits, flags, ambiguous)


def parse_mapping(mapping, field_names):
    """The text "Cd=my_field; Pb=other" (or a dict) as element symbol -> field, checked against a table's columns."""
    if isinstance(mapping, str):
        parts = [part for part in re.split(r"[;\n]", mapping) if part.strip()]
        if any("=" not in part for part in parts):
            raise InputError(f"'{mapping}' is not a list of fields: write it as 'Cd=my_field; Pb=other'.")
        mapping = dict(part.split("=", 1) for part in parts)
    known = {name.lower(): name for name in field_names} | {name: name for name in field_names}
    result = {}
    for element, name in (mapping or {}).items():
        symbol, name = symbol_of(element), (name or "").strip()
        if symbol is None:
            raise InputError(f"'{element.strip()}' is not an element. Write its symbol, for example 'Cd={name}'.")
        actual = known.get(name) or known.get(name.lower())
        if name and actual is None:
            raise InputError(f"There is no field '{name}' for {symbol}. The fields are: {', '.join(field_names)}.")
        result[symbol] = actual
    return result


def _group(meanings, quantity, medium):
    groups = {}
    for one in meanings:
        if one.quantity == quantity and one.variable and (medium is None or one.fits(medium)):
            groups.setdefault(one.variable, []).append(one)
    return groups


def _closest(candidates, medium):
    """Those that name the medium itself, else "s" for solids, else those that name none."""
    for level in ((medium,), ("solid",), (None,)) if medium else ():
        named = [one for one in candidates if one.medium in level]
        if named:
            return named
    return candidates


def _beside(meanings, quantity, medium):
    found = {variable: _closest(some, medium) for variable, some in _group(meanings, quantity, medium).items()}
    return {variable: best[0].field for variable, best in found.items() if len(best) == 1}


def _quoted(meanings):
    return " and ".join(f"'{one.field}'" for one in meanings)
