"""Publication tables: the same numbers in every format, texts escaped, nothing half-written."""

import sys

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.report.document import Listing
from coastal_hm_plugin.report.tables import to_latex, write_tables

TABLE = pd.DataFrame(
    {
        "Metal & site": ["Cd_soil", "50 % of {Pb}", "=1+1", None],
        "Kd (L/kg)": [12345.678, 1.5e-7, -0.12345, np.nan],
        "n": [103, 4, 1, 0],
        "differ": [True, False, True, False],
    }
)
LISTING = Listing("Kd < 1 µg & more", TABLE)


def test_three_formats_hold_the_same_table(tmp_path):
    written, warnings = write_tables(tmp_path / "new", {"kd": LISTING})
    assert sorted(path.name for path in written) == ["kd.csv", "kd.tex", "kd.xlsx"] and not warnings
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["kd.csv", "kd.tex", "kd.xlsx"]
    for read, file in ((pd.read_csv, "kd.csv"), (pd.read_excel, "kd.xlsx")):
        found = read(tmp_path / "new" / file)
        np.testing.assert_allclose(found["Kd (L/kg)"], TABLE["Kd (L/kg)"], rtol=1e-12)
        assert found["Metal & site"].tolist()[:3] == TABLE["Metal & site"].tolist()[:3]


def test_a_text_stays_text_in_a_spreadsheet(tmp_path):
    import openpyxl

    write_tables(tmp_path, {"kd": LISTING})
    sheet = openpyxl.load_workbook(tmp_path / "kd.xlsx").active
    assert sheet["A4"].data_type == "s" and sheet["A4"].value == "=1+1"
    assert sheet["A1"].font.bold


def test_latex_is_escaped_and_rounded():
    text = to_latex(LISTING, "tab:kd")
    for part in (r"Metal \& site", r"Cd\_soil", r"50 \% of \{Pb\}", r"$12{,}346$", r"$1.5 \times 10^{-7}$", "$-0.123$",
                 r"\toprule", r"\caption{Kd \textless{} 1 $\mu$g \& more}", r"\label{tab:kd}", "& yes"):  # fmt: skip
        assert part in text, part
    assert "nan" not in text.lower()


def test_without_openpyxl_the_others_are_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    written, warnings = write_tables(tmp_path, {"kd": LISTING})
    assert sorted(path.suffix for path in written) == [".csv", ".tex"]
    assert "install openpyxl" in warnings[0]


def test_a_stem_that_is_a_path_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot name a table's files"):
        write_tables(tmp_path, {"../kd": LISTING})
