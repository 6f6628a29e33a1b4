"""What every test may use: the reference data, where they are."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a loaded machine is slow at drawing examples, which is no failure; the same examples every time
settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def reference():
    """The folder of real data and other programs' answers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SHARED_REFERENCE", ROOT.parent / "shared" / "reference"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}")
    return folder
