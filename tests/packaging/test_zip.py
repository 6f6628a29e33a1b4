"""The zip that QGIS installs, and the package without QGIS."""

import re
import subprocess
import sys
import zipfile
from pathlib import PurePosixPath
from urllib.parse import urlparse

import pytest

from scripts import package
from tests.conftest import ROOT

FORBIDDEN = ("pickle", "shelve", "marshal", "subprocess")


@pytest.fixture(scope="module")
def archive():
    subprocess.run([sys.executable, "scripts/package.py"], cwd=ROOT, check=True)
    with zipfile.ZipFile(ROOT / "build" / "coastal_hm_plugin.zip") as opened:
        yield opened


def test_holds_what_qgis_needs_and_little_else(archive):
    names = archive.namelist()
    assert {name.split("/")[0] for name in names} == {"coastal_hm_plugin"}
    for needed in ("__init__.py", "metadata.txt", "LICENSE", "requirements.txt", "plugin.py"):
        assert f"coastal_hm_plugin/{needed}" in names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert sum(info.compress_size for info in archive.infolist()) < 10_000_000


def test_no_binaries_but_translations_and_pictures(archive):
    # by hand here, so that a suffix added to the script is seen
    text = {".py", ".txt", ".html", ".svg", ".qml", ".csv", ".json", ".tsv", ".md", ".qpt", ".geojson", ".model3"}
    for info in archive.infolist():
        name = PurePosixPath(info.filename)
        assert not any(part.startswith((".", "__MACOSX")) for part in name.parts), name
        assert (info.external_attr >> 16) & 0o111 == 0, f"{name} is executable"
        if name.suffix in text or name.name == "LICENSE":
            archive.read(info).decode("utf-8")
        else:
            assert name.suffix in {".qm", ".png", ".jpg"}, name


def test_every_language_is_in(archive):
    names = set(archive.namelist())
    folder = "coastal_hm_plugin/resources"
    for source in (ROOT / folder / "i18n").glob("*.ts"):
        language = source.stem[len("coastal_hm_plugin_") :]
        assert f"{folder}/i18n/{source.stem}.qm" in names, "compiled translations go in"
        assert f"{folder}/i18n/{source.name}" not in names, "their source does not"
        pages = {path.name for path in (ROOT / folder / "help" / language).glob("*.html")}
        assert pages and {f"{folder}/help/{language}/{page}" for page in pages} <= names


def test_a_zip_without_lrelease_takes_the_compiled_translations_of_the_tree(monkeypatch, capsys):
    monkeypatch.setattr("scripts.translations.compiled", lambda source: None)
    files = package.contents()
    name = "coastal_hm_plugin/resources/i18n/coastal_hm_plugin_zh_CN.qm"
    assert files[name] == (ROOT / name).read_bytes()
    assert "qttools5-dev-tools" in capsys.readouterr().out


