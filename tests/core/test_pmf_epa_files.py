"""EPA PMF 5.0's files: read what it writes, write what it reads, and say where a file is wrong."""

import datetime
import sys

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import pmf
from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.pmf import epa_files
from coastal_hm_plugin.core.pmf.epa_files import grid
from coastal_hm_plugin.core.pmf.error_estimation import bs_disp

from .pmf_cases import planted, prepared

NAMES = [f"S{k:03d}" for k in range(1, 61)]
BOTH = pytest.mark.parametrize("excel", [True, False], ids=["workbook", "text"])


@pytest.fixture(scope="module")
def fitted():
    """A factorization with a total variable, its bootstrap and its displacement."""
    table, _, _ = planted(60)
    table = table.assign(PM=table.sum(axis=1))
    rules = pmf.UncertaintyRules(error_fraction=0.05, strong=tuple(table)[:-1], weak=("PM",), total="PM")
    table.iloc[7] = np.nan
    data = pmf.prepare(table, dict(0.01 * table.mean()), rules=rules)
    result = pmf.factorize(data, pmf.PmfOptions(factors=3, starts=4))
    resampled = pmf.bootstrap(data, result, pmf.BootstrapOptions(runs=12))
    return data, result, resampled, pmf.displace(data, result)


@pytest.fixture(scope="module", params=[True, False], ids=["workbook", "text"])
def written(request, fitted, tmp_path_factory):
    """Name without stem -> path of everything written, as workbooks or as text."""
    folder = tmp_path_factory.mktemp("epa")
    _, result, resampled, displaced = fitted
    both = {"names": NAMES, "excel": request.param}
    paths = epa_files.write_epa_outputs(folder, "coast", result, resampled, displaced, **both)
    return {path.name.removeprefix("coast_").rsplit(".", 1)[0]: path for path in paths}


def by_name(written, workbook, text):
    return written[workbook] if workbook in written else written[text]


# what goes in


def inputs(folder, concentrations, uncertainties, ending="csv"):
    paths = folder / f"conc.{ending}", folder / f"unc.{ending}"
    for path, text in zip(paths, (concentrations, uncertainties)):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("separator", [",", "\t", ";"])
@pytest.mark.parametrize(
    ("ids", "head"),
    [
        (("S1", "S2", "S3"), ("Sample",)),
        (("6/1/2005 6:00", "6/2/2005 3:00", "6/2/2005 6:00"), ("Date",)),
        ((("S1", "1/2/20"), ("S2", "1/3/20"), ("S3", "1/4/20")), ("ID", "Date_Time")),
        (((), (), ()), ()),
    ],
)
def test_the_four_ways_to_name_samples_in_any_separator(tmp_path, separator, ids, head):
    rows = [[*head, "Cd", "NO", "OC*"]]
    for one, values in zip(ids, ([0.1, 5, -999], [0.2, -999, 3.5], [0.3, 7, 4])):
        rows.append([*((one,) if isinstance(one, str) else one), *map(str, values)])
    text = "\n".join(separator.join(row) for row in rows)
    given = epa_files.read_epa_inputs(*inputs(tmp_path, text, text, "txt"))
    assert list(given.concentrations) == ["Cd", "NO", "OC*"]
    expected = [[0.1, 5, np.nan], [0.2, np.nan, 3.5], [0.3, 7, 4]]
    np.testing.assert_array_equal(given.concentrations, expected)
    np.testing.assert_array_equal(given.uncertainties, expected)
    assert given.ids.shape == (3, len(head)) and list(given.ids) == list(head)


def test_units_in_a_second_row(tmp_path):
    text = "Sample,Cd,Pb\n,mg/kg,mg/kg\nA,1,2\nB,3,4\n"
    given = epa_files.read_epa_inputs(*inputs(tmp_path, text, text))
    assert given.units == {"Cd": "mg/kg", "Pb": "mg/kg"}
    np.testing.assert_array_equal(given.concentrations, [[1, 2], [3, 4]])
    assert list(given.ids["Sample"]) == ["A", "B"]


