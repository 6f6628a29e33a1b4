"""Run by QGIS's own Python in a process of its own:  child.py identify|pip|check ...  Imports nothing of the plugin."""

import json
import os
import runpy
import sys
from importlib import import_module, metadata


def identify(answer):
    """Write which Python this is and which pip it has."""
    found = {"version": list(sys.version_info[:2]), "executable": sys.executable}
    for name in ("numpy", "pip"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = ""
    _write(answer, found)


def pip(*arguments):
    """Run pip."""
    sys.argv = ["pip", *arguments]
    runpy.run_module("pip", run_name="__main__", alter_sys=True)


def check(answer, folder, *names):
    """Import every name with the folder at the end of the path, beside QGIS's libraries; write where each came from."""
    sys.path.append(folder)
    found = {}
    for name in ("osgeo.gdal", "qgis.core"):  # what the packages have to live with in one process
        try:
            import_module(name)
        except ImportError:
            continue
    for name in names:
        found[name] = {"error": "Python crashed while loading it"}
        _write(answer, found)  # before the import: a crash leaves no other trace
        try:
            module = import_module(name)
            found[name] = {"file": getattr(module, "__file__", "") or "", "version": getattr(module, "__version__", "")}
        except Exception as error:  # whatever a package raises when it loads is what is asked here
            found[name] = {"error": f"{type(error).__name__}: {error}"}
        _write(answer, found)


def _write(path, found):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(found, file)


if __name__ == "__main__":
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own: a cancel reaches whatever pip starts
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path or ".") != here]
    {"identify": identify, "pip": pip, "check": check}[sys.argv[1]](*sys.argv[2:])
