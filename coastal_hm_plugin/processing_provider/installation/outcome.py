"""Reading what pip answered: what it would install, and why it could not."""

import json
import re
from importlib import machinery, metadata
from pathlib import Path
from shutil import rmtree

from . import inventory
from .errors import InstallationError

OFFLINE = re.compile(
    r"ProxyError|ConnectTimeout|ReadTimeout|NewConnectionError|name resolution|getaddrinfo|SSLError|CERTIFICATE_VERIFY"
    r"|Connection refused|Connection aborted|Network is unreachable|Tunnel connection failed|NameResolutionError"
)
NO_WHEEL = re.compile(r"No matching distribution found for ([A-Za-z0-9_.-]+)")
DEPENDS = re.compile(r"^\s*(\S+ \S+) depends on (.+)$", re.MULTILINE)
HELD = re.compile(r"The user requested \(constraint\) (\S+)==(\S+)")
NOTHING_CHANGED = "Nothing was changed."


def chosen(report, have):
    """``name==version`` of what pip would install, without what QGIS has: read from its report."""
    entries = json.loads(Path(report).read_text(encoding="utf-8"))["install"]
    found = [(entry["metadata"]["name"], entry["metadata"]["version"]) for entry in entries]
    return [f"{name}=={version}" for name, version in found if inventory.normalized(name) not in have]


def no_wheel(text):
    """The package that pip found no wheel of, or an empty text."""
    found = NO_WHEEL.search(text)
    return found.group(1) if found else ""


def explain(text, wheels=None):
    """Why pip failed, and what to do, for a user."""
    held = dict(HELD.findall(text))
    if held or "ResolutionImpossible" in text:
        return _explain_conflict(text, held)
    if wheels is None and OFFLINE.search(text):
        return (
            "The package index cannot be reached: QGIS is offline, or behind a proxy that pip does not know "
            "(Settings > Options > Network). Copy the command and run it where the network is reachable, or fetch the "
            f"wheels elsewhere and choose 'From a folder of wheels'. {NOTHING_CHANGED}"
        )
    missing = no_wheel(text)
    if missing and wheels is not None:
        return f"The folder {wheels} has no wheel of {missing} for this Python. {NOTHING_CHANGED}"
    if missing:
        return f"There is no wheel of {missing} for this Python and system. {NOTHING_CHANGED}"
    if "No space left" in text:
        return f"The disk is full. {NOTHING_CHANGED}"
    last = "\n".join(line for line in text.strip().splitlines()[-4:])
    return f"pip failed. {NOTHING_CHANGED} It said last:\n{last}"


def _explain_conflict(text, held):
    reasons = [f"{who} needs {what}" for who, what in DEPENDS.findall(text) if _distribution(what) in held or not held]
    owned = ", ".join(f"{name} {version}" for name, version in sorted(held.items()))
    return (
        f"No version goes with what QGIS has ({owned}): {'; '.join(dict.fromkeys(reasons)) or 'see the log'}. QGIS's "
        f"own packages are never changed, so this cannot be installed here; a newer QGIS may help. {NOTHING_CHANGED}"
    )


def _distribution(requirement):
    return inventory.normalized(re.match(r"[A-Za-z0-9_.-]+", requirement).group())


def prune(folder, have):
    """Delete from ``folder`` every distribution that QGIS has, and the programs; returns the names deleted."""
    dropped = []
    for distribution in list(metadata.distributions(path=[str(folder)])):
        name = inventory.normalized(distribution.metadata["Name"])
        if name in have:
            dropped.append(name)
            _delete(folder, distribution)
    for programs in ("bin", "Scripts"):
        rmtree(folder / programs, ignore_errors=True)
    return sorted(dropped)


def _delete(folder, distribution):
    root = folder.resolve()
    parents = set()
    for file in distribution.files or ():
        path = Path(distribution.locate_file(file)).resolve()
        if root in path.parents and path.is_file():
            path.unlink()
            parents.update(parent for parent in path.parents if root in parent.parents)
    for parent in sorted(parents, key=lambda path: len(path.parts), reverse=True):
        rmtree(parent / "__pycache__", ignore_errors=True)
        if parent.is_dir() and not any(parent.iterdir()):
            parent.rmdir()


def refuse_shadows(folder, paths):
    """Raise if ``folder`` holds a module that ``paths`` have already."""
    suffixes = tuple(machinery.all_suffixes())
    names = {entry.name.split(".")[0] for entry in folder.iterdir() if entry.is_dir() or entry.name.endswith(suffixes)}
    own = {entry.name.split(".")[0] for entry in folder.iterdir() if entry.name.endswith((".dist-info", ".libs"))}
    for name in sorted((names - own) | {name for name in own if (folder / name).is_dir()}):
        spec = inventory.find(name, paths) if name.isidentifier() else None
        if spec is not None and spec.origin is not None:  # without an origin it is a namespace, which may be shared
            raise InstallationError(f"'{name}' would stand beside QGIS's own ({spec.origin}). {NOTHING_CHANGED}")


def installed(folder):
    """``name==version`` of what the folder holds."""
    return [f"{entry.metadata['Name']}=={entry.version}" for entry in metadata.distributions(path=[str(folder)])]


def judge_check(answer, folder):
    """Raise if a package did not load, or if numpy came from the folder."""
    found = json.loads(Path(answer).read_text(encoding="utf-8")) if Path(answer).exists() else {}
    broken = {name: one["error"] for name, one in found.items() if "error" in one}
    if not found or broken:
        listed = "; ".join(f"{name}: {error}" for name, error in broken.items()) or "Python could not be started"
        hint = " On macOS xgboost needs OpenMP: brew install libomp." if "libomp" in listed else ""
        raise InstallationError(f"Installed on trial, but it does not load here ({listed}).{hint} {NOTHING_CHANGED}")
    if Path(folder).resolve() in Path(found["numpy"]["file"] or ".").resolve().parents:
        raise InstallationError(f"numpy would come from the plugin's folder, not from QGIS. {NOTHING_CHANGED}")
