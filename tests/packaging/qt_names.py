"""Which names of Qt and QGIS the code uses, and which of Qt's PyQt6 has: read from sources, nothing is imported."""

import ast
import subprocess
from pathlib import Path

from tests.conftest import ROOT

# of classes that moved between modules, QGIS's own qgis.PyQt keeps these where they were
KEPT = {"QtWidgets": ("QAction", "QShortcut")}


def python_files():
    """The project's Python files, whether committed yet or not."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "*.py"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def used_names(source, packages):
    """Names taken from packages, as (line, module, dotted name): ``(7, "qgis.PyQt.QtCore", "Qt.AlignmentFlag")``.

    ``packages`` are dotted prefixes, e.g. ``("qgis.PyQt",)``; names behind an import are followed as far as they
    are written out (``Qt.AlignmentFlag.AlignLeft``), not through variables and calls.
    """
    tree = ast.parse(source)
    origins, found = {}, []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            for alias in node.names:
                if f"{node.module}.{alias.name}".startswith(tuple(f"{package}." for package in packages)):
                    origins[alias.asname or alias.name] = (node.module, alias.name)
                    found.append((node.lineno, node.module, alias.name))
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and id(node) not in inner:
            root, chain = _chain(node)
            if root in origins:
                module, name = origins[root]
                found.append((node.lineno, module, ".".join([name, *chain])))
    return found


def _chain(node):
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id if isinstance(node, ast.Name) else None), names[::-1]


class Stubs:
    """The names in PyQt6's stub files."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.modules = {}

    def has(self, module, dotted=None):
        """Whether there is e.g. ``QtCore``, or ``QtCore`` with ``Qt.AlignmentFlag.AlignLeft`` in it."""
        if dotted is None:
            return self._module(module) is not None
        first, *rest = dotted.split(".")
        module = "QtGui" if first in KEPT.get(module, ()) else module
        place = self._module(module)
        if place is None or first not in place:
            return False
        scope = place[first]
        for name in rest:
            if not isinstance(scope, ast.ClassDef):
                return True  # a value: what hangs below it is not Qt's
            scope = self._member(module, scope, name)
            if scope is None:
                return False
        return True

    def _module(self, name):
        if name not in self.modules:
            stub = self.folder / f"{name}.pyi"
            # sip writes "/" behind *args too, which is no Python
            text = stub.read_text("utf-8").replace(", /)", ")") if stub.exists() else None
            self.modules[name] = None if text is None else _members(ast.parse(text))
        return self.modules[name]

    def _member(self, module, scope, name):
        members = _members(scope)
        if name in members:
            return members[name]
        for base in scope.bases:
            root, chain = _chain(base)
            home, parent = (root, chain[0]) if chain else (module, root)
            place = self._module(home) or {}
            found = self._member(home, place[parent], name) if isinstance(place.get(parent), ast.ClassDef) else None
            if found is not None:
                return found
        return None


def _members(scope):
    members = {}
    for node in scope.body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            members[node.name] = node
        elif isinstance(node, ast.Assign):
            members.update({target.id: node for target in node.targets if isinstance(target, ast.Name)})
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            members[node.target.id] = node
    return members