@pytest.mark.parametrize("fractions", ["10,20", "0.1,0.2"])
def test_an_equation_based_uncertainty_file(tmp_path, fractions):
    paths = inputs(tmp_path, "Sample,Cd,Pb\nA,1,2\nB,3,4\nC,5,6\n", f"Cd,Pb\n0.05,0.5\n{fractions}\n")
    given = epa_files.read_epa_inputs(*paths)
    assert given.uncertainties is None
    assert given.detection_limits == {"Cd": 0.05, "Pb": 0.5}
    assert given.error_fractions == pytest.approx({"Cd": 0.1, "Pb": 0.2})
    rules = pmf.UncertaintyRules(error_fraction=given.error_fractions)
    u = pmf.prepare(given.concentrations, given.detection_limits, rules=rules).u
    assert u[0, 0] == pytest.approx(np.hypot(0.1, 0.025))


@pytest.mark.parametrize(
    ("concentrations", "uncertainties", "message"),
    [
        ("Sample,Cd\nA,1\nB,1,5\n", "Sample,Cd\nA,1\nB,1\n", r"conc.csv, line 3: expected 1 values, found '2 values'"),
        ("S,Cd\nA,1\nB,<0.1\n", "S,Cd\nA,1\nB,1\n", r"conc.csv, line 3: expected a number for Cd .*found '<0.1'"),
        ("S,Cd,Cd\nA,1,2\n", "S,Cd,Cd\nA,1,2\n", "conc.csv: species named twice: Cd"),
        ("Site,Cd,\nA,1,2\n", "Site,Cd,\nA,1,2\n", "expected 1 values, found '2 values'"),
        ("Site,,Cd\nA,1,2\n", "Site,,Cd\nA,1,2\n", None),
        ("Sample,Cd\n", "Sample,Cd\n", "conc.csv has no samples"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Pb\nA,1\nB,1\nC,1\n", "differ in species: unc.csv lacks Cd and has Pb"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Cd\nA,1\nX,1\nC,1\n", "differ in sample 2: 'B' and 'X'"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Cd\nA,1\nB,1\nC,1\nD,1\n", "conc.csv has 3 samples, unc.csv 4"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Cd\nA,1\nB,0\nC,1\n", "unc.csv: Cd has no uncertainty above 0 in samples 2"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Cd\nA,1\nB,-999\nC,1\n", "unc.csv: Cd has no uncertainty above 0 in samples 2"),
        ("S,Cd\nA,1\nB,1\nC,1\n", "S,Cd\nA,0\nB,10\n", "unc.csv: no detection limit above 0 for Cd"),
    ],
)
def test_wrong_inputs_are_named(tmp_path, concentrations, uncertainties, message):
    paths = inputs(tmp_path, concentrations, uncertainties)
    if message is None:
        assert list(epa_files.read_epa_inputs(*paths).concentrations) == ["Cd"]  # an unnamed second column is an id
        return
    with pytest.raises(InputError, match=message):
        epa_files.read_epa_inputs(*paths)


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"There is no file .*nowhere.csv"):
        epa_files.read_epa_inputs(tmp_path / "nowhere.csv")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(InputError, match=r"old\.xls is a workbook of the old kind"):
        epa_files.read_epa_inputs(tmp_path / "old.xls")
    (tmp_path / "torn.xlsx").write_bytes(b"PK torn")
    with pytest.raises(InputError, match=r"torn\.xlsx is not a workbook that can be read"):
        epa_files.read_epa_run(tmp_path / "torn.xlsx")


def test_without_openpyxl_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r"site_base.xlsx: .*pip install openpyxl.*or use EPA PMF 5.0's text files"):
        epa_files.read_epa_run(tmp_path / "site_base.xlsx")


@BOTH
def test_inputs_round_trip(tmp_path, excel):
    rng = np.random.default_rng(0)
    concentrations = pd.DataFrame(rng.lognormal(size=(5, 3)), columns=["Cd", "=1+1", "a, b"])
    concentrations.iloc[2, 1] = np.nan
    ids = [datetime.datetime(2020, 5, day) for day in range(1, 6)]
    paths = epa_files.write_epa_inputs(tmp_path, "x", concentrations, 0.1 * concentrations, ids, excel)
    assert [path.name.rsplit(".")[0] for path in paths] == ["x_conc", "x_unc"]
    given = epa_files.read_epa_inputs(*paths)
    pd.testing.assert_frame_equal(given.concentrations, concentrations, rtol=1e-9)
    pd.testing.assert_frame_equal(given.uncertainties, 0.1 * concentrations, rtol=1e-9)
    assert given.ids.iloc[0, 0] == (ids[0] if excel else "05/01/20 00:00")
    assert not list(tmp_path.glob("*.part"))


