"""The choice of the number of factors through qgis_process."""

import pandas as pd

from tests.core.pmf_cases import planted


def test_the_planted_number_on_the_command_line(qgis_process, tmp_path):
    planted(samples=60)[0].to_csv(tmp_path / "lab.csv", index=False)
    given = {
        "MAX": 4,
        "STARTS": 5,
        "BOOTSTRAPS": 10,
        "SIMULATIONS": 10,
        "ERROR_FRACTION": 0.05,
        "LOWER_CONTRIBUTION": 1,
    }
    output, report = tmp_path / "number.csv", tmp_path / "number.html"
    done = qgis_process.run("pmffactornumber", INPUT=tmp_path / "lab.csv", OUTPUT=output, REPORT=report, **given)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "3 factors are enough" in done.stdout
    table = pd.read_csv(output)
    assert table["factors"].tolist() == [2, 3, 4]
    assert table.loc[table["recommended"].astype(str).str.lower().isin(["true", "1"]), "factors"].tolist() == [3]
    assert "Recommended is the smallest number that is enough" in report.read_text(encoding="utf-8")


def test_an_impossible_range_ends_with_exit_code_1_and_no_file(qgis_process, tmp_path):
    planted(samples=30)[0].to_csv(tmp_path / "lab.csv", index=False)
    output = tmp_path / "number.csv"
    done = qgis_process.run("pmffactornumber", INPUT=tmp_path / "lab.csv", MAX=9, OUTPUT=output)
    assert done.returncode == 1 and "9 factors from 8 species" in done.stderr + done.stdout
    assert not output.exists()
