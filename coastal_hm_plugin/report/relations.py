"""Relations within and between the media as sections of the assessment's report."""

from dataclasses import replace

import pandas as pd

from . import correlation, groups, mantel, sem
from .document import Listing, Section


def sections(relations, pairs=""):
    """A :class:`Relations` as Sections. pairs: what a row of the partition coefficients is."""
    found = []
    for medium, one in relations.correlations.items():
        found.append(_named(correlation.section(one), f"Correlations: {medium}", medium))
    if relations.kd_groups is not None:
        where = f"{pairs} by {relations.group_field}"
        units = dict.fromkeys(relations.kd_groups.values.columns, "log10 L/kg")
        section = groups.section(relations.kd_groups, units, where)
        found.append(_named(section, f"Partition coefficients by {relations.group_field}", "kd"))
    if relations.kd_mantel is not None:
        section = mantel.section(relations.kd_mantel, relations.environment)
        found.append(_named(section, "Partition coefficients and the sites' properties (Mantel tests)", "kd"))
    if relations.kd_regressions:
        found.append(_regressions(relations.kd_regressions))
    if relations.media_model is not None:
        found.append(sem.section(relations.media_model, title="Soil, sediment and water as one system (SEM)"))
    return found


def tables(relations):
    """Every table: name -> DataFrame."""
    found = {f"{medium}_correlations": one.pairs() for medium, one in relations.correlations.items()}
    if relations.kd_groups is not None:
        found["kd_group_tests"] = relations.kd_groups.tests
        found["kd_group_pairs"] = relations.kd_groups.pairs
    if relations.kd_mantel is not None:
        found["kd_mantel"] = relations.kd_mantel.table
    if relations.kd_regressions:
        found["kd_regressions"] = _coefficients(relations.kd_regressions)
        found["kd_regression_models"] = _models(relations.kd_regressions)
    if relations.media_model is not None and relations.media_model.converged:
        found["sem_estimates"] = relations.media_model.table()
        found["sem_fit_indices"] = (
            relations.media_model.fit_indices().rename("value").rename_axis("index").reset_index()
        )
    return found


def _named(section, title, suffix):
    """The section under another title, its figures' files told apart from others of their kind."""
    charts = tuple(replace(chart, name=f"{chart.name}_{suffix}") for chart in section.charts)
    return replace(section, title=title, charts=charts)


def _regressions(fitted):
    models, coefficients = _models(fitted), _coefficients(fitted)
    names = {
        "metal": "Metal",
        "n": "n",
        "predictors": "Predictors",
        "r_squared": "R²",
        "adjusted_r_squared": "R² adjusted",
        "f": "F",
        "p": "p",
        "shapiro_p": "p, Shapiro-Wilk",
        "breusch_pagan_p": "p, Breusch-Pagan",
        "moran_p": "p, Moran's I",
    }
    own = {
        "metal": "Metal",
        "variable": "Variable",
        "coefficient": "B",
        "std_error": "SE",
        "beta": "Beta",
        "t": "t",
        "p": "p",
        "hc3_p": "p, HC3",
        "vif": "VIF",
    }
    listings = (
        Listing("log10 Kd on the sites' properties, least squares: a row per metal.", _shown(models, names)),
        Listing(
            "Coefficients. Beta: standardized; HC3: errors robust to unequal variances.", _shown(coefficients, own)
        ),
    )
    best = models.loc[models["adjusted_r_squared"].idxmax()]
    text = (
        f"The properties explain {best['metal']} best (adjusted R² {best['adjusted_r_squared']:.2f}, n = {best['n']}). "
        "Residuals that resemble their neighbours' (Moran's I) make p-values too small."
    )
    warnings = tuple(f"{metal}: {text}" for metal, one in fitted.items() for text in one.warnings)
    return Section("Partition coefficients and the sites' properties (regression)", (text,), listings, (), warnings)


def _shown(table, names):
    return table[list(names)].rename(columns=names)


def _models(fitted):
    return pd.concat([one.model.assign(metal=metal) for metal, one in fitted.items()], ignore_index=True)


def _coefficients(fitted):
    return pd.concat([one.coefficients.assign(metal=metal) for metal, one in fitted.items()], ignore_index=True)
