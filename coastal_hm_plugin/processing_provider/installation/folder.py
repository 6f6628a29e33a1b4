"""The plugin's own folder of packages in the user's profile. It stands at the end of ``sys.path``: it shadows nothing.

A finished installation is a numbered folder with a record in it. It is built under another name and renamed, so a
half-made one never counts; a newer number replaces an older one even where Windows holds its files open.
"""

import importlib
import json
import shutil
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

RECORD = "installed.json"
PART = ".part-"
BY_HAND = "by-hand"
A_DAY = 86_400.0


class PackageFolder:
    """Packages of one Python version below ``root``."""

    def __init__(self, root):
        self.home = Path(root) / f"py{sys.version_info[0]}.{sys.version_info[1]}"

    @property
    def by_hand(self):
        """Where the command that a user copies puts its packages, to be looked through before they count."""
        return self.home / BY_HAND

    @property
    def constraints(self):
        """The file that holds QGIS's packages at their versions, for commands by hand."""
        return self.home.parent / "constraints.txt"

    def current(self):
        """The installation in use, or None."""
        numbered = [path for path in self.home.glob("[0-9]*") if (path / RECORD).is_file()]
        return max(numbered, key=lambda path: int(path.name), default=None)

    def record(self):
        """What the installation in use was made for: ``numpy``, ``packages``."""
        current = self.current()
        return json.loads((current / RECORD).read_text(encoding="utf-8")) if current else {}

    def begin(self):
        """An empty folder to build in."""
        self.home.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=PART, dir=self.home))

    def publish(self, part, packages, numpy):
        """Make what was built in ``part`` the installation in use. packages: ``name==version``."""
        record = {"packages": sorted(packages), "numpy": numpy}
        (part / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
        before = self.current()
        target = self.home / str(int(before.name) + 1 if before else 1)
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
        self.deactivate()
        self._drop(before)
        return target

    def remove(self):
        """Undo every installation for this Python."""
        self.deactivate()
        for path in self.home.glob("[0-9]*"):
            self._drop(path)
        shutil.rmtree(self.home, ignore_errors=True)

    def tidy(self):
        """Take away what an interrupted installation or an open file of Windows left behind."""
        current = self.current()
        for path in self.home.glob("*"):
            part = path.name.startswith(PART)
            if path.name == BY_HAND or path == current or (part and time.time() - path.stat().st_mtime < A_DAY):
                continue  # a young part may be another QGIS's, at work
            shutil.rmtree(path, ignore_errors=True)

    def outdated(self):
        """Why the installation cannot be used: numpy's binary interface is another than it was made for. Or empty."""
        made_for, now = self.record().get("numpy", ""), numpy_version()
        if made_for and now and made_for.split(".")[0] != now.split(".")[0]:
            return f"The packages were installed beside numpy {made_for}; QGIS has numpy {now} now. Install them again."
        return ""

    def activate(self):
        """Append the installation in use to ``sys.path``. Returns whether there is one that fits."""
        self.deactivate()
        current = self.current()
        if current is None or self.outdated():
            return False
        sys.path.append(str(current))
        importlib.invalidate_caches()
        return True

    def deactivate(self):
        """Take the plugin's packages off ``sys.path``."""
        home = str(self.home)
        sys.path[:] = [path for path in sys.path if not path.startswith(home)]
        importlib.invalidate_caches()

    def _drop(self, path):
        if path is not None:
            (path / RECORD).unlink(missing_ok=True)  # from now on it does not count, whatever else stays
            shutil.rmtree(path, ignore_errors=True)


def numpy_version():
    """Version of QGIS's numpy, without importing it."""
    try:
        return metadata.version("numpy")
    except metadata.PackageNotFoundError:
        return ""


def profile_packages():
    """The folder of packages in the profile of the running QGIS."""
    from qgis.core import QgsApplication

    return PackageFolder(Path(QgsApplication.qgisSettingsDirPath()) / "coastal_hm_plugin" / "packages")
