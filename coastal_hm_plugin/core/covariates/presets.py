"""The covariates of Wu et al. (2025, Table S5) as presets: what a name means, in which unit, and how to sample it."""

import csv
import re
from dataclasses import dataclass, replace
from functools import cache

from ..errors import InputError
from ..reference_values import FOLDER
from .manifest import Manifest

# a raster of these is made from the one it is named after, or is a distance to it
DERIVED = {"distance", "dist", "slope", "aspect", "hillshade", "roughness", "ruggedness", "curvature", "twi", "tri"}
DERIVED |= {"tpi", "variance", "error", "mask", "change"}
MEDIA = ("soil", "sediment")


@dataclass(frozen=True)
class Preset:
    """A covariate by its role. unit: the usual one of its data source (the paper prints none).

    method: how to sample a raster of it. known_at: ``rasters``, or ``sites`` where only samples tell.
    media: whose risk model of the paper has it. aliases: words by which a file or column is recognised.
    """

    name: str
    title: str
    role: str
    unit: str
    categorical: bool
    method: str
    known_at: str
    media: tuple
    aliases: tuple
    source: str


@cache
def presets():
    """All presets in the order of the table."""
    with open(FOLDER / "covariates.csv", newline="", encoding="utf-8") as stream:
        return tuple(_preset(row) for row in csv.DictReader(stream))


def _preset(row):
    media = tuple(medium for medium in MEDIA if row.pop(medium) == "yes")
    aliases = tuple(tuple(alias.split()) for alias in row.pop("aliases").split(";"))
    return Preset(**{**row, "categorical": row["categorical"] == "yes"}, media=media, aliases=aliases)


def preset_of(name):
    """The preset that a file or column name tells (``srtm_dem`` -> DEM, ``CF_Cd`` -> CF), or None.

    The longest alias decides; two different presets of equal length are no answer, nor is a name that speaks of
    something derived (``dem_slope``, ``dist_factories``).
    """
    found = {}
    for words in _readings(str(name)):
        if DERIVED & set(words):
            return None
        for preset in presets():
            for alias in preset.aliases:
                if _holds(words, alias):
                    found[preset] = max(found.get(preset, 0), len("".join(alias)))
    best = [preset for preset, length in found.items() if length == max(found.values())]
    return best[0] if len(best) == 1 else None


def _readings(name):
    """The words of a name, lower case: as written, with digits apart, and with words told by their capitals."""
    for text in (name, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)):
        words = re.split(r"[\W_]+", text.lower())
        yield [word for word in words if word]
        yield re.findall(r"[^\W\d_]+|\d+", text.lower())


def _holds(words, alias):
    return any(tuple(words[start : start + len(alias)]) == alias for start in range(len(words)))


def preset_names(manifest):
    """The manifest with each recognised covariate under its preset's name. Raises InputError for two of one preset."""
    renamed = []
    for covariate in manifest.covariates:
        preset = preset_of(covariate.name)
        renamed.append(replace(covariate, name=preset.name) if preset else covariate)
    names = [covariate.name for covariate in renamed]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        old = [c.name for c, new in zip(manifest.covariates, names) if new in twice]
        raise InputError(
            f"{', '.join(old)} would all be named {', '.join(twice)} as in Table S5. Give one, or keep the names."
        )
    return Manifest(tuple(renamed))


def given_presets(names, medium=None):
    """Which covariates of Table S5 are among the names: DataFrame, a row per preset.

    Columns ``covariate``, ``title``, ``role``, ``usual_unit``, ``known_at``, ``given`` (bool), ``given_as`` (names).
    medium: ``soil`` or ``sediment`` for the table of that model; None for all.
    """
    import pandas as pd

    by_preset = {}
    for name in names:
        by_preset.setdefault(preset_of(name), []).append(str(name))
    rows = [
        (p.name, p.title, p.role, p.unit, p.known_at, p in by_preset, ", ".join(by_preset.get(p, ())))
        for p in presets()
        if medium is None or medium in p.media
    ]
    columns = ("covariate", "title", "role", "usual_unit", "known_at", "given", "given_as")
    return pd.DataFrame(rows, columns=columns)