def test_writing_inputs_that_do_not_match_is_refused(tmp_path):
    table = pd.DataFrame({"Cd": [1.0, 2.0]})
    with pytest.raises(InputError, match="2 x 1 concentrations, but 1 x 1 uncertainties"):
        epa_files.write_epa_inputs(tmp_path, "x", table, table[:1])
    with pytest.raises(InputError, match="1 sample ids for 2 samples"):
        epa_files.write_epa_inputs(tmp_path, "x", table, table, ["A"])


# what comes out


def test_the_written_inputs_give_the_same_model(fitted, written):
    data, *_ = fitted
    given = epa_files.read_epa_inputs(written["conc"], written["unc"])
    assert list(given.ids.iloc[:, 0]) == [name for name in NAMES if name != "S008"]
    strong = tuple(name for name in data.species if name != "PM")
    rules = pmf.UncertaintyRules(strong=strong, weak=("PM",), total="PM")
    again = pmf.prepare(given.concentrations, None, given.uncertainties, rules)
    np.testing.assert_allclose(again.fitted_x, data.fitted_x, rtol=1e-8)
    np.testing.assert_allclose(again.fitted_u, data.fitted_u, rtol=1e-8)


def test_a_run_round_trips(fitted, written):
    _, result, *_ = fitted
    run = epa_files.read_epa_run(by_name(written, "base", "contributions"))
    assert (run.model, run.run, run.total) == ("base", result.runs.chosen + 1, "PM")
    assert list(run.profiles) == ["Factor 1", "Factor 2", "Factor 3"]
    profiles = result.profiles().pivot_table(index="species", columns="factor", sort=False)
    for table, column in ((run.profiles, "concentration"), (run.percent_of_species, "percent_of_species")):
        np.testing.assert_allclose(table, profiles[column].loc[table.index], rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(run.percent_of_total.loc["Cu"], 100 * result.f[:, 3] / result.f[:, -1], rtol=1e-6)
    assert run.percent_of_total.loc["PM"].isna().all()
    np.testing.assert_allclose(run.contributions, result.contributions(), rtol=1e-6)
    assert list(run.contributions.index) == NAMES and run.contributions.loc["S008"].isna().all()
    np.testing.assert_allclose(run.contributions_of_total, result.contributions() * result.f[:, -1], rtol=1e-6)
    np.testing.assert_allclose(run.scaled_residuals.drop("S008"), result.residuals, rtol=1e-5, atol=1e-12)
    observed = run.residuals.drop("S008") + result.predicted
    np.testing.assert_allclose(observed, result.data.fitted_x, rtol=1e-5)  # seven digits of the residuals


def test_a_run_taken_up_again_is_the_result(fitted, written):
    data, result, *_ = fitted
    again = epa_files.result_of_run(data, epa_files.read_epa_run(by_name(written, "base", "profiles")))
    assert again.q_true == pytest.approx(result.q_true, rel=1e-5)
    assert again.q_expected == result.q_expected
    np.testing.assert_allclose(again.f, result.f, rtol=1e-6, atol=1e-12)
    assert "not one found here" in again.warnings[-1]
    assert pmf.bootstrap(data, again, pmf.BootstrapOptions(runs=3)).stable.all()


def test_a_run_of_other_data_is_refused(fitted):
    run = epa_files.run_of_result(fitted[1])
    other, _, _ = planted(60)
    with pytest.raises(InputError, match=r"differ in species\. Only in the data: none; only in the run: PM"):
        epa_files.result_of_run(prepared(other), run)
    whole = prepared(other.assign(PM=1.0))
    with pytest.raises(InputError, match="left out other samples than the data"):
        epa_files.result_of_run(whole, run)
    short = prepared(other[:40].assign(PM=1.0))
    with pytest.raises(InputError, match="has 59 samples, the data 40"):
        epa_files.result_of_run(short, run)


def test_error_estimates_round_trip(fitted, written):
    _, result, resampled, displaced = fitted
    found = epa_files.read_epa_error_summary(written["BaseErrorEstimationSummary"])
    ours = pmf.join_intervals(resampled, displaced)
    close = {"rtol": 1e-6, "atol": 1e-12}
    for name in ("concentration", "bs_p5", "bs_p50", "bs_p75", "disp_low", "disp_high", "disp_percent_high"):
        np.testing.assert_allclose(found.intervals[name], ours[name], **close)
    np.testing.assert_allclose(found.intervals["bs_percent_p75"], ours["bs_percent_p75"], **close)
    np.testing.assert_allclose(found.intervals["disp_average"], (ours["disp_low"] + ours["disp_high"]) / 2, **close)
    assert found.intervals["bs_disp_p5"].isna().all()
    assert list(found.displaced) == list(result.data.species[:-1])
    assert found.displacement["Error Code"] == 0 and found.displacement["Swaps by Factor"] == [0, 0, 0]
    np.testing.assert_array_equal(found.mapping, resampled.mapping)
    assert list(found.mapping)[-1] == "Unmapped" and not found.bs_displacement


@BOTH
def test_bootstrap_displacement_round_trips(fitted, tmp_path, excel):
    data, result, *_ = fitted
    found = bs_disp.bootstrap_displace(data, result, pmf.BootstrapOptions(runs=4, random_restarts=0), ("Cd", "Hg"))
    path = epa_files.write_epa_error_summary(tmp_path, "x", bs_displacement=found, excel=excel)
    read = epa_files.read_epa_error_summary(path)
    assert read.displacement == {} and read.mapping is None
    assert read.bs_displacement["# of Cases Accepted"] == found.accepted[0].sum()
    assert read.bs_displacement["# of Swaps in Best Fit"] == found.remapped.sum()
    assert read.bs_displacement["Swaps by Factor"] == found.swaps[0].tolist()
    close = {"rtol": 1e-6, "atol": 1e-12}
    np.testing.assert_allclose(read.intervals["bs_disp_p5"], found.low[0].ravel(), **close)
    np.testing.assert_allclose(read.intervals["bs_disp_percent_p95"], found.percent_high[0].ravel(), **close)
    assert read.intervals["bs_disp_average"].isna().all() and read.intervals["disp_low"].isna().all()


def test_pmf5s_doubled_95th_percentile_is_not_taken_for_the_75th(fitted, tmp_path):
    path = epa_files.write_epa_error_summary(tmp_path, "x", fitted[2], fitted[3], excel=False)
    lines = path.read_text().splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("Percent of Species Sum"))
    for number in range(start, len(lines)):
        cells = lines[number].split(",")
        if len(cells) > 6 and cells[0] != "Species":
            cells[5] = cells[6]
            lines[number] = ",".join(cells)
    doubled = path.with_name("doubled.csv")
    doubled.write_text("\n".join(lines))
    intervals = epa_files.read_epa_error_summary(doubled).intervals
    assert intervals["bs_percent_p75"].isna().all() and intervals["bs_percent_p95"].notna().all()


