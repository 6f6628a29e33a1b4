"""Where the Python is that QGIS itself runs. ``sys.executable`` is often qgis-bin.exe, or the program of QGIS.app."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePath


@dataclass(frozen=True)
class Situation:
    """What the running Python says of itself; a test gives that of another system."""

    platform: str = sys.platform
    executable: str = sys.executable or ""
    exec_prefix: str = sys.exec_prefix
    base_exec_prefix: str = sys.base_exec_prefix
    version: tuple = field(default_factory=lambda: tuple(sys.version_info[:2]))


def candidates(situation=None, path=PurePath):
    """Paths where QGIS's Python may be, the likeliest first; each must still prove that it is the same Python.

    OSGeo4W and the standalone installer: ``python3.exe`` in ``sys.exec_prefix`` (apps/Python312), then beside
    qgis-bin.exe. macOS: ``bin/python3`` beside the program in Contents/MacOS. Linux, conda, flatpak:
    ``bin/python3`` of ``sys.exec_prefix``.
    """
    situation = situation or Situation()
    executable = path(situation.executable)
    prefixes = [path(situation.exec_prefix), path(situation.base_exec_prefix)]
    beside = executable.parent
    major, minor = situation.version
    if situation.platform == "win32":
        names = ("python3.exe", "python.exe")
        found = [folder / name for folder in (*prefixes, beside) for name in names]
    else:
        names = (f"python{major}.{minor}", "python3", "python")
        found = []
        if situation.platform == "darwin":
            frameworks = beside.parent / "Frameworks"
            found += [folder / name for folder in (beside / "bin", beside, frameworks / "bin") for name in names]
        found += [prefix / "bin" / name for prefix in prefixes for name in names]
        if executable.name.startswith("python"):  # last: inside QGIS it is the first python3 of PATH, whichever that is
            found.append(executable)
    return list(dict.fromkeys(found))


def existing(paths):
    """Those of the paths that are programs; no two names of the same one."""
    kept = {}
    for path in map(Path, paths):
        if path.is_file() and os.access(path, os.X_OK):
            # a virtual environment's Python is a link to another's and must keep its own name
            kept.setdefault((path.parent, path.resolve()), path)
    return list(kept.values())


def is_flatpak():
    """Whether QGIS runs inside a flatpak, where no package of the distribution can be added."""
    return Path("/.flatpak-info").exists()


def distribution_command(names, release=Path("/etc/os-release")):
    """The command that installs Python packages of the Linux distribution, or an empty text where it is unknown."""
    if is_flatpak() or not release.exists():
        return ""
    lines = dict(line.split("=", 1) for line in release.read_text(encoding="utf-8").splitlines() if "=" in line)
    family = f"{lines.get('ID', '')} {lines.get('ID_LIKE', '')}".replace('"', "").split()
    for identity, command, prefix in (
        ("debian", "sudo apt install", "python3-"),
        ("fedora", "sudo dnf install", "python3-"),
        ("arch", "sudo pacman -S", "python-"),
        ("suse", "sudo zypper install", "python3-"),
    ):
        if identity in family:
            return f"{command} {' '.join(prefix + name for name in names)}"
    return ""
