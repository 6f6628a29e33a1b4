"""From a table to samples."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import Cancelled, InputError
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.core.samples import (
    SampleOptions,
    points_of_table,
    read_csv_points,
    read_samples,
    with_measured_texts,
)

X, Y = np.array([121.0, 121.1, 121.2]), np.array([38.9, 39.0, 39.1])


def read(table, medium="soil", x=X, y=Y, crs="EPSG:4326", **options):
    return read_samples(pd.DataFrame(table), x, y, crs, medium, SampleOptions(**options))


def test_concentrations_come_in_standard_units_with_limits_and_flags():
    table = {"id": [1, 2, 3], "Cd_ug_kg": ["<100", "300", "400"], "Fe_%": [3.0, 4.0, 5.0], "pH": ["7,1", "8,0", ""]}
    samples = read(table)
    assert samples.elements == ("Cd", "Fe")
    np.testing.assert_allclose(samples.concentrations["Cd"], [0.05, 0.3, 0.4])
    np.testing.assert_allclose(samples.detection_limits["Cd"], [0.1, np.nan, np.nan])
    np.testing.assert_allclose(samples.concentrations["Fe"], [30000, 40000, 50000])
    np.testing.assert_allclose(samples.properties["pH"], [7.1, 8.0, np.nan])
    assert samples.censored["Cd"].tolist() == [True, False, False]
    assert list(samples.table.columns) == list(table)
    assert samples.unit == "mg/kg"
    assert samples.nondetect_shares()["Cd"] == pytest.approx(1 / 3)
    summary = samples.summary().set_index("element")
    assert summary.loc["Cd", ["n", "missing", "nondetects"]].tolist() == [3, 0, 1]
    assert summary.loc["Cd", "field"] == "Cd_ug_kg"


def test_options_go_before_names():
    table = {"a": [100.0, 200.0, 300.0], "Pb": [1.0, 2.0, 3.0], "lim": [150.0, 150.0, 150.0]}
    samples = read(table, fields="Cd=a", units="Cd=ug/kg", detection_limits={"Cd": "lim", "Pb": 1.5})
    np.testing.assert_allclose(samples.concentrations["Cd"], [0.075, 0.2, 0.3])
    np.testing.assert_allclose(samples.concentrations["Pb"], [0.75, 2, 3])
    assert read(table, units="ug/kg").concentrations["Pb"].tolist() == pytest.approx([0.001, 0.002, 0.003])
    assert read(table, detection_limits="Pb=2.5").censored["Pb"].tolist() == [True, True, False]


def test_a_limit_and_a_flag_column_beside_the_element_are_used():
    samples = read({"Cd": [0.1, 0.2, 0.3], "Cd_flag": ["<", "", ""], "Pb": [4.0, 6.0, 7.0], "Pb_MDL": [5, 5, 5]})
    assert samples.censored["Cd"].tolist() == [True, False, False]
    assert samples.censored["Pb"].tolist() == [True, False, False]


def test_a_limit_column_may_have_a_unit_of_its_own():
    samples = read({"Cd_mg_kg": [0.1, 0.2, 0.3], "Cd_MDL_ug_kg": [150, 150, 150]})
    assert samples.censored["Cd"].tolist() == [True, False, False]
    np.testing.assert_allclose(samples.detection_limits["Cd"], 0.15)


def test_rows_without_coordinates_are_left_out_and_counted():
    samples = read({"Cd": [1.0, 2.0, 3.0]}, x=np.array([121, np.nan, 121.2]))
    assert len(samples) == 2
    assert samples.concentrations["Cd"].tolist() == [1.0, 3.0]
    assert samples.table.index.tolist() == [0, 1]
    assert str(samples.losses[0]) == "coordinates: 1 missing, rows left out (row 2)"


def test_duplicate_places_are_kept_and_counted():
    samples = read({"Cd": [1.0, 2.0, 3.0]}, x=np.array([121, 121, 122.0]), y=np.array([39, 39, 39.0]))
    assert len(samples) == 3
    assert str(samples.losses[0]) == "coordinates: 2 shared with another sample, kept (rows 1, 2)"


def test_take_keeps_all_parts_together():
    samples = read({"Cd": [1.0, 2.0, 3.0], "pH": [6.0, 7.0, 8.0]})
    some = samples.take(np.array([False, True, True]))
    assert some.concentrations["Cd"].tolist() == [2, 3]
    assert some.properties["pH"].tolist() == [7, 8]
    assert some.x.tolist() == [121.1, 121.2]
    assert len(some.table) == 2


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ({"Cd": []}, {}, "soil table is empty"),
        ({"id": [1, 2, 3]}, {}, "No field of the soil table is recognised .* The fields are: id"),
        ({"Cd": [None] * 3}, {}, "No soil sample has a concentration. Field 'Cd' .* has no value in any row"),
        ({"Cd": ["nd"] * 3}, {}, "Field 'Cd' .* has non-detects only: give their detection limit"),
        ({"Cd": ["<1"] * 3}, {"nondetects": "drop"}, "has non-detects only, and these are dropped"),
        ({"Cd": ["a", "b", "c"]}, {}, "Column 'Cd' holds text, such as 'a'"),
        ({"Cd_1": [1, 2, 3], "Cd_2": [1, 2, 3]}, {}, "'Cd_1' and 'Cd_2' both look like Cd"),
        ({"Cd_ug_L": [1, 2, 3]}, {}, "ug/L of Cd does not fit soil"),
        ({"Cd": [1, 2, 3]}, {"units": "Cd=parsec"}, "'parsec' is not a known unit"),
        ({"Cd": [1, 2, 3]}, {"detection_limits": {"Cd": "lod"}}, "'lod', is neither a positive number nor a field"),
        ({"Cd": [1, 2, 3]}, {"detection_limits": {"Cd": -1}}, "neither a positive number"),
        ({"Cd": [1, 2, 3]}, {"units": "Cd="}, "cannot be read as units"),
        ({"Cd": [1, 2, 3]}, {"elements": ("Cd", "Hg")}, "No field of the soil table is recognised as Hg"),
        ({"Cd": [1, 2, 3], "Hg": [None] * 3}, {"elements": ("Cd", "Hg")}, "Field 'Hg' .* has no value"),
    ],
)
def test_unusable_tables_are_refused(table, options, message):
    count = len(next(iter(table.values())))
    with pytest.raises(InputError, match=message):
        read(table, x=X[:count], y=Y[:count], **options)


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ({"Cd": [1, 2, 3], "Hg": [None] * 3}, {}, "Hg is left out"),
        ({"Cd": [1, 2, 3], "Hg": [0, 0, 0]}, {}, "non-detects only.*Hg is left out"),
        ({"Cd": [2, 2, 2]}, {}, "all 3 values are 2; a constant"),
        ({"Cd": ["<1", "<1", 3]}, {}, "Cd: 67% of the results are non-detects"),
        ({"Cd": ["<1", "<1", "<2"]}, {}, "Cd: all 3 results are non-detects"),
        ({"Cd": [300, 400, 500]}, {}, "Cd: the median of 400 mg/kg is 4,444 times"),
        ({"Cd": [1, 2, 3], "Fe_a": [1, 2, 3], "Fe_b": [1, 2, 3]}, {}, "Fe is left out: the fields Fe_a, Fe_b"),
        ({"Cd": [1, 2, 3], "pH": ["acid", "acid", "x"]}, {}, "Field 'pH' is left out"),
    ],
)
def test_doubtful_tables_are_read_with_a_warning(table, options, message):
    said = []
    samples = read_samples(pd.DataFrame(table), X, Y, "EPSG:4326", "soil", monitor=Monitor(on_warning=said.append))
    assert "Cd" in samples.elements
    assert pd.Series(samples.warnings).str.contains(message).any()
    assert set(samples.warnings) <= set(said)


@pytest.mark.parametrize(
    ("x", "y", "crs", "message"),
    [
        (X, Y, "", "have no coordinate reference system"),
        (X, Y, "EPSG:0", "not understood"),
        (Y, X, "EPSG:4326", r"look swapped: y = 121 is no latitude \(rows 1, 2, 3\)"),
        (X * 3000, Y * 1e5, "EPSG:4326", "no degrees, such as x = 363000"),
        (X, Y, "EPSG:32651", "look like degrees, but their CRS WGS 84 / UTM zone 51N is in metres"),
        (Y * 1.1e5, 3.3e5 + X * 1000, "EPSG:32651", "look swapped"),
        (X * np.nan, Y, "EPSG:4326", "No soil sample has coordinates"),
        (X[:2], Y, "EPSG:4326", "3 rows but 2 x and 3 y"),
    ],
)
def test_coordinates_that_cannot_be_right_are_refused(x, y, crs, message):
    with pytest.raises(InputError, match=message):
        read({"Cd": [1.0, 2.0, 3.0]}, x=x, y=y, crs=crs)


def test_swapped_columns_are_noticed_where_the_numbers_alone_do_not_tell():
    table = {"Cd": [1.0, 2.0], "long": [6.8, 6.9], "lat": [47.1, 47.2]}
    with pytest.raises(InputError, match="swapped: x holds the column 'lat'"):
        read(table, x=np.array([47.1, 47.2]), y=np.array([6.8, 6.9]))
    assert len(read(table, x=np.array([6.8, 6.9]), y=np.array([47.1, 47.2]))) == 2


def test_points_outside_the_area_of_a_crs_are_warned_of():
    samples = read(
        {"Cd": [1.0, 2.0, 3.0]}, x=np.full(3, 9e5) + X, y=np.array([4.3e6, 4.31e6, 4.32e6]), crs="EPSG:32631"
    )
    assert not samples.warnings
    far = read({"Cd": [1.0, 2.0, 3.0]}, x=np.full(3, 3e6) + X, y=np.array([4.3e6, 4.31e6, 4.32e6]), crs="EPSG:32631")
    assert "100% of the soil samples lie outside the area" in far.warnings[0]


def test_reading_can_be_cancelled():
    with pytest.raises(Cancelled):
        read_samples(
            pd.DataFrame({"Cd": [1.0]}), X[:1], Y[:1], "EPSG:4326", "soil", monitor=Monitor(is_cancelled=lambda: True)
        )


@pytest.mark.parametrize(
    "content",
    [
        b"lon,lat,Cd\n121.5,39.1,<0.1\n",
        b"\xef\xbb\xbfLongitude;Latitude;Cd\r\n121,5;39,1;<0,1\r\n",
        b"sep=;\nx;y;Cd\n121.5;39.1;<0.1\n",
        b"LAT\tLON\tCd\r39.1\t121.5\t<0.1\r",
        "经度,纬度,土壤镉(mg/kg)\n121.5,39.1,<0.1\n".encode("gbk"),
        "Easting_x,Northing_y,Cd (µg/g)\n121.5,39.1,<0.1\n".encode("cp1252"),
    ],
)
def test_csv_of_any_make(tmp_path, content):
    path = tmp_path / "points.csv"
    path.write_bytes(content)
    points = read_csv_points(path)
    assert (points.x[0], points.y[0]) == (121.5, 39.1)
    samples = read_samples(points.table, points.x, points.y, points.crs, "soil")
    assert samples.concentrations["Cd"].tolist() == [0.05]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("", {}, "is empty"),
        ("lon,lat,Cd\n", {}, "has a header but no rows"),
        ("a,b,Cd\n1,2,3\n", {}, r"no column that looks like x \(longitude\).*It has: a, b, Cd"),
        ("lon,lat,Cd\n1,2,3\n", {"x_field": "E"}, "no column 'E'"),
    ],
)
def test_csv_without_points_is_refused(tmp_path, content, options, message):
    path = tmp_path / "points.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_csv_points(path, **options)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv cannot be read"):
        read_csv_points(tmp_path / "none.csv")


def test_a_table_of_texts_becomes_points_with_typed_columns():
    said = []
    texts = pd.DataFrame(
        {"Lat": ["39", "", "40"], "Lon": ["121", "122", "123"], "ndvi": ["0.1", "", ""], "Cd": ["<1", "2", "3"]}
    )
    table, x, y = points_of_table(texts, "soils", Monitor(on_warning=said.append))
    assert (x.tolist(), y.tolist()) == ([121, 123], [39, 40])
    assert table["ndvi"].dtype == float
    assert table["Cd"].tolist() == ["<1", "3"]
    assert said == ["soils: 1 rows without coordinates were left out: 2."]


@pytest.mark.acceptance
def test_real_tables(reference):
    soils = read_csv_points(reference / "western_us" / "soils.csv")
    samples = read_samples(soils.table, soils.x, soils.y, soils.crs, "soil", SampleOptions(units="Al=%; Fe=%"))
    assert len(samples) == 696
    # counted in the file with grep: 82 "<0.1" of Cd, 29 "<0.01" of Hg, 6 "N.S." rows
    assert samples.censored.sum()[["Cd", "Hg"]].tolist() == [82, 29]
    assert samples.concentrations["As"].isna().sum() == 6
    assert samples.detection_limits["Hg"].dropna().unique().tolist() == [0.01]
    assert not samples.warnings
    jura = read_csv_points(reference / "jura" / "jura.pred.csv")
    assert jura.x_field == "long"
    assert read_samples(jura.table, jura.x, jura.y, jura.crs, "soil").concentrations.shape == (259, 7)
    water = read_csv_points(reference / "north_sea" / "water_sites.csv")
    samples = read_samples(water.table, water.x, water.y, water.crs, "water")
    assert samples.unit == "ug/L"
    assert samples.concentrations.notna().sum()["Hg"] == 570


def test_a_million_rows_in_seconds():
    import time

    count = 1_000_000
    values = np.random.default_rng(1).lognormal(size=count)
    table = pd.DataFrame({"Cd": np.where(values < 0.2, "<0.2", values.astype("U12")).astype(object), "Zn": values * 50})
    start = time.perf_counter()
    samples = read_samples(table, np.linspace(118, 122, count), np.linspace(36, 41, count), "EPSG:4326", "soil")
    assert time.perf_counter() - start < 10
    assert samples.nondetect_shares()["Cd"] == pytest.approx((values < 0.2).mean())


def test_texts_of_concentrations_become_numbers_and_other_texts_stay():
    table = pd.DataFrame({"Hg": ["<0.02", "0.1", None], "Cd": [1.0, 2.0, 3.0], "name": ["a", "b", "c"]})
    read = with_measured_texts(table)
    assert read["Hg"].tolist()[:2] == [0.01, 0.1] and np.isnan(read["Hg"][2])
    assert read["Cd"].equals(table["Cd"]) and read["name"].equals(table["name"])
    assert with_measured_texts(table, "zero")["Hg"][0] == 0.0


def test_the_log_tells_how_many_lie_below_detection():
    told = []
    table = pd.DataFrame({"Cd": ["<0.1", 0.3, "<0.1"], "Pb": [10.0, 12.0, 11.0]})
    read_samples(
        table, [121.0, 121.1, 121.2], [39.0, 39.1, 39.2], "EPSG:4326", "soil", monitor=Monitor(on_info=told.append)
    )
    assert "Below detection, of 3: Cd 2. Half the limit stands in for them." in told
