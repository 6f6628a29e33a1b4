"""What Python packages are there, in which version, and whose they are."""

import re
import site
import sys
from dataclasses import dataclass
from importlib import machinery, metadata
from pathlib import Path

from .. import dependencies

# enough of PEP 440 to know what pip accepts as a version
PLAIN_VERSION = re.compile(r"^\d+(\.\d+)*((a|b|rc)\d+)?(\.post\d+)?(\.dev\d+)?$")


@dataclass(frozen=True)
class Package:
    """One line of the table: a package the tools use."""

    name: str  # import name
    requirement: str  # as pip is asked for it
    version: str  # found, or empty
    source: str  # QGIS | user | plugin | other, or empty when missing
    path: str
    needed: bool
    waiting: tuple  # titles of the tools that need it

    @property
    def missing(self):
        return not self.source

    @property
    def outdated(self):
        """Whether it is older than the tools need."""
        lowest = dependencies.needed_version(self.name)
        return bool(self.version and lowest) and version_key(self.version) < version_key(lowest)


def version_key(text):
    """The leading numbers of a version, to compare by."""
    return tuple(int(number) for number in re.match(r"[0-9.]*", text).group().split(".") if number)


def normalized(name):
    """A distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name or "").lower()


def other_paths(own):
    """``sys.path`` without the plugin's own folder."""
    return [path for path in sys.path if not _within(path or ".", own)]


def provided(own):
    """Every distribution that QGIS's Python has without the plugin's folder ``own``: {normalized name: version}."""
    found = {}
    for distribution in metadata.distributions(path=other_paths(own)):
        name = normalized(distribution.metadata["Name"])
        if name and name not in found:  # the first on the path is the one that is imported
            found[name] = distribution.version or ""
    return found


def is_provided(name, own):
    """Whether QGIS's Python has this import name without the plugin's folder."""
    return find(name, other_paths(own)) is not None


def find(name, paths):
    """Where an import name is found on these paths, without importing it: a module spec or None."""
    return machinery.PathFinder.find_spec(name, paths)


def constraints(distributions):
    """Lines of a pip constraints file that hold every distribution at the version that QGIS has.

    Debian's ``0.0.0`` and versions such as ``4.0.2+dfsg`` are not what the package index knows: those stay free here,
    and are left out of the installation by name.
    """
    return [
        f"{name}=={version}"
        for name, version in sorted(distributions.items())
        if PLAIN_VERSION.match(version) and version.strip("0.")
    ]


def packages(own, algorithms=()):
    """The table of packages: those the tools need, then the optional ones."""
    names = [*dependencies.PACKAGES, *dependencies.OPTIONAL]
    waiting = dependencies.waiting_tools(algorithms, names)
    return [_package(name, own, tuple(waiting[name])) for name in names]


def _package(name, own, waiting):
    spec = find(name, sys.path)
    path = str(spec.origin or "") if spec else ""
    return Package(
        name=name,
        requirement=dependencies.requirement(name),
        version=dependencies.version(name) if spec else "",
        source=source_of(path, own) if spec else "",
        path=path,
        needed=name in dependencies.PACKAGES,
        waiting=waiting,
    )


def source_of(path, own):
    """Whose package this is: QGIS's Python, the user's packages, the plugin's folder, or another folder."""
    if _within(path, own):
        return "plugin"
    if site.getusersitepackages() and _within(path, site.getusersitepackages()):
        return "user"
    if any(_within(path, prefix) for prefix in {sys.prefix, sys.base_prefix, sys.exec_prefix}):
        return "QGIS"
    return "other"


def _within(path, folder):
    path, folder = Path(path).resolve(), Path(folder).resolve()
    return path == folder or folder in path.parents