def test_displacement_round_trips_within_its_digits(fitted, written):
    _, _, _, displaced = fitted
    for number, level in enumerate(displaced.levels):
        found = epa_files.read_epa_displacement(written[f"DISPres{number + 1}"])
        assert (found.level, found.error_code, found.largest_decrease) == (level, 0, 0)
        np.testing.assert_array_equal(found.swaps, displaced.swaps)
        np.testing.assert_allclose(found.low, displaced.low[number], rtol=1e-4)
        np.testing.assert_allclose(found.high, displaced.high[number], rtol=1e-4)
        np.testing.assert_allclose(found.percent_low, displaced.percent_low[number], atol=6e-4)
        np.testing.assert_allclose(found.percent_high, displaced.percent_high[number], atol=6e-4)


def test_diagnostics_round_trip(fitted, written):
    _, result, resampled, _ = fitted
    found = epa_files.read_epa_diagnostics(written["diagnostics"])
    exact = written["diagnostics"].suffix == ".xlsx"
    table = result.species_table()
    assert int(found.facts["Number of base runs"]) == 4 and int(found.facts["Number of factors"]) == 3
    assert list(found.species["category"]) == list(result.data.category)
    np.testing.assert_allclose(found.species["signal_to_noise"], table["signal_to_noise"], atol=0 if exact else 0.05)
    np.testing.assert_allclose(found.species["percent_modelled"], 100 * 59 / 60, atol=0.005)
    np.testing.assert_allclose(found.runs["q_robust"], result.runs.q_robust, rtol=1e-6)
    assert found.runs["converged"].all() and list(found.runs["run"]) == [1, 2, 3, 4]
    np.testing.assert_allclose(found.fits["r2"], table["r2"], atol=1e-12 if exact else 0.005)
    np.testing.assert_allclose(found.bootstraps["q_true"], resampled.q_true, rtol=1e-6)


