"""The isotope mixing model through qgis_process: the numbers of Python, though the program loads another BLAS."""

import numpy as np
import pandas as pd
import pytest

from coastal_hm_plugin.core import mixing

CORRELATION = [[1.0, 0.6], [0.6, 1.0]]


@pytest.fixture
def tables(tmp_path):
    """Mixtures, and sources sample by sample, with numbers of 17 digits: every bit of the input counts."""
    rng = np.random.default_rng(7)
    centres = {"Deep soil": [1.19, 2.08], "Deposition": [1.16, 2.10], "Fertiliser": [1.17, 2.06]}
    samples = [(name, *values) for name, centre in centres.items()
               for values in centre + 0.006 * rng.multivariate_normal([0, 0], CORRELATION, 12)]  # fmt: skip
    sources = pd.DataFrame(samples, columns=["source", "r206_207", "r208_206"])
    values = np.array([0.5, 0.3, 0.2]) @ list(centres.values()) + 0.005 * rng.standard_normal((9, 2))
    mixtures = pd.DataFrame(values, columns=["r206_207", "r208_206"]).assign(place=["a", "b", "b"] * 3)
    paths = tmp_path / "mixtures.csv", tmp_path / "sources.csv"
    for table, path in zip((mixtures, sources), paths):
        table.to_csv(path, index=False)
    return paths


def test_same_numbers_as_in_python(qgis_process, tables, tmp_path):
    target = tmp_path / "shares.csv"
    tracers = ("r206_207", "r208_206")
    done = qgis_process.run(
        "isotopemixing", INPUT=tables[0], SOURCES=tables[1], TRACERS=";".join(tracers), GROUP="place", OUTPUT=target
    )
    assert done.returncode == 0, done.stderr + done.stdout
    found = pd.read_csv(target, float_precision="round_trip")
    mixtures, samples = (mixing.read_mixsiar_csv(path) for path in tables)
    sources = mixing.read_sources(samples, tracers)
    values = mixing.read_mixtures(mixtures, tracers).values
    expected = mixing.mixing_model(values, sources, groups=mixtures["place"]).table
    assert found["source"].tolist() == expected["source"].tolist()
    for column in ("mean", "sd", "q2_5", "q50", "q97_5", "r_hat"):
        np.testing.assert_allclose(found[column], expected[column], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["ess"], expected["ess"], rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"PRIOR": "Coal=2"}, "names no source"),
        ({"TRACERS": "place"}, "neither a mean nor a field of the tracer place"),
    ],
)
def test_bad_input_ends_with_exit_code_1_and_no_file(qgis_process, tables, tmp_path, change, message):
    target = tmp_path / "shares.csv"
    given = {"TRACERS": "r206_207;r208_206", **change}
    done = qgis_process.run("isotopemixing", INPUT=tables[0], SOURCES=tables[1], OUTPUT=target, **given)
    assert done.returncode == 1
    assert message in done.stderr + done.stdout
    assert not target.exists()
