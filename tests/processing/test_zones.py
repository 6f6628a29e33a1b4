"""Contamination zones as QGIS runs them: one layer, two layers, given baselines, what is refused."""

import numpy as np
import pandas as pd
import pytest
from qgis.core import QgsProcessingException

from tests.processing.memory import along_the_coast, frame, points

SITES = 40


@pytest.fixture
def run(provider):
    import processing

    def run_tool(sediment, soil=None, **parameters):
        given = {"SEDIMENT": sediment, "SOIL": soil, "BOOTSTRAP": 50, "OUTPUT": "memory:", **parameters}
        return processing.run("coastalhm:mediazones", given)

    return run_tool


def both_media():
    """The last ten sites are polluted tenfold in both media."""
    rng = np.random.default_rng(1)
    factor = np.where(np.arange(SITES) < SITES - 10, 1, 10)
    table = {f"Cd_{medium}": middle * rng.lognormal(0, 0.1, SITES) * factor for medium, middle in
             (("soil", 0.2), ("sed", 0.1))}  # fmt: skip
    return pd.DataFrame(table)


def test_one_layer_with_the_fields_of_both_media(run, tmp_path):
    report = tmp_path / "zones.html"
    layer = points(both_media(), *along_the_coast(SITES))
    outputs = run(layer, SHARES="memory:", SENSITIVITY="memory:", REPORT=str(report))
    found = frame(outputs["OUTPUT"])
    assert (found["zone_Cd"][-10:] == "pollution").all() and (found["pollution_metals"][-10:] == 1).all()
    shares = frame(outputs["SHARES"])
    assert shares["percent"].sum() == pytest.approx(100) and set(shares["n"]) == {SITES}
    assert set(frame(outputs["SENSITIVITY"])["metal"]) == {"Cd"}
    assert "Soil-sediment contamination zones" in report.read_text(encoding="utf-8")


def test_soils_of_their_own_layer_are_paired(run):
    table, (x, y) = both_media(), along_the_coast(SITES)
    x, y = np.asarray(x), np.asarray(y)
    sediment = points(pd.DataFrame({"Cd": table["Cd_sed"]}), x, y)
    soil = points(pd.DataFrame({"Cd": np.tile(table["Cd_soil"][5:], 2)}), np.tile(x[5:], 2), np.tile(y[5:] + 1e-4, 2))
    found = frame(run(sediment, soil)["OUTPUT"])
    assert len(found) == SITES - 5 and set(found["soil_count"]) == {2}
    np.testing.assert_allclose(found["soil_Cd_mgkg"], table["Cd_soil"][5:])
    assert (found["zone_Cd"][-10:] == "pollution").all()


def test_baselines_may_be_given(run, provider):
    import processing

    layer = points(both_media(), *along_the_coast(SITES))
    given = {"INPUT": layer, "MEDIUM": 0, "ELEMENTS": "Cd=Cd_soil", "BASELINES": "memory:", "BOOTSTRAP": 50}
    table = processing.run("coastalhm:geochemicalbaselines", given)["BASELINES"]
    own, same = (run(layer, SOIL_BASELINES=one, SHARES="memory:")["SHARES"] for one in (None, table))
    pd.testing.assert_frame_equal(frame(own), frame(same))
    with pytest.raises(QgsProcessingException, match="SEDIMENT_BASELINES holds baselines of soil, not of sediment"):
        run(layer, SEDIMENT_BASELINES=table)


def test_what_is_refused(run):
    layer = points(pd.DataFrame({"Cd": [0.1, 0.2]}), *along_the_coast(2))
    with pytest.raises(QgsProcessingException, match="SOIL_ELEMENTS as 'Cd=my_soil_field'"):
        run(layer)
    far = points(pd.DataFrame({"Cd": [0.1, 0.2]}), [10.0, 11.0], [50.0, 51.0])
    with pytest.raises(QgsProcessingException, match="No soil lies within 500 m"):
        run(layer, far)