@BOTH
def test_bootstrap_runs_round_trip(fitted, tmp_path, excel):
    _, result, resampled, _ = fitted
    rng = np.random.default_rng(1)
    profiles = rng.random((12, *result.f.shape))
    mapping = pd.DataFrame(resampled.mapping, ["Boot Factor 1", "Boot Factor 2", "Boot Factor 3"], [*"ABC", "Unmapped"])
    path = epa_files.write_epa_bootstrap(tmp_path, "x", epa_files.EpaBootstrap(mapping, result.f, profiles), excel)
    found = epa_files.read_epa_bootstrap(path)
    np.testing.assert_allclose(found.profiles, profiles, rtol=1e-6)
    np.testing.assert_allclose(found.base, result.f, rtol=1e-6)
    pd.testing.assert_frame_equal(found.mapping, mapping, check_dtype=False)
    with pytest.raises(InputError, match="needs 6 or more runs, here are 5"):
        epa_files.write_epa_bootstrap(tmp_path, "x", epa_files.EpaBootstrap(mapping, result.f, profiles[:5]))


@BOTH
def test_a_bootstrap_that_keeps_its_profiles_is_written_run_by_run(fitted, tmp_path, excel):
    _, result, resampled, _ = fitted

    class Kept(pmf.Bootstrap):
        profiles = np.random.default_rng(2).random((12, *result.f.shape))

    paths = epa_files.write_epa_outputs(tmp_path, "x", result, Kept(**vars(resampled)), excel=excel)
    (path,) = [path for path in paths if path.stem.endswith("boot")]
    found = epa_files.read_epa_bootstrap(path)
    assert list(found.mapping) == ["Base Factor 1", "Base Factor 2", "Base Factor 3", "Unmapped"]
    np.testing.assert_array_equal(found.mapping, resampled.mapping)
    assert found.profiles.shape == (12, 3, 9)


# layouts line by line

RUN_TEXT = [
    "",
    "Factor Profiles (conc. of species) from Base Run #2 (Convergent Run)",
    "",
    ",,Factor 1,Factor 2",
    "2,mass,8.048900E+000,4.260400E-002",
    "2,Na,2.312900E-001,0.000000E+000",
    "",
    "Factor Profiles (% of species sum) from Base Run #2 (Convergent Run)",
    "",
    ",,Factor 1,Factor 2",
    "2,mass,9.947347E+001,5.265285E-001",
    "2,Na,1.000000E+002,0.000000E+000",
    "",
    "Factor Profiles (% of total variable) from Base Run #2 (Convergent Run)",
    "",
    ",,Factor 1,Factor 2",
    "2,mass,*,*",
    "2,Na,2.873560E+000,0.000000E+000",
    "",
]
CONTRIBUTION_TEXT = [
    "",
    "Factor Contributions (avg = 1) from Base Run #2 (Convergent Run)",
    "",
    ",,Factor 1,Factor 2",
    "2,11/14/06 02:25,8.727700E-001,-7.831100E-001",
    "2,11/16/06 03:20,-9.990000E+002,-9.990000E+002",
    "",
    "Factor Contributions (conc. units) from Base Run #2 (Convergent Run)",
    "(Total Variable = mass)",
    "",
    ",,,,Factor 1,Factor 2",
    "2,11/14/06 02:25,7.024838E+000,-3.336362E-002",
    "2,11/16/06 03:20,-9.990000E+002,-9.990000E+002",
    "",
]


def test_text_is_written_line_by_line_as_pmf5_writes_it(tmp_path):
    for name, lines in (("profiles", RUN_TEXT), ("contributions", CONTRIBUTION_TEXT)):
        (tmp_path / f"site_{name}.csv").write_bytes("\r\n".join(lines).encode())
    run = epa_files.read_epa_run(tmp_path / "site_contributions.csv")
    assert run.total == "mass" and run.run == 2 and run.residuals is None
    assert run.contributions.iloc[1].isna().all()
    for path in epa_files.write_epa_run(tmp_path, "again", run, excel=False):
        lines = RUN_TEXT if path.name == "again_profiles.csv" else CONTRIBUTION_TEXT
        assert path.read_bytes().decode().split("\r\n") == lines