def test_metadata_has_what_the_plugin_repository_asks_for(archive):
    general = package.read(archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8"))
    required = (
        "name",
        "description",
        "version",
        "qgisMinimumVersion",
        "author",
        "email",
        "about",
        "tracker",
        "repository",
    )
    for key in (*required, "homepage", "tags", "category", "changelog"):
        assert general[key].strip(), key
        assert "%" not in general[key], f"{key}: ConfigParser takes % for a reference"
    for key in ("experimental", "deprecated", "server", "supportsQt6", "hasProcessingProvider"):
        assert general[key] in ("True", "False", "yes", "no"), key
    assert (general["qgisMinimumVersion"], general["qgisMaximumVersion"]) == ("3.22", "4.99")
    assert "/" not in general["author"]
    assert len(general["description"]) < 250 and "<" not in general["description"] + general["about"]
    assert all(urlparse(general[key]).scheme == "https" for key in ("homepage", "tracker", "repository"))
    assert f"coastal_hm_plugin/{general['icon']}" in archive.namelist()


def test_the_description_names_every_package_needed(archive):
    about = package.read(archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8"))["about"]
    requirements = archive.read("coastal_hm_plugin/requirements.txt").decode("utf-8")
    for name in re.findall(r"^([a-z][a-z0-9-]*)", requirements, re.MULTILINE):
        assert name.replace("-cpu", "") in about, name


def test_the_zip_carries_the_change_log_of_its_version(archive):
    general = package.read(archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8"))
    printed = package.changes((ROOT / "CHANGELOG.md").read_text("utf-8"), general["version"])[1]
    assert general["changelog"].split()[:8] == printed.split()[:8]
    assert len(general["changelog"].split()) == len(printed.replace("%", " per cent").split())


def test_the_same_tree_gives_the_same_bytes(tmp_path):
    package.build(tmp_path / "a.zip")
    package.build(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


class TestRelease:
    METADATA = "[general]\nname=x\nversion=1.2.3\n" + "".join(
        f"{key}=https://coast.test/{key}\n" for key in ("email", "homepage", "repository", "tracker")
    )
    CHANGES = "# Changelog\n\n## 1.2.3 (2026-12-01)\n\nNew.\n\n## 1.2.2 (2026-11-01)\n\nOld.\n"

    def test_complete_is_not_refused(self):
        assert package.refusals(self.METADATA, self.CHANGES) == []

    @pytest.mark.parametrize("key", ["email", "homepage", "repository", "tracker"])
    def test_placeholders_and_gaps_are_refused(self, key):
        placeholder = self.METADATA.replace(f"{key}=https://coast.test", f"{key}=https://example.org")
        assert package.refusals(placeholder, self.CHANGES) == [f"{key} is a placeholder: https://example.org/{key}"]
        gap = self.METADATA.replace(f"{key}=https://coast.test/{key}\n", "")
        assert package.refusals(gap, self.CHANGES) == [f"{key} is missing"]

    def test_an_undated_or_missing_section_of_the_change_log_is_refused(self):
        undated = self.CHANGES.replace("2026-12-01", "unreleased")
        assert "write the date" in package.refusals(self.METADATA, undated)[0]
        missing = self.CHANGES.replace("1.2.3", "1.2.1")
        assert package.refusals(self.METADATA, missing) == ["CHANGELOG.md has no section '## 1.2.3'"]

    def test_what_is_not_committed_is_refused(self):
        assert "core.py" in package.refusals(self.METADATA, self.CHANGES, ["core.py"])[0]

    def test_the_command_refuses_this_project_while_its_addresses_are_placeholders(self):
        done = subprocess.run(["make", "package", "RELEASE=1"], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        for key in ("email", "homepage", "repository", "tracker"):
            assert f"{key} is a placeholder" in done.stderr

    def test_placeholders_stand_in_one_file(self):
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split("\0")):
            path = ROOT / name
            if name.startswith("tests/") or name in ("scripts/package.py", package.METADATA) or not path.is_file():
                continue
            found = re.search(rb"(://|@)[\w.-]*example\.(org|com|net)", path.read_bytes())
            assert not found, f"{name} holds {found.group().decode()}: addresses belong into {package.METADATA}"


def test_the_version_is_semantic_and_heads_the_change_log():
    from coastal_hm_plugin import __version__

    assert re.fullmatch(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}(-[0-9a-z.]+)?", __version__)
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == __version__


def test_version_is_the_same_everywhere(archive):
    from coastal_hm_plugin import __version__

    assert f"version={__version__}\n" in archive.read("coastal_hm_plugin/metadata.txt").decode("utf-8")


def test_the_core_needs_no_qgis():
    script = (
        "import sys, pkgutil, importlib\n"
        "sys.modules['qgis'] = None\n"
        "import coastal_hm_plugin, coastal_hm_plugin.core as core, coastal_hm_plugin.report as report\n"
        "for package in (core, report):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "heavy = {'xgboost', 'sklearn', 'shap', 'matplotlib', 'rasterio'} & set(sys.modules)\n"
        "print(sorted(heavy))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]", "heavy packages belong inside functions"


def test_no_module_that_can_run_foreign_code(archive):
    for name in archive.namelist():
        if name.endswith(".py"):
            text = archive.read(name).decode("utf-8")
            for module in FORBIDDEN:
                assert f"import {module}" not in text, f"{name} imports {module}"
