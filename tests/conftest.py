"""What every test may use: the reference data, where they are."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def reference():
    """The folder of real data and other programs' answers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SHARED_REFERENCE", ROOT.parent / "shared" / "reference"))
    if not folder.is_dir():
        pytest.skip(f"no reference data at {folder}")
    return folder
