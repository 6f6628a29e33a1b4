"""Pollution and ecological risk indices of soil and sediment."""

from dataclasses import dataclass
from typing import Optional

import numpy as np
import pandas as pd

from . import reference_values
from .errors import InputError, name_rows
from .index_schemes import SITE_INDICES, index_schemes
from .monitor import SILENT
from .risk_scheme import ER_CLASS_NAMES, RISK_SCHEMES, RiskScheme

__all__ = [
    "ER_CLASS_NAMES",
    "RISK_SCHEMES",
    "IndexOptions",
    "PollutionIndices",
    "RiskScheme",
    "classify",
    "contamination_factor",
    "enrichment_factor",
    "geoaccumulation_index",
    "mean_guideline_quotient",
    "modified_contamination_degree",
    "nemerow_index",
    "pollution_indices",
    "pollution_load_index",
    "potential_ecological_risk",
]


def contamination_factor(concentration, background):
    """CF = C / B, dimensionless. Hakanson 1980, doi:10.1016/0043-1354(80)90143-8."""
    return concentration / background


def potential_ecological_risk(cf, toxic_response):
    """Er = Tr x CF of each metal; their sum is PERI (RI). Hakanson 1980, doi:10.1016/0043-1354(80)90143-8."""
    return cf * toxic_response


def geoaccumulation_index(concentration, background):
    """Igeo = log2(C / 1.5 B). Mueller 1969, GeoJournal 2, 108-118; NaN where C is zero."""
    return np.log2(concentration.where(concentration > 0) / (1.5 * background))


def enrichment_factor(cf, reference):
    """EF = (C / C_ref) / (B / B_ref), the CF over that of a conservative element such as Al, Fe or Li.

    reference: CF of the reference element. Buat-Menard and Chesselet 1979, doi:10.1016/0012-821X(79)90049-9.
    """
    return cf.div(reference.where(reference > 0), axis=0)


def pollution_load_index(cf):
    """PLI, the geometric mean of the CF. Tomlinson et al. 1980, doi:10.1007/BF02414780; 0 where a CF is zero."""
    with np.errstate(divide="ignore"):
        return np.exp(np.log(cf).mean(axis=1))


def nemerow_index(cf):
    """P = sqrt((mean(CF)^2 + max(CF)^2) / 2). Nemerow 1974, Scientific Stream Pollution Analysis."""
    return np.sqrt((cf.mean(axis=1) ** 2 + cf.max(axis=1) ** 2) / 2)


def modified_contamination_degree(cf):
    """mCd, the arithmetic mean of the CF. Abrahim and Parker 2008, doi:10.1007/s10661-007-9678-2."""
    return cf.mean(axis=1)


def mean_guideline_quotient(concentration, guideline):
    """Mean of C / TEL (PEL, ERL, ERM) over the metals. Long and MacDonald 1998, doi:10.1080/10807039891284956."""
    return (concentration / guideline).mean(axis=1)


def classify(values, limits):
    """Class numbers from 1, as nullable integers; a value on a limit belongs to the higher class."""
    values = np.asarray(values, dtype=float)
    number = pd.array(np.searchsorted(np.asarray(limits, dtype=float), values, side="right") + 1, dtype="Int64")
    number[np.isnan(values)] = pd.NA
    return number


@dataclass(frozen=True)
class IndexOptions:
    """scheme: a name of ``RISK_SCHEMES``. metals: those that PERI and the mean indices take (None: all that can be).
    toxic_response: Series, element -> Tr (None: Hakanson's). reference_element: gives EF. allow_partial: where a
    metal is missing at a site, compute from the others (which lowers PERI) instead of leaving the site out.
    guidelines: add the mean quotients over TEL, PEL, ERL and ERM of marine sediment."""

    scheme: str = "wu2025"
    metals: Optional[tuple] = None
    toxic_response: Optional[pd.Series] = None
    reference_element: Optional[str] = None
    allow_partial: bool = False
    guidelines: bool = False

    def __post_init__(self):
        if self.scheme not in RISK_SCHEMES:
            raise InputError(f"There is no scheme '{self.scheme}'. Known: {', '.join(RISK_SCHEMES)}.")


