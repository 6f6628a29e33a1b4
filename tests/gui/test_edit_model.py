"""The entry of the toolbox's menu that opens a shipped model in the model designer."""

import pytest

pytest.importorskip("qgis")

from processing.gui.ProviderActions import ProviderContextMenuActions
from qgis.core import QgsApplication

from coastal_hm_plugin.gui import edit_model


@pytest.fixture
def entry(provider):
    made = edit_model.EditModelCopy()
    made.add()
    yield made
    made.remove()
    assert made not in ProviderContextMenuActions.actions


def tool(name):
    return QgsApplication.processingRegistry().algorithmById(name)


def test_it_is_for_shipped_models_alone(entry):
    assert entry in ProviderContextMenuActions.actions
    for name, offered in (("coastalhm:samplestoperimap", True), ("coastalhm:pmf", False), ("native:buffer", False)):
        entry.setData(tool(name), None)
        assert entry.isEnabled() is offered, name
    assert not entry.icon().isNull()


def test_it_opens_a_copy_that_has_no_file(entry, qgis_iface, monkeypatch):
    from processing.modeler import ModelerDialog as module

    opened = []
    monkeypatch.setattr(module.ModelerDialog, "create", staticmethod(lambda model: opened.append(model) or Window()))
    entry.setData(tool("coastalhm:samplestoperimap"), None)
    window = entry.execute()
    assert window.shown
    (copy,) = opened
    assert copy.sourceFilePath() == ""
    assert set(copy.childAlgorithms()) == set(tool("coastalhm:samplestoperimap").childAlgorithms())


class Window:
    """Stands for the designer, which needs the real desktop."""

    class update_model:
        @staticmethod
        def connect(slot):
            assert slot is edit_model.refresh_own_models

    def __init__(self):
        self.shown = False

    def show(self):
        self.shown = True

    def activate(self):
        pass
