"""The folder of publication tables that every reporting tool offers."""

import numpy as np
import pandas as pd
import pytest

from tests.processing.memory import along_the_coast, points

SITES = 40
SOLID = {"Cd_sed": 0.1, "Pb_sed": 20.0}


def layer():
    rng = np.random.default_rng(6)
    columns = {**SOLID, "Cd_soil": 0.2, "Pb_soil": 25.0, "Cd_w": 0.05, "Pb_w": 0.4}
    table = pd.DataFrame({name: middle * rng.lognormal(0, 0.4, SITES) for name, middle in columns.items()})
    return points(table, *along_the_coast(SITES))


@pytest.mark.parametrize(
    ("tool", "given", "stems"),
    [
        ("geochemicalbaselines", {"INPUT": None, "ELEMENTS": "Cd=Cd_sed", "MEDIUM": 1, "BASELINES": "memory:"},
         {"baselines", "baselines_recommended", "baselines_details", "summary_statistics"}),
        ("mediazones", {"SEDIMENT": None, "OUTPUT": "memory:"}, {"zone_shares", "zone_limits", "zone_sensitivity"}),
        ("partitioncoefficients", {"SEDIMENT": None, "OUTPUT": "memory:"}, {"kd_summary", "kd_published"}),
        ("pollutionindices", {"INPUT": None, "ELEMENTS": "Cd=Cd_sed; Pb=Pb_sed", "MEDIUM": 1, "OUTPUT": "memory:"},
         {"peri_classes", "peri_metals", "indices"}),
    ],
)  # fmt: skip
def test_tables_as_csv_and_latex(provider, tmp_path, tool, given, stems):
    import processing

    source = layer()
    given = {name: source if value is None else value for name, value in given.items()}
    processing.run(f"coastalhm:{tool}", {**given, "TABLES": str(tmp_path / "tables")})
    written = {path.name for path in (tmp_path / "tables").iterdir()}
    assert {f"{stem}.csv" for stem in stems} | {f"{stem}.tex" for stem in stems} <= written
    for stem in stems:
        assert len(pd.read_csv(tmp_path / "tables" / f"{stem}.csv"))
