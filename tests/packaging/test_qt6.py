"""Ready for QGIS 4 and Qt 6: every name of Qt exists in PyQt6 too, and enumerations are written with their scope."""

import enum
import importlib

import pytest

from tests.conftest import ROOT
from tests.packaging.qt_names import Stubs, python_files, used_names


@pytest.fixture(scope="module")
def stubs():
    folder = ROOT / ".venv" / "pyqt6" / "PyQt6"
    if not folder.is_dir():
        pytest.skip(f"PyQt6's stubs are not at {folder}: scripts/setup.sh dev puts them there")
    return Stubs(folder)


def missing(source, stubs):
    """Names of Qt that PyQt6 has not."""
    return [
        f"line {line}: {module}.{name}"
        for line, module, name in used_names(source, ("qgis.PyQt",))
        if not stubs.has(*(f"{module}.{name}".split(".", 3)[2:]))
    ]


def unscoped(source):
    """Enumeration members that are not reached through their enumeration, as ``Qt.AlignLeft``."""
    found = []
    for line, module, name in used_names(source, ("qgis",)):
        first, *rest = name.split(".")
        scope = getattr(importlib.import_module(module), first, None)
        for attribute in rest:
            value = getattr(scope, attribute, None)
            if _is_member(value) and type(value) is not scope:
                found.append(f"line {line}: {module}.{name} is a {type(value).__qualname__}")
            scope = value
    return found


def _is_member(value):
    """Whether a value belongs to an enumeration of Python's or of sip's, PyQt5's own kind."""
    return isinstance(type(value), enum.EnumMeta) or type(type(value)).__name__ == "enumtype"


def everywhere(check):
    """The check's findings in all files of the project."""
    lists = {path.relative_to(ROOT): check(path.read_text("utf-8")) for path in python_files()}
    return [f"{path}, {finding}" for path, found in lists.items() for finding in found]


def test_every_name_of_qt_exists_in_pyqt6(stubs):
    assert everywhere(lambda source: missing(source, stubs)) == []


def test_enumerations_are_written_with_their_scope(qgis_app):
    assert everywhere(unscoped) == []


def test_nothing_imports_one_pyqt_by_its_number():
    for path in python_files():
        found = used_names(path.read_text("utf-8"), ("PyQt5", "PyQt6"))
        assert not found, f"{path.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize(
    ("use", "fault"),
    [
        ("Qt.AlignmentFlag.AlignLeft", None),
        ("Qt.AlignLeft", "Qt.AlignLeft"),
        ("QDialogButtonBox.StandardButton.Ok.value", None),
        ("QDialogButtonBox.Ok", "QDialogButtonBox.Ok"),
        ("QDialog.setWindowTitle", None),
        ("QDialog.exec_", "QDialog.exec_"),
        ("QAction.trigger", None),
        ("QRegExp", "QRegExp"),
    ],
)
def test_the_check_itself_knows_qt6(use, fault, stubs):
    lines = "from qgis.PyQt.QtCore import QRegExp, Qt\n" if "QRegExp" in use else "from qgis.PyQt.QtCore import Qt\n"
    lines += f"from qgis.PyQt.QtWidgets import QAction, QDialog, QDialogButtonBox\n{use}\n"
    found = missing(lines, stubs)
    assert bool(found) == bool(fault)
    assert all(fault in finding for finding in found)


def test_the_check_itself_finds_an_enumeration_without_its_scope(qgis_app):
    source = "from qgis.core import QgsProcessing as P, QgsWkbTypes\nfrom qgis.PyQt.QtCore import Qt\n"
    assert unscoped(source + "P.SourceType.TypeVectorPoint, QgsWkbTypes.Type.Point, Qt.AlignmentFlag.AlignLeft") == []
    for name in ("P.TypeVectorPoint", "QgsWkbTypes.Point", "Qt.AlignLeft"):
        assert len(unscoped(source + name)) == 1
