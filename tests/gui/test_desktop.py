"""Menu, toolbar, message bar and window of packages, offscreen."""

import sys

import pytest

pytest.importorskip("qgis")

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QPushButton

from coastal_hm_plugin.gui import desktop as desktop_module
from coastal_hm_plugin.gui.dependencies_window import DependenciesWindow
from coastal_hm_plugin.gui.desktop import Desktop
from coastal_hm_plugin.gui.documentation import documentation_url, metadata
from coastal_hm_plugin.gui.notice import TOLD
from coastal_hm_plugin.processing_provider import dependencies
from coastal_hm_plugin.processing_provider.installation import inventory, procedure
from coastal_hm_plugin.processing_provider.installation.folder import PackageFolder
from tests.gui.fake_wheels import wheel


@pytest.fixture
def without(monkeypatch):
    """Packages that are not there, as far as the plugin can see."""

    def hide(*names):
        find, spec = dependencies.missing, inventory.find
        monkeypatch.setattr(dependencies, "missing", lambda needs: [n for n in needs if n in names or find([n])])
        monkeypatch.setattr(inventory, "find", lambda name, paths: None if name in names else spec(name, paths))

    return hide


@pytest.fixture
def folder(tmp_path):
    made = PackageFolder(tmp_path / "packages")
    yield made
    made.deactivate()


@pytest.fixture
def desktop(qgis_iface, provider, folder, tmp_path, monkeypatch):
    monkeypatch.setattr(desktop_module, "profile_folder", lambda: tmp_path)
    QgsSettings().remove(TOLD)
    made = Desktop(qgis_iface, folder)
    yield made
    made.remove()


def test_metadata_has_the_homepage_in_one_place():
    assert metadata()["homepage"].startswith("http")


def test_documentation_is_the_help_at_hand_while_there_is_no_homepage(provider, tmp_path):
    url = documentation_url(tmp_path / "profile", provider.algorithms())
    assert url.startswith("file:///") and url.endswith("help.html")
    page = (tmp_path / "profile" / "help.html").read_text(encoding="utf-8")
    for tool in provider.algorithms():
        assert f'<h2 id="{tool.name()}">' in page


def test_documentation_is_the_homepage_once_there_is_one(tmp_path, monkeypatch):
    from coastal_hm_plugin.gui import documentation

    monkeypatch.setattr(documentation, "metadata", lambda: {"homepage": "https://coast.example.net/docs"})
    assert documentation_url(tmp_path, []) == "https://coast.example.net/docs"


def test_window_shows_what_is_there(provider, folder, qgis_app):
    window = DependenciesWindow(folder, provider.algorithms())
    window.refresh()
    assert window.table.rowCount() == len(dependencies.PACKAGES) + len(dependencies.OPTIONAL)
    names = [window.table.item(row, 0).text() for row in range(window.table.rowCount())]
    assert names[0] == "numpy" and "xgboost-cpu" in names
    assert "Every tool has what it needs" in window.state.text()
    assert not window.remove_button.isEnabled()


def test_window_ticks_what_is_missing_and_names_the_commands(provider, folder, qgis_app, without):
    without("pandas", "xgboost", "openpyxl", "shap")
    window = DependenciesWindow(folder, provider.algorithms())
    window.refresh()
    assert window.table.chosen() == ["pandas", "xgboost", "openpyxl"]
    assert "pandas (all tools), xgboost-cpu (" in window.state.text()
    assert "-m pip install --target" in window.install_command.text()
    assert "'xgboost-cpu>=2.0'" in window.install_command.text() or sys.platform == "win32"
    assert "numpy==" in folder.constraints.read_text()
    row = [window.table.item(row, 0).text() for row in range(window.table.rowCount())].index("pandas")
    window.table.item(row, 0).setCheckState(Qt.CheckState.Unchecked)
    assert "pandas" not in window.install_command.text()


def test_window_says_what_the_distribution_must_bring(provider, folder, qgis_app, without):
    if not sys.platform.startswith("linux"):
        pytest.skip("a Linux matter")
    without("rasterio")
    window = DependenciesWindow(folder, provider.algorithms())
    window.refresh()
    assert "rasterio must share QGIS's own GDAL and PROJ" in window.distribution.text()
    assert "rasterio" not in window.table.chosen()


