"""The tool of CONTRIBUTING.md, copied as it is printed there, works; what the project says of itself holds together."""

import re
import sys
import types

import numpy as np
import pandas as pd
import pytest
import yaml

from coastal_hm_plugin import __version__
from scripts import package
from tests.conftest import ROOT
from tests.processing.conftest import provider  # noqa: F401  the fixture
from tests.processing.memory import along_the_coast, frame, points


@pytest.fixture
def printed():
    return re.search(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL).group(1)


def test_the_printed_tool_runs(printed, provider, monkeypatch):  # noqa: F811
    import processing
    from qgis.core import QgsApplication

    module = types.ModuleType("coastal_hm_plugin.algorithms.nemerowindex")
    module.__package__ = "coastal_hm_plugin.algorithms"
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(printed, "CONTRIBUTING.md", "exec"), module.__dict__)
    provider.addAlgorithm(module.NemerowIndex())
    try:
        table = pd.DataFrame({"CF_Cd": [1.0, 4.0, 0.5], "CF_Pb": [3.0, 2.0, 0.5], "site": ["a", "b", "c"]})
        outputs = processing.run(
            "coastalhm:nemerowindex", {"INPUT": points(table, *along_the_coast(3)), "OUTPUT": "memory:"}
        )
        found = frame(outputs["OUTPUT"])
    finally:
        provider.refreshAlgorithms()
    assert found["site"].tolist() == ["a", "b", "c"]
    # sqrt((mean^2 + max^2) / 2) by hand
    np.testing.assert_allclose(found["nemerow"], [np.sqrt(6.5), np.sqrt(12.5), 0.5], rtol=1e-12)
    assert QgsApplication.processingRegistry().algorithmById("coastalhm:nemerowindex") is None


def test_the_printed_tool_has_ten_lines(printed):
    body = printed.partition("class ")[2].partition("\n")[2]
    assert len([line for line in body.splitlines() if line.strip()]) == 10


def test_every_folder_of_the_plan_exists():
    plan = re.search(r"## The house\n\n```\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.DOTALL).group(
        1
    )
    inside = ""
    for name in re.findall(r"^( *[\w.]+/?) ", plan, re.MULTILINE):
        if not name.startswith(" "):
            inside = name
        path = ROOT / (inside if not name.startswith(" ") else inside + name.strip())
        assert path.exists(), f"{path.relative_to(ROOT)} is in the plan, not in the project"


def test_the_citation_names_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == __version__
    assert citation["license"] == "GPL-3.0-or-later"
    metadata = package.read((ROOT / "coastal_hm_plugin" / "metadata.txt").read_text("utf-8"))
    assert citation["title"] == metadata["name"]
    assert [author["name"] for author in citation["authors"]] == [metadata["author"]]
    assert all({"type", "title", "authors", "doi"} <= set(reference) for reference in citation["references"])


def test_workflow_and_issue_forms_are_sound():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))
    images = workflow["jobs"]["qgis"]["strategy"]["matrix"]["qgis"]
    assert {"ltr", "latest"} <= set(images)
    assert "make test" in [step.get("run") for step in workflow["jobs"]["qgis"]["steps"]]
    forms = [path for path in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
    assert len(forms) >= 3
    for path in forms:
        form = yaml.safe_load(path.read_text("utf-8"))
        assert {"name", "description", "body"} <= set(form), path.name
        identifiers = [field["id"] for field in form["body"]]
        assert len(set(identifiers)) == len(identifiers), path.name
        assert all(field["attributes"]["label"] for field in form["body"]), path.name
