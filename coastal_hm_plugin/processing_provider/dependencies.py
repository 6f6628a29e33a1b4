"""Which Python packages the tools need and which are there. A missing one disables only the tools that need it."""

import importlib.util
import re
import sys
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
OPTIONAL = {"openpyxl": "openpyxl", "shap": "shap", "distributed": "distributed"}
# these are linked to GDAL, PROJ or numpy's C interface: on Linux they must be the distribution's, as QGIS itself is
SHARED = ("numpy", "rasterio", "pyproj")
REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


HOW_TO_INSTALL = (
    "Plugins > Coastal Heavy Metal Risk > Dependencies installs them; on the command line:  "
    "qgis_process run coastalhm:checkdependencies --INSTALL=true"
)


def missing(needs):
    """Those of the import names ``needs`` that cannot be found, without importing them."""
    return [name for name in needs if importlib.util.find_spec(name) is None]


def needed_version(name):
    """The lowest version that requirements.txt asks for, as ``1.5``; an empty text where it asks for none."""
    wanted = {**PACKAGES, **OPTIONAL}.get(name, name)
    for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines():
        found = re.match(r"\s*([A-Za-z0-9_.-]+)\s*>=\s*([0-9.]+)", line)
        if found and found.group(1) == wanted:
            return found.group(2)
    return ""


def requirement(name):
    """What pip is asked for: the name to install by, with the lowest version."""
    lowest = needed_version(name)
    return {**PACKAGES, **OPTIONAL}.get(name, name) + (f">={lowest}" if lowest else "")


def waiting_tools(algorithms, names):
    """For each import name of ``names`` the titles of the algorithms that need it: {name: [title]}."""
    return {name: [tool.displayName() for tool in algorithms if name in needs(tool)] for name in names}


def needs(tool):
    """Import names that a tool needs. A model names none: its tools do."""
    return getattr(tool, "NEEDS", ())


def explain_missing(names):
    """What to do about missing packages, for the message of a tool."""
    packages = " ".join({**PACKAGES, **OPTIONAL}.get(name, name) for name in names)
    advice = f"{HOW_TO_INSTALL}  "
    shared = [name for name in names if name in SHARED]
    if shared and sys.platform.startswith("linux"):
        listed = " ".join(f"python3-{name}" for name in shared)
        advice += (
            f"{' and '.join(shared)} must share QGIS's own GDAL and PROJ: on Linux install the distribution's "
            f"packages ({listed}), not pip's. "
        )
    return (
        f"This tool needs Python packages that QGIS's Python does not have: {packages}. {advice}"
        "The tool 'Check dependencies' lists everything."
    )


def version(name):
    """The installed version of the package with this import name, or an empty text."""
    from importlib import metadata

    for distribution in ({**PACKAGES, **OPTIONAL}.get(name, name), name):
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            continue
    return ""
