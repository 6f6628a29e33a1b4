"""Which Python packages are there. A missing one disables only the tools that need it."""

import importlib.util
from pathlib import Path

# import name -> name to install by
PACKAGES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "pandas": "pandas",
    "sklearn": "scikit-learn",
    "xgboost": "xgboost-cpu",
    "rasterio": "rasterio",
    "pyproj": "pyproj",
    "matplotlib": "matplotlib",
    "jinja2": "jinja2",
}
OPTIONAL = {"shap": "shap", "openpyxl": "openpyxl"}
REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


def missing(needs):
    """Those of the import names ``needs`` that cannot be found, without importing them."""
    return [name for name in needs if importlib.util.find_spec(name) is None]


def explain_missing(names):
    """What to install, as the user of QGIS's own Python would type it."""
    linux = ""
    if {"pyproj", "rasterio"} & set(names):
        linux = (
            "rasterio and pyproj must share QGIS's own GDAL and PROJ: on Linux install them as the distribution's "
            "packages (python3-rasterio, python3-pyproj), not with pip. "
        )
    packages = " ".join({**PACKAGES, **OPTIONAL}.get(name, name) for name in names)
    return (
        f"This tool needs Python packages that QGIS's Python does not have: {packages}. "
        f"Install them into QGIS's Python, for example:  python3 -m pip install {packages}  "
        "(on Windows in the OSGeo4W shell), then restart QGIS. "
        f"{linux}The tool 'Check dependencies' lists everything."
    )


def version(name):
    """The installed version of the package with this import name, or an empty text."""
    from importlib import metadata

    for distribution in ({**PACKAGES, **OPTIONAL}.get(name, name), name, "xgboost" if name == "xgboost" else name):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return ""
