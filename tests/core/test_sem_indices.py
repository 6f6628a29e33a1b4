"""Fit indices by themselves."""

import numpy as np
import pytest
from scipy.stats import ncx2

from coastal_hm_plugin.core.sem.indices import rmsea


def test_limits_and_tests_are_those_of_the_noncentral_chi_square():
    chi2, df, n = 130.0, 87, 200
    found = rmsea(chi2, df, n)
    assert found["rmsea"] == pytest.approx(np.sqrt((chi2 - df) / (df * n)))
    for name, probability in (("rmsea.ci.lower", 0.95), ("rmsea.ci.upper", 0.05)):
        assert ncx2.cdf(chi2, df, found[name] ** 2 * df * n) == pytest.approx(probability, abs=1e-6)
    assert found["rmsea.pvalue"] == pytest.approx(ncx2.sf(chi2, df, 0.05**2 * df * n), abs=1e-8)
    assert found["rmsea.notclose.pvalue"] == pytest.approx(ncx2.cdf(chi2, df, 0.08**2 * df * n), abs=1e-8)


def test_a_model_without_degrees_of_freedom():
    found = rmsea(0.0, 0, 100)
    assert found["rmsea"] == found["rmsea.ci.upper"] == 0 and np.isnan(found["rmsea.pvalue"])


def printed(n, df):
    """Whether some RMSEA that prints as 0.036 gives the printed limit and p-values of the paper's Table S3."""
    for value in np.arange(0.0355, 0.0365, 2e-6):
        found = rmsea(df + value**2 * df * n, df, n)
        shown = tuple(round(float(found[name]), 3) for name in found)
        if shown == (0.036, 0.0, 0.067, 0.732, 0.007):
            return True
    return False


def test_table_s3_is_that_of_87_degrees_of_freedom_and_102_sites():
    assert [n for n in range(98, 108) if printed(n, 87)] == [102]
    assert not any(printed(n, 105) for n in (102, 103))