def test_several_runs_in_a_file_are_told_apart(tmp_path):
    path = tmp_path / "site_profiles.csv"
    path.write_text(
        "\n".join([*RUN_TEXT[:6], *(line.replace("#2", "#5").replace("2,", "5,", 1) for line in RUN_TEXT[:6])])
    )
    with pytest.raises(InputError, match="holds the runs 2, 5: say which"):
        epa_files.read_epa_run(path)
    assert epa_files.read_epa_run(path, run=5).run == 5
    with pytest.raises(InputError, match="has no run 3, only 2, 5"):
        epa_files.read_epa_run(path, run=3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("8.048900E+000", "eight", r"site_profiles.csv, line 5: expected a number, found 'eight'"),
        ("2,Na,2.312900E-001,0.000000E+000", "2,Na,2.312900E-001", "line 6: expected 2 values, found '1 values'"),
        ("Factor Profiles", "Profiles of factors", "holds no 'Factor Profiles"),
    ],
)
def test_a_wrong_run_is_named(tmp_path, old, new, message):
    path = tmp_path / "site_profiles.csv"
    path.write_text("\n".join(RUN_TEXT[:6]).replace(old, new))
    with pytest.raises(InputError, match=message):
        epa_files.read_epa_run(path)


def displacement_lines(factors=2, species=3):
    blocks = [["   0.10000E+01" * factors] * (species + 1)] * 2 + [["   0.50000" * factors] * (species + 1)] * 2
    tables = [line for block in blocks for line in ["", *block]]
    return ["", "       0       0.000", *["    0" * factors] * 4, "", *tables]


@pytest.mark.parametrize(
    ("line", "text", "message"),
    [
        (1, "       0", r"DISPres1.txt, line 2: expected 2 numbers, found 1"),
        (9, "   0.10000E+01      oops", r"line 10: expected 2 numbers, found '0.10000E\+01 +oops'"),
        (9, "", "expected 4 tables below the swaps, found 5"),
        (5, "", "line 2: expected 5 lines"),
    ],
)
def test_a_wrong_displacement_is_named(tmp_path, line, text, message):
    path = tmp_path / "x_DISPres1.txt"
    lines = displacement_lines()
    path.write_text("\n".join(lines))
    assert epa_files.read_epa_displacement(path).low.shape == (2, 3)
    lines[line] = text
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match=message):
        epa_files.read_epa_displacement(path)


def test_a_displacement_that_lowered_q_carries_pmf5s_error_code(fitted):
    from dataclasses import replace

    _, _, _, displaced = fitted
    fell = replace(displaced, largest_decrease=0.02 * displaced.q)
    first = epa_files.of_displacement(fell)[0]
    assert first.error_code == 9 and first.largest_decrease == pytest.approx(-0.02 * displaced.q)


def test_bs_displacement_by_resample(tmp_path):
    """Laid out as me2tools (RIVM) describes the file; no file of EPA PMF 5.0's was at hand."""
    rows = ["    2   -1.500    1    0    2", *["    0    1"] * 4, ""]
    for run in (1, 4):
        for value in (1.0, 2.0, 0.25, 0.75):
            rows += ["", *[f"{run} 0 {value * run} {value}"] * 3, f"{run} 0 1.0 1.0"]
    path = tmp_path / "x_BSDISPres1.txt"
    path.write_text("\n".join(rows))
    found = epa_files.read_epa_bs_displacement(path)
    assert (found.level, found.cases, found.largest_decrease) == (0.5, 2, -1.5)
    assert (found.decreases, found.swaps_best_fit, found.swaps_displaced) == (1, 0, 2)
    assert found.runs.tolist() == [1, 4] and found.low.shape == (2, 2, 3)
    assert found.low[1, 0, 0] == 4 and found.percent_high[0, 1, 2] == 75
    path.write_text("\n".join(rows[:-5]))
    with pytest.raises(InputError, match="expected 4 tables for each resample, found 3 for resample 4"):
        epa_files.read_epa_bs_displacement(path)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.68267, "0.68267E+00"), (-0.17943e-26, "-0.17943E-26"), (0, "0.00000E+00"), (0.9999999, "0.10000E+01")],
)
def test_numbers_as_the_engine_prints_them(value, text):
    from coastal_hm_plugin.core.pmf.epa_files.displacements import _fortran

    assert _fortran(value) == f"{text:>14}"


def test_names_in_windows_letters(tmp_path):
    path = tmp_path / "site.csv"
    path.write_bytes("Sample,Zn\nBoulogne-été,1\n".encode("cp1252"))
    assert grid.read_text(path).rows[1][0] == "Boulogne-été"
