"""The covariates in a report: what each stands for and how it was sampled, and which of the paper's are there."""

import pandas as pd

from ..core.covariates import given_presets, preset_of, surface_note
from .document import Listing, Section

_KNOWN_AT = {"rasters": "rasters", "sites": "sites only"}


def section(manifest, names=None, medium=None, title="Covariates"):
    """The section on the covariates of a :class:`Manifest` (or None) and further columns ``names`` known at sites.

    medium: ``soil`` or ``sediment``, for the paper's list of that model; None for all of its Table S5.
    """
    names = list(names) if names is not None else []
    rasters = manifest.names if manifest else []
    listings = [Listing("Covariate rasters", _rasters(manifest))] if rasters else []
    table = given_presets(dict.fromkeys([*rasters, *names]), medium)
    listings.append(Listing("Covariates of Wu et al. (2025, Table S5): given or not", _presets(table)))
    note = surface_note(manifest)
    return Section(title, (_sentence(table),), tuple(listings), warnings=(note,) if note else ())


def _sentence(table):
    missing = table[~table["given"]]
    text = f"{int(table['given'].sum())} of the {len(table)} covariates of Wu et al. (2025, Table S5) are given"
    text += " (recognised by name; roles do not change the computation)."
    return text + (f" Not given: {', '.join(missing['title'].str.lower())}." if len(missing) else "")


def _rasters(manifest):
    rows = []
    for covariate in manifest.covariates:
        preset = preset_of(covariate.name)
        kind = f"{len(covariate.categories)} classes" if covariate.is_categorical else "number"
        method = f"{covariate.method}, {covariate.radius_m:g} m" if covariate.radius_m else covariate.method
        meaning = preset.title if preset else ""
        origin = "interpolated from sites" if covariate.interpolated else ""
        rows.append((covariate.name, meaning, covariate.role, covariate.unit, kind, method, origin))
    titles = ("Covariate", "Recognised as", "Role", "Unit (as the raster states)", "Kind", "Sampled by", "Note")
    return pd.DataFrame(rows, columns=titles)


def _presets(table):
    return pd.DataFrame(
        {
            "Covariate": table["title"],
            "Role": table["role"],
            "Usual unit": table["usual_unit"],
            "Known at": table["known_at"].map(_KNOWN_AT),
            "Given": table["given"].map({True: "yes", False: "no"}),
            "As": table["given_as"],
        }
    )
