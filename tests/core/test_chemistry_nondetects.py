"""Values as laboratories write them."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coastal_hm_plugin.core.chemistry import Loss, read_measured, read_numbers
from coastal_hm_plugin.core.errors import InputError

NAN = np.nan


def reasons(measured):
    return " | ".join(str(loss) for loss in measured.losses)


@pytest.mark.parametrize(
    ("text", "value", "limit"),
    [
        ("<0.1", 0.05, 0.1), ("< 0.1", 0.05, 0.1), ("<0,1", 0.05, 0.1), ("＜0.1", 0.05, 0.1), ("≤0.1", 0.05, 0.1),
        ("<.1", 0.05, 0.1), ("0.1 U", 0.05, 0.1), ("<-0.1", 0.05, 0.1), ("<1e-1", 0.05, 0.1),
    ],
)  # fmt: skip
def test_a_text_below_a_limit(text, value, limit):
    measured = read_measured([text, "2.5"], "Cd")
    assert measured.values == pytest.approx([value, 2.5])
    assert measured.limits[0] == pytest.approx(limit)
    assert measured.censored.tolist() == [True, False]
    assert measured.nondetect_share == 0.5


@pytest.mark.parametrize(("way", "value"), [("half", 0.1), ("sqrt2", 0.2 / 2**0.5), ("zero", 0.0), ("drop", NAN)])
def test_what_stands_for_a_nondetect(way, value):
    measured = read_measured(["<0.2", 1.0], "Cd", nondetects=way)
    np.testing.assert_allclose(measured.values, [value, 1.0])
    assert measured.censored[0]
    assert measured.limits[0] == 0.2


@pytest.mark.parametrize(
    "text", ["nd", "N.D.", "n.d", "BDL", "bdl", "ND", "<LOD", "< DL", "not detected", "未检出", "tr"]
)
def test_not_detected_without_a_limit_takes_the_highest_known_or_the_smallest_detected(text):
    assert read_measured([text, "<0.1", "<0.3", "5"], "Cd").limits[0] == 0.3
    measured = read_measured([text, "4", "5"], "Cd")
    assert measured.values[0] == 2.0
    assert "taken as below 4, its smallest detected value" in reasons(measured)
    assert read_measured([text, "4", "5"], "Cd", limit=0.6).values[0] == 0.3


@pytest.mark.parametrize("text", ["", " ", "-", "NA", "n/a", "N.S.", "NULL", None, NAN, "—", "nan"])
def test_an_empty_cell_is_missing_and_counted(text):
    measured = read_measured([text, "4"], "Cd")
    assert np.isnan(measured.values[0])
    assert not measured.censored[0]
    assert reasons(measured) == "Cd: 1 empty (row 1)"


def test_decimal_commas_and_thousands():
    assert read_measured(["0,05", "1,25"], "Cd").values == pytest.approx([0.05, 1.25])
    assert read_measured(["1,234.5", "2,000", "3.5"], "Zn").values == pytest.approx([1234.5, 2000, 3.5])
    assert read_measured(["1.234,5", "2,5"], "Zn").values == pytest.approx([1234.5, 2.5])
    assert read_measured(["1.2e-3", "3E2"], "Zn").values == pytest.approx([0.0012, 300])


def test_a_comma_that_can_be_read_both_ways_is_refused():
    with pytest.raises(InputError, match=r"Column 'Zn' writes numbers such as '1,234' \(rows 2\)"):
        read_measured(["12", "1,234"], "Zn")


def test_text_is_missing_and_named_but_a_column_of_text_is_refused():
    measured = read_measured(["1", "high", "3"], "Cd")
    assert np.isnan(measured.values[1])
    assert "Cd: 1 not a number, such as 'high', taken as missing (row 2)" in reasons(measured)
    with pytest.raises(InputError, match="Column 'Cd' holds text, such as 'high', and no number"):
        read_measured(["high", "low", None], "Cd")


@pytest.mark.parametrize("column", [pd.Series([True, False]), pd.Series(pd.to_datetime(["2020-01-01"]))])
def test_dates_and_truth_values_are_no_measurements(column):
    with pytest.raises(InputError, match="not measurements"):
        read_measured(column, "Cd")


def test_infinite_and_missing_codes():
    measured = read_measured([np.inf, -9999.0, -99.0, 2.0, 3.0], "Cd")
    assert np.isnan(measured.values[:3]).all()
    assert not measured.censored.any()
    assert "infinite" in reasons(measured)
    assert "code for missing values" in reasons(measured)


def test_negative_codes_are_nondetects_if_they_can_be_limits():
    measured = read_measured([-0.1, 0.3, 0.4], "Cd")
    assert measured.values == pytest.approx([0.05, 0.3, 0.4])
    assert "negative, read as coded non-detects (row 1)" in reasons(measured)
    with pytest.raises(InputError, match=r"'Cd' has negative values, such as -5 \(rows 2\), and too large"):
        read_measured([0.3, -5.0, 0.4], "Cd")


def test_a_blank_subtracted_below_zero_is_no_detection_limit():
    measured = read_measured([-1.9e-5, 0.0085, 0.04], "Cd")
    assert measured.limits[0] == 0.0085
    assert measured.censored[0]


@pytest.mark.parametrize(("way", "value", "censored"), [("nondetect", 2.5, True), ("missing", NAN, False)])
def test_negative_values_as_the_user_says(way, value, censored):
    measured = read_measured([0.3, -5.0, 0.4], "Cd", negative=way)
    np.testing.assert_allclose(measured.values[1], value)
    assert measured.censored[1] == censored


def test_negative_values_can_be_an_error():
    with pytest.raises(InputError, match=r"'Cd' has negative values, such as -0.1"):
        read_measured([0.3, -0.1], "Cd", negative="error")


def test_values_at_or_below_a_given_limit_are_nondetects():
    measured = read_measured([0.05, 0.1, 0.2, NAN], "Cd", limit=0.1)
    assert measured.censored.tolist() == [True, True, False, False]
    assert measured.values[:3] == pytest.approx([0.05, 0.05, 0.2])
    by_row = read_measured([0.05, 0.1, 0.2], "Cd", limit=np.array([0.01, 0.2, NAN]))
    assert by_row.censored.tolist() == [False, True, False]


def test_a_laboratory_flag_marks_a_nondetect():
    measured = read_measured([0.1, 0.1, 0.2], "Cd", flags=["<", None, "ok"])
    assert measured.censored.tolist() == [True, False, False]
    assert measured.values == pytest.approx([0.05, 0.1, 0.2])


def test_zero_is_a_nondetect():
    measured = read_measured([0.0, 0.4, 0.8], "Cd")
    assert measured.values == pytest.approx([0.2, 0.4, 0.8])
    assert "zero, taken as non-detects" in reasons(measured)


def test_nothing_detected_and_no_limit_leaves_nothing():
    measured = read_measured(["nd", "nd"], "Cd")
    assert np.isnan(measured.values).all()
    assert measured.nondetect_share == 1
    assert "nothing was detected and no detection limit is known" in reasons(measured)


def test_above_the_measuring_range_is_kept_at_the_bound_and_said():
    measured = read_measured([">100", "20"], "Zn")
    assert measured.values.tolist() == [100, 20]
    assert "above the measuring range" in reasons(measured)
    assert measured.losses[0].doubtful


@pytest.mark.parametrize(("name", "options"), [("non-detects", {"nondetects": "x"}), ("negative", {"negative": "x"})])
def test_an_unknown_way_is_refused(name, options):
    with pytest.raises(InputError, match=name):
        read_measured([1.0], "Cd", **options)


def test_plain_numbers():
    values, losses = read_numbers(["7.1", "8,2", "<2", "x", None, "-9999", "-2,5"], "pH")
    np.testing.assert_allclose(values, [7.1, 8.2, NAN, NAN, NAN, NAN, -2.5])
    assert sum(loss.count for loss in losses) == 4


def test_a_loss_names_its_rows_as_a_reader_counts_them():
    assert str(Loss("Cd", "empty", np.arange(7))) == "Cd: 7 empty (rows 1, 2, 3, 4, 5 and 2 more)"


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30))
def test_numbers_and_their_texts_read_alike(numbers):
    plain = read_measured(np.array(numbers), "Cd")
    texts = read_measured([repr(number) for number in numbers], "Cd")
    np.testing.assert_allclose(texts.values, plain.values, rtol=1e-12)
    np.testing.assert_array_equal(plain.values, numbers)
    assert not plain.losses


@given(
    st.lists(
        st.one_of(st.none(), st.floats(0.2, 9).map(str), st.sampled_from(["<0.1", "nd", "x", "-9999", ">9"])),
        min_size=1,
        max_size=30,
    ).filter(lambda cells: any(cell and cell[0].isdigit() for cell in cells))
)
def test_every_cell_is_a_number_a_nondetect_or_a_counted_loss(cells):
    measured = read_measured(cells, "Cd")
    lost = {row for loss in measured.losses for row in loss.rows if "measuring range" not in loss.reason}
    for row, cell in enumerate(cells):
        kept = not np.isnan(measured.values[row])
        assert kept or row in lost
        assert measured.censored[row] == (cell in ("<0.1", "nd"))
