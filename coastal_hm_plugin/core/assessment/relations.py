"""Relations within and between the media: correlations, and what partition coefficients go with."""

from dataclasses import dataclass, field
from typing import Optional

import pandas as pd

from .. import sem, statistics
from ..errors import InputError

GROUP_NAMES = ("estuary", "river", "region", "basin", "zone", "group")
SEM_FIELDS = {"soil": ("Cd", "Pb", "Ni", "OM", "pH"), "sediment": ("Cd", "Pb", "Ni", "OM", "pH"),
              "water": ("Cd", "Pb", "Ni", "DO", "pH")}  # fmt: skip
MOST_GROUPS = 12  # a field with more values tells sites apart, not groups


@dataclass(frozen=True)
class Relations:
    """correlations: medium -> Correlations of its metals and properties. kd_groups: log10 Kd between groups of sites.
    kd_mantel, environment: Mantel tests of log10 Kd with the sites' properties, and the correlations of those.
    kd_regressions: metal -> Regression of its log10 Kd on the properties. media_model: SemFit of soil, sediment and
    water as three systems. Each part None or empty where skipped.
    """

    correlations: dict = field(default_factory=dict)
    kd_groups: Optional[statistics.GroupComparison] = None
    group_field: str = ""
    kd_mantel: Optional[statistics.MantelTests] = None
    environment: Optional[statistics.Correlations] = None
    kd_regressions: dict = field(default_factory=dict)
    media_model: Optional[sem.SemFit] = None


def find_relations(run, monitor, media, kd, soil_pairs):
    """Everything of it that the data allow. kd: PartitionCoefficients and the rows of water and sediment, or None."""
    found = {}
    for number, (medium, one) in enumerate(media.items()):
        part = monitor.part(0.2 * number, 0.2 * (number + 1))
        correlations = run.step("correlations", medium, _correlations, part, one.samples)
        if correlations is not None:
            found[medium] = correlations
    parts = {"correlations": found}
    if kd is not None:
        parts.update(_of_partition(run, monitor.part(0.4, 0.9), *kd))
        rows, part = kd[1], monitor.part(0.9, 1.0)
        parts["media_model"] = run.step("structural equation model", "all media", _media_model, part, rows, soil_pairs)
    return Relations(**parts)


def _media_model(run, monitor, rows, soil_pairs):
    """The model of Wu et al. 2025 on the sites that have all three media; concentrations as logarithms."""
    if soil_pairs is None:
        raise InputError("Needs soils paired with the sediment sites.")
    soil, sediment, water = (getattr(run.inputs, medium) for medium in SEM_FIELDS)
    values = pd.concat([soil.concentrations, soil.properties], axis=1)
    composite = soil_pairs.composite(values, run.options.statistic)
    parts = {
        "soil": composite[list(values)].iloc[rows["sediment"]],
        "sediment": pd.concat([sediment.concentrations, sediment.properties], axis=1).iloc[rows["sediment"]],
        "water": pd.concat([water.concentrations, water.properties], axis=1).iloc[rows["water"]],
    }
    fields, columns = {}, []
    for medium, table in parts.items():
        used = [name for name in SEM_FIELDS[medium] if name in table.columns and table[name].nunique() > 2]
        fields[medium] = [f"{medium}_{name}" for name in used]
        columns.append(table[used].reset_index(drop=True).add_prefix(f"{medium}_"))
    table = pd.concat(columns, axis=1)
    text = sem.media_model(*fields.values(), columns=list(table.columns))
    table = sem.logarithms(table, [name for name in table if name.split("_")[1] in ("Cd", "Pb", "Ni")], monitor)
    return sem.fit(text, table, sem.FitOptions(standardize=True), monitor)


def _correlations(run, monitor, samples):
    table = pd.concat([samples.concentrations, samples.properties], axis=1)
    return statistics.correlate(table, monitor=monitor)


def _of_partition(run, monitor, result, rows):
    kd = result.log10_kd.reset_index(drop=True).dropna(axis=1, how="all").add_prefix("log10 Kd ")
    sediment = run.inputs.sediment.take(rows["sediment"])
    grouped = run.step("partition coefficients by group", "sediment", _groups, monitor.part(0.0, 0.2), kd, sediment)
    environment = _environment(run, rows, sediment)
    part = monitor.part(0.2, 0.7)
    tests = run.step("Mantel tests of partition coefficients", "sediment", _mantel, part, kd, environment)
    regressions = {}
    for number, name in enumerate(kd.columns):
        share = monitor.part(0.7 + 0.3 * number / kd.shape[1], 0.7 + 0.3 * (number + 1) / kd.shape[1])
        fitted = run.step(f"regression of {name}", "sediment", _regression, share, kd[name], environment, sediment)
        if fitted is not None:
            regressions[name.removeprefix("log10 Kd ")] = fitted
    group_field, groups = grouped or ("", None)
    mantel, correlations = tests or (None, None)
    return {
        "kd_groups": groups,
        "group_field": group_field,
        "kd_mantel": mantel,
        "environment": correlations,
        "kd_regressions": regressions,
    }


def _groups(run, monitor, kd, sediment):
    name = group_field(sediment.table, run.options.group_field)
    return name, statistics.compare_groups(kd, sediment.table[name], monitor=monitor)


def group_field(table, wanted=""):
    """The column that groups the sites: the one wanted, else one whose name says so. Raises InputError if none does."""
    if wanted:
        if wanted not in table.columns:
            raise InputError(f"There is no field '{wanted}' to group the sites by.")
        return wanted
    for name in GROUP_NAMES:
        for column in table.columns:
            if str(column).lower() == name and 2 <= table[column].nunique() <= MOST_GROUPS:
                return column
    raise InputError(f"No field groups the sites: name one, or call it {', '.join(GROUP_NAMES[:3])} ...")


def _environment(run, rows, sediment):
    """Properties of water and sediment of each pair; constant and empty ones left out."""
    water = run.inputs.water.take(rows["water"])
    parts = [water.properties.add_prefix("water "), sediment.properties.add_prefix("sediment ")]
    table = pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
    return table.loc[:, table.nunique() > 2]


def _mantel(run, monitor, kd, environment):
    if environment.shape[1] < 2:
        raise InputError("Needs two properties of the sites or more, such as pH, DO, salinity.")
    options = statistics.MantelOptions(seed=run.options.training.seed)
    sets = {name: kd[[name]] for name in kd.columns}
    against = {name: environment[[name]] for name in environment.columns}
    tests = statistics.mantel_tests(sets, against, options=options, monitor=monitor.part(0.0, 0.9))
    return tests, statistics.correlate(environment, monitor=monitor.part(0.9, 1.0))


def _regression(run, monitor, target, environment, sediment):
    if not environment.shape[1]:
        raise InputError("Needs properties of the sites, such as pH, DO, salinity.")
    positions = statistics.site_positions(sediment.x, sediment.y, sediment.crs)
    return statistics.fit_regression(target, environment, positions, monitor=monitor)