@dataclass(frozen=True)
class PollutionIndices:
    """Indices of n sites.

    cf, er, igeo: DataFrames (sites, metals); ef: the same, or empty; site: DataFrame (sites) of PERI, PLI, Nemerow,
    mCd, mTELQ, mPELQ, mERLQ, mERMQ, n_metals; scheme: the classes, with the metals summed; background,
    toxic_response: Series used;
    left_out: Series, element -> why it is not in PERI; incomplete: number of sites without PERI, or with a partial one;
    concentrations: as given, mg/kg.
    """

    cf: pd.DataFrame
    er: pd.DataFrame
    igeo: pd.DataFrame
    ef: pd.DataFrame
    site: pd.DataFrame
    scheme: RiskScheme
    background: pd.Series
    toxic_response: pd.Series
    left_out: pd.Series
    incomplete: int
    concentrations: pd.DataFrame

    @property
    def metals(self):
        """The metals that PERI sums."""
        return self.scheme.metals

    def to_frame(self):
        """A row per site: CF_Cd ..., Er_Cd ..., Igeo_Cd ..., EF_Cd ..., PERI, PERI_class (1 is low),
        PERI_class_name, PERI_scheme, n_metals, PLI, Nemerow, mCd."""
        parts = [self.cf.add_prefix("CF_"), self.er.add_prefix("Er_"), self.igeo.add_prefix("Igeo_")]
        parts.append(self.ef.add_prefix("EF_"))
        number = classify(self.site["PERI"], self.scheme.limits)
        risk = pd.DataFrame({"PERI": self.site["PERI"]})
        risk["PERI_class"] = number
        risk["PERI_class_name"] = [None if pd.isna(one) else self.scheme.class_names[one - 1] for one in number]
        risk["PERI_scheme"] = self.scheme.label
        return pd.concat([*parts, risk, self.site.drop(columns="PERI")], axis=1)

    def class_shares(self):
        """How many sites fall in each class of every index that has published classes.

        DataFrame: index_name (PERI, Er_Cd ..., CF_Cd ..., Igeo_Cd ..., EF_Cd ..., PLI, Nemerow, mCd, mPELQ, mERMQ),
        class_number, class_name, lower, upper (NaN: open), sites, share_percent, limits_by (who set them).
        """
        rows = _shares("PERI", self.site["PERI"], self.scheme)
        schemes = index_schemes()
        for kind, values in (("Er", self.er), ("CF", self.cf), ("Igeo", self.igeo), ("EF", self.ef)):
            for metal in values.columns:
                rows += _shares(f"{kind}_{metal}", values[metal], schemes[kind])
        for name in SITE_INDICES:
            if name in self.site:
                rows += _shares(name, self.site[name], schemes[name])
        return pd.DataFrame(rows)

    def guideline_shares(self):
        """Sites above the guidelines of marine sediment, in percent of those with a value: a row per metal.

        DataFrame: element, n, above_TEL, above_PEL, above_ERL, above_ERM.
        """
        guideline = reference_values.sediment_quality()
        rows = []
        for element in (one for one in self.concentrations.columns if one in guideline.index):
            known = self.concentrations[element].dropna()
            above = {f"above_{kind}": 100 * (known > limit).mean() for kind, limit in guideline.loc[element].items()}
            rows.append({"element": element, "n": len(known), **above})
        return pd.DataFrame(rows)

    def summary(self):
        """A row per metal: background, Tr, median and maximum of CF and Er, share of PERI in percent, share CF > 1."""
        complete = self.er.loc[self.site["PERI"].notna(), list(self.metals)]
        share = 100 * complete.sum() / complete.to_numpy().sum() if complete.to_numpy().sum() > 0 else np.nan
        summary = pd.DataFrame({"background": self.background.reindex(self.cf.columns), "Tr": self.toxic_response})
        summary = summary.reindex(self.cf.columns).assign(
            n=self.cf.count(),
            CF_median=self.cf.median(),
            CF_max=self.cf.max(),
            CF_above_1_percent=100 * (self.cf > 1).sum() / self.cf.count(),
            Er_median=self.er.median(),
            Er_max=self.er.max(),
            PERI_share_percent=share,
        )
        return summary.rename_axis("element").reset_index()


def pollution_indices(concentrations, background, options=None, monitor=SILENT):
    """CF, Er, PERI, Igeo, EF, PLI, Nemerow and mCd of every site, and its PERI class.

    concentrations: DataFrame (n sites, elements), mg/kg, NaN where missing, non-detects substituted.
    background: Series, element -> mg/kg. options: :class:`IndexOptions`.
    Returns :class:`PollutionIndices`. An element without background is left out and named; one without a toxic
    response factor has CF and Igeo, but no Er.
    Raises InputError for a background that is not positive, negative concentrations, an unknown reference element,
    and when no metal is left for PERI.
    Sources: see each formula; classes of PERI and Er: Hakanson 1980 (doi:10.1016/0043-1354(80)90143-8), Wu et al. 2025
    Table S8 (doi:10.1016/j.marpolbul.2025.118969).
    """
    options = options or IndexOptions()
    values = _checked(concentrations)
    known = _known_background(background, values.columns)
    given = options.toxic_response
    response = (reference_values.toxic_response() if given is None else given).astype(float)
    left_out = _left_out(values.columns, known, response, options.metals)
    metals = [element for element in values.columns if element not in left_out.index]
    _require_metals(metals, left_out, options)
    cf = contamination_factor(values[list(known.index)], known)
    response = response.reindex(metals)
    er = potential_ecological_risk(cf[metals], response)
    site = _site_indices(values, cf[metals], er, options)
    scheme = RISK_SCHEMES[options.scheme].for_metals(response.to_dict())
    incomplete = int((site["n_metals"] < len(metals)).sum())
    result = PollutionIndices(
        cf,
        er,
        geoaccumulation_index(values[list(known.index)], known),
        _enrichment(cf, options.reference_element),
        site,
        scheme,
        known,
        response,
        left_out,
        incomplete,
        values,
    )
    _report(result, options, monitor)
    return result