def wait_for(window, qgis_app):
    thread = window._thread
    while window._thread is thread:
        qgis_app.processEvents()
        thread.wait(20)


def test_window_installs_from_wheels_and_removes(provider, folder, qgis_app, monkeypatch, tmp_path):
    wheel(tmp_path / "wheels", "tidewater", "1.2")
    monkeypatch.setattr(
        procedure, "request", lambda _, wheels: procedure.Request(("tidewater",), ("tidewater",), wheels)
    )
    window = DependenciesWindow(folder, provider.algorithms())
    window.refresh()
    heard = []
    window.changed.connect(lambda: heard.append(True))
    window.install(tmp_path / "wheels")
    assert not window.install_button.isEnabled() and not window.cancel_button.isHidden()
    wait_for(window, qgis_app)
    assert "Installed and tried: tidewater==1.2" in window.result.text()
    assert heard and sys.path[-1] == str(folder.current()) and window.remove_button.isEnabled()
    window.remove()
    assert folder.current() is None and not window.remove_button.isEnabled()
    assert "Removed" in window.result.text()


def test_window_cancels(provider, folder, qgis_app, monkeypatch, tmp_path):
    asked = procedure.Request(("tidewater",), ("tidewater",), tmp_path)
    monkeypatch.setattr(procedure, "request", lambda *_: asked)
    window = DependenciesWindow(folder, provider.algorithms())
    window.refresh()
    window.install()
    window.reject()
    assert window._thread is not None, "Escape does not stop an installation"
    window.cancel_button.click()
    wait_for(window, qgis_app)
    assert window.result.text() == "Cancelled. Nothing was changed."
    assert folder.current() is None


def test_window_explains_a_failure_and_unfolds_the_commands(provider, folder, qgis_app, monkeypatch, tmp_path):
    asked = procedure.Request(("tidewater",), ("tidewater",), tmp_path)
    monkeypatch.setattr(procedure, "request", lambda *_: asked)
    window = DependenciesWindow(folder, provider.algorithms())
    window.install()
    wait_for(window, qgis_app)
    assert "has no wheel of tidewater" in window.result.text()
    assert not window.by_hand.isCollapsed()


def test_menu_and_toolbar_come_and_go(desktop, qgis_iface):
    toolbars = len(qgis_iface.mainWindow().findChildren(type(qgis_iface.addToolBar("x"))))
    desktop.add()
    assert [action.text() for action in desktop._toolbar.actions()] == [
        "Open the example project",
        "Full coastal assessment...",
        "Documentation",
        "Dependencies...",
    ]
    assert all(not action.icon().isNull() for action in desktop._toolbar.actions())
    desktop.remove()
    assert not desktop._actions and desktop._toolbar is None and toolbars


def test_a_tool_without_its_packages_opens_the_window_instead(desktop, without, monkeypatch):
    without("pandas")
    opened = []
    monkeypatch.setattr(desktop, "open_dependencies", lambda: opened.append(True))
    desktop.open_assessment()
    desktop.open_example()
    assert opened == [True, True]


def test_what_is_missing_is_said_once(desktop, without, qgis_iface, provider, folder, monkeypatch):
    without("xgboost")
    pushed = []
    monkeypatch.setattr(desktop._notice, "_push", lambda text, details: pushed.append((text, details)))
    desktop._notice.show_once(folder, provider.algorithms())
    desktop._notice.show_once(folder, provider.algorithms())
    assert len(pushed) == 1
    text, details = pushed[0]
    assert text.startswith("Missing: xgboost-cpu (") and " tools)" in text
    assert "Train a risk model (XGBoost)" in details


def test_the_message_has_a_button_that_opens_the_window(desktop, without, monkeypatch, provider, folder, qgis_app):
    from qgis.gui import QgsMessageBar

    without("xgboost")
    bar = QgsMessageBar()
    monkeypatch.setattr(desktop._notice, "_interface", type("Interface", (), {"messageBar": lambda self: bar})())
    desktop._notice.show_once(folder, provider.algorithms())
    button = next(b for b in bar.findChildren(QPushButton) if b.text() == "Install dependencies")
    opened = []
    monkeypatch.setattr(desktop._notice, "_install", lambda: opened.append(True))
    button.click()
    assert opened == [True]
    assert desktop._notice._item is None
