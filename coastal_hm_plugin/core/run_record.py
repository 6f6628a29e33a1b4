"""What a result came from: versions, parameters, fingerprints of the inputs, counts, seed."""

import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path

from .version import __version__

PACKAGES = ("numpy", "scipy", "pandas", "scikit-learn", "xgboost", "xgboost-cpu", "rasterio", "pyproj", "matplotlib")
CHUNK = 1 << 20


def fingerprint_file(path):
    """SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def fingerprint_table(table, x=None, y=None):
    """SHA-256 of a table's content (column names and values) and, if given, of its coordinates."""
    import numpy as np
    import pandas as pd

    digest = hashlib.sha256("\x1f".join(map(str, table.columns)).encode())
    if table.shape[1]:
        digest.update(pd.util.hash_pandas_object(table.astype(str), index=False).to_numpy().tobytes())
    for axis in (x, y):
        if axis is not None:
            digest.update(np.ascontiguousarray(axis, dtype="float64").tobytes())
    return digest.hexdigest()


def versions():
    """Versions of this project, Python and the packages that compute."""
    found = {"coastal_hm_plugin": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_run_record(path, tool, parameters, inputs, results=None, program=None):
    """Write ``run.json``: tool, versions, parameters (the seed among them), inputs with fingerprints, results.

    program: name and version of what ran the tool, such as QGIS.
    """
    path = Path(path)
    record = {
        "tool": tool,
        "versions": {**versions(), **(program or {})},
        "parameters": parameters,
        "inputs": inputs,
        "results": results or {},
    }
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(record, indent=2, ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(temporary, path)