def _checked(concentrations):
    values = concentrations.astype(float)
    for element in values.columns:
        bad = (values[element] < 0) | np.isinf(values[element])
        if bad.any():
            raise InputError(
                f"{element}: rows {name_rows(np.flatnonzero(bad))} are negative or infinite. "
                "Correct them, or leave them empty."
            )
    return values


def _known_background(background, elements):
    known = background.reindex(elements).astype(float).dropna()
    bad = known[~((known > 0) & np.isfinite(known))]
    if len(bad):
        raise InputError(f"The background of {', '.join(bad.index)} must be a positive number of mg/kg.")
    return known


def _left_out(elements, background, response, chosen):
    """Why an element is not part of PERI: Series, element -> reason."""
    reasons = {}
    for element in elements:
        if chosen is not None and element not in chosen:
            reasons[element] = "not chosen"
        elif element not in background.index:
            reasons[element] = "no background value"
        elif element not in response.index or not np.isfinite(response[element]):
            reasons[element] = "no toxic response factor"
    for element in chosen or ():
        if element not in elements:
            reasons[element] = "no concentrations"
    return pd.Series(reasons, dtype=object)


def _require_metals(metals, left_out, options):
    if not metals:
        reasons = "; ".join(f"{element}: {reason}" for element, reason in left_out.items()) or "no concentrations"
        raise InputError(f"No metal is left for PERI ({reasons}). Choose another background or give your own.")
    missing = [element for element in options.metals or () if element in left_out.index]
    if missing:
        raise InputError(f"Chosen for PERI but not usable: {'; '.join(f'{e}: {left_out[e]}' for e in missing)}.")


def _site_indices(values, cf, er, options):
    """Indices over all metals. The formulas skip a missing metal, so its sites are blanked unless that is wanted."""
    used = cf.notna().sum(axis=1)
    usable = used > 0 if options.allow_partial else used == cf.shape[1]
    site = pd.DataFrame({"PERI": er.sum(axis=1)})
    site["PLI"] = pollution_load_index(cf)
    site["Nemerow"] = nemerow_index(cf)
    site["mCd"] = modified_contamination_degree(cf)
    if options.guidelines:
        guideline = reference_values.sediment_quality()
        shared = [metal for metal in cf.columns if metal in guideline.index]
        for kind in guideline.columns:
            site[f"m{kind}Q"] = mean_guideline_quotient(values[shared], guideline.loc[shared, kind])
    return site.where(usable).assign(n_metals=used)


def _enrichment(cf, reference):
    if not reference:
        return pd.DataFrame(index=cf.index)
    if reference not in cf.columns:
        raise InputError(f"The reference element {reference} needs both concentrations and a background value.")
    return enrichment_factor(cf.drop(columns=reference), cf[reference])


def _shares(name, values, scheme):
    number = classify(values, scheme.limits).dropna()
    edges = [0.0 if scheme.limits[0] > 0 else np.nan, *scheme.limits, np.nan]
    total = len(number)
    return [
        {
            "index_name": name,
            "class_number": position,
            "class_name": label,
            "lower": edges[position - 1],
            "upper": edges[position],
            "sites": int((number == position).sum()),
            "share_percent": 100 * float((number == position).sum()) / total if total else np.nan,
            "limits_by": scheme.source,
        }
        for position, label in enumerate(scheme.class_names, start=1)
    ]


def _report(result, options, monitor):
    for reason, group in result.left_out.groupby(result.left_out):
        if reason != "not chosen":
            monitor.warn(f"Not part of PERI, {reason}: {', '.join(group.index)}.")
    monitor.info(result.scheme.label)
    if options.scheme == "wu2025" and len(result.metals) < 8:
        monitor.warn(
            f"The PERI limits 100/200/400 are set for eight metals; here {len(result.metals)} are summed, so classes "
            "come out low. The scheme scaled to the sum of Tr allows for that."
        )
    if result.incomplete:
        done = "computed from the metals present" if options.allow_partial else "left empty"
        monitor.warn(f"PERI of {result.incomplete} of {len(result.site)} sites lacks a metal: {done}.")
