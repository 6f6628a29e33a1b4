"""MixSIAR's tables, and what is wrong with some."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core.errors import InputError
from coastal_hm_plugin.core.mixing import (
    MixingOptions,
    Sources,
    mixing_model,
    read_discrimination,
    read_mixsiar_csv,
    read_mixtures,
    read_sources,
)

MEANS = ["", "Meand13C", "SDd13C", "Meand15N", "SDd15N", "n"]
ROWS = [["A", "-20", "1", "5", "0.5", "10"], ["B", "-10", "2", "9", "0.25", "20"]]


def means(**changes):
    table = pd.DataFrame(ROWS, columns=["source", *MEANS[1:]])
    return table.assign(**changes)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf"])
def test_all_line_ends(tmp_path, end, start):
    path = tmp_path / "sources.csv"
    path.write_bytes(start + end.join(",".join(row) for row in [MEANS, *ROWS]).encode())
    sources = read_sources(read_mixsiar_csv(path))
    assert (sources.names, sources.tracers) == (("A", "B"), ("d13C", "d15N"))
    np.testing.assert_allclose(sources.mean, [[-20, 5], [-10, 9]])
    np.testing.assert_allclose(sources.sd, [[1, 0.5], [2, 0.25]])
    np.testing.assert_allclose(sources.n, [10, 20])
    assert sources.concentration is None


def test_broken_files(tmp_path):
    path = tmp_path / "sources.csv"
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(InputError, match="rows 2 do not have the 2 columns"):
        read_mixsiar_csv(path)
    path.write_text("a,b\n")
    with pytest.raises(InputError, match="no rows under its header"):
        read_mixsiar_csv(path)


def test_other_orders_of_words_and_concentrations():
    table = pd.DataFrame({"source": ["A", "B"], "pb_mean": [1.1, 1.2], "pb_sd": [0.1, 0.1], "pb_conc": [10.0, 30.0]})
    sources = read_sources(table, ("Pb",))
    np.testing.assert_allclose(sources.concentration, [[10], [30]])
    assert np.isinf(sources.n).all()


def test_samples_of_the_sources():
    rng = np.random.default_rng(3)
    values = rng.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], 200)
    table = pd.DataFrame({"type": ["A"] * 100 + ["B"] * 100, "x": values[:, 0], "y": values[:, 1]})
    sources = read_sources(table, ("x", "y"))
    np.testing.assert_allclose(sources.mean[0], values[:100].mean(axis=0))
    np.testing.assert_allclose(sources.sd[1], values[100:].std(axis=0, ddof=1))
    assert sources.correlation[0, 0, 1] == pytest.approx(np.corrcoef(values[:100].T)[0, 1])
    with pytest.raises(InputError, match="Source B needs at least 2 samples"):
        read_sources(table.iloc[:101], ("x", "y"))


def test_discrimination_by_name():
    table = pd.DataFrame({"Source": ["B", "A"], "Meand13C": [1, 2], "SDd13C": [0.1, 0.2], "Meand15N": 3, "SDd15N": 0})
    shifted = read_discrimination(table, read_sources(means()))
    np.testing.assert_allclose(shifted.centre, [[-18, 8], [-9, 12]])
    np.testing.assert_allclose(shifted.spread[:, 0], [np.hypot(1, 0.2), np.hypot(2, 0.1)])
    with pytest.raises(InputError, match="no row for the source A"):
        read_discrimination(table.iloc[:1], read_sources(means()))
    with pytest.raises(InputError, match="has no mean of d15N"):
        read_discrimination(table.drop(columns="Meand15N"), read_sources(means()))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (means().iloc[:1], "at least 2 sources"),
        (means(source=["A", "A"]), "Source A is given more than once"),
        (means(SDd13C=["1", "0"]), "Source 'B' needs an SD above 0 of d13C"),
        (means(SDd15N=["-1", "1"]), "Source 'A' needs an SD above 0 of d15N"),
        (means(Meand15N=["", "1"]), "Source 'A' has no mean of d15N"),
        (means(Meand15N=["x", "1"]), "Meand15N of the sources: rows 1 are not numbers"),
        (means(n=["1", "5"]), "Source A needs at least 2 samples"),
        (means(Concd13C=["1", "2"]), "no conc of d15N"),
        (means(Concd13C=["1", "0"], Concd15N=["1", "1"]), "Source 'B' needs a concentration above 0"),
        (means().drop(columns="SDd15N"), "The sources table has no sd of d15N"),
    ],
)
def test_bad_sources(table, message):
    with pytest.raises(InputError, match=message):
        read_sources(table)


def test_a_tracer_that_a_table_lacks():
    with pytest.raises(InputError, match="neither a mean nor a field of the tracer Pb"):
        read_sources(means(), ("Pb",))
    with pytest.raises(InputError, match="the tracers must be named"):
        read_sources(pd.DataFrame({"source": ["A"], "x": [1]}))
    with pytest.raises(InputError, match="The mixtures have no field d15N"):
        read_mixtures(pd.DataFrame({"d13C": [1.0]}), ("d13C", "d15N"))
    with pytest.raises(InputError, match="The mixtures have no tracer d15N"):
        mixing_model(pd.DataFrame({"d13C": [1.0]}), read_sources(means()))


def test_mixtures_with_gaps_are_named():
    from coastal_hm_plugin.core.monitor import Monitor

    heard = []
    table = pd.DataFrame({"d13C": ["-15", "", "-14"], "d15N": [7.0, 7.0, 8.0]})
    read = read_mixtures(table, ("d13C", "d15N"), Monitor(on_warning=heard.append))
    assert read.rows.tolist() == [0, 2] and read.values["d13C"].tolist() == [-15, -14]
    assert heard == ["1 mixtures without all tracers were left out: rows 2."]
    with pytest.raises(InputError, match="No mixture has all of"):
        read_mixtures(table.assign(d13C=None), ("d13C", "d15N"))


def test_bad_options():
    sources = Sources(("A", "B"), ("x",), np.array([[0.0], [1.0]]), np.ones((2, 1)))
    with pytest.raises(InputError, match="Dirichlet prior must be above 0"):
        MixingOptions(prior=(1.0, 0.0))
    with pytest.raises(InputError, match="The error must be one of"):
        MixingOptions(error="none")
    with pytest.raises(InputError, match="3 parameters for 2 sources"):
        mixing_model(pd.DataFrame({"x": [0.5]}), sources, MixingOptions(prior=(1.0, 1.0, 1.0)))
    with pytest.raises(InputError, match="2 groups for 1 mixtures"):
        mixing_model(pd.DataFrame({"x": [0.5]}), sources, groups=["a", "b"])
    with pytest.raises(InputError, match="numbers without gaps"):
        mixing_model(pd.DataFrame({"x": [np.nan]}), sources)
