"""What the installation reads and says: interpreters of other systems, pip's answers, commands to copy."""

import sys
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from coastal_hm_plugin.processing_provider import dependencies
from coastal_hm_plugin.processing_provider.installation import commands, interpreter, inventory, outcome, procedure
from coastal_hm_plugin.processing_provider.installation.interpreter import Situation


def test_osgeo4w_and_the_standalone_installer():
    home = "C:\\Program Files\\QGIS 3.40\\apps\\Python312"
    situation = Situation("win32", "C:\\Program Files\\QGIS 3.40\\bin\\qgis-bin.exe", home, home, (3, 12))
    found = [str(path) for path in interpreter.candidates(situation, PureWindowsPath)]
    assert found == [
        f"{home}\\python3.exe",
        f"{home}\\python.exe",
        "C:\\Program Files\\QGIS 3.40\\bin\\python3.exe",
        "C:\\Program Files\\QGIS 3.40\\bin\\python.exe",
    ]


def test_the_macos_bundle():
    contents = "/Applications/QGIS.app/Contents"
    prefix = f"{contents}/Frameworks"
    situation = Situation("darwin", f"{contents}/MacOS/QGIS", prefix, prefix, (3, 9))
    found = [str(path) for path in interpreter.candidates(situation, PurePosixPath)]
    assert found[:2] == [f"{contents}/MacOS/bin/python3.9", f"{contents}/MacOS/bin/python3"]
    assert not [path for path in found if path.endswith("QGIS")]


@pytest.mark.parametrize("executable", ["/usr/bin/qgis.bin", "/usr/bin/python3", ""])
def test_linux_and_flatpak(executable):
    situation = Situation("linux", executable, "/usr", "/usr", (3, 11))
    found = [str(path) for path in interpreter.candidates(situation, PurePosixPath)]
    assert found[0] in ("/usr/bin/python3", "/usr/bin/python3.11")
    assert "/usr/bin/python3.11" in found and "/usr/bin/qgis.bin" not in found


def test_this_machine():
    assert interpreter.existing(interpreter.candidates())


@pytest.mark.parametrize(
    ("release", "command"),
    [
        ("ID=debian\n", "sudo apt install python3-rasterio"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"\n', "sudo apt install python3-rasterio"),
        ("ID=fedora\n", "sudo dnf install python3-rasterio"),
        ("ID=arch\n", "sudo pacman -S python-rasterio"),
        ("ID=unheard\n", ""),
    ],
)
def test_the_distributions_own_command(tmp_path, release, command):
    file = tmp_path / "os-release"
    file.write_text(release)
    assert interpreter.distribution_command(["rasterio"], file) == command


def test_what_links_to_gdal_is_never_left_to_pip_on_linux(monkeypatch):
    monkeypatch.setattr(inventory, "is_provided", lambda name, own: name in ("numpy", "scipy"))
    by_pip, by_distribution = procedure.wanted("/nowhere", ("openpyxl",), "linux")
    assert by_distribution == ["rasterio", "pyproj"]
    assert by_pip == ["pandas", "sklearn", "xgboost", "matplotlib", "jinja2", "openpyxl"]
    by_pip, by_distribution = procedure.wanted("/nowhere", (), "win32")
    assert {"rasterio", "pyproj"} <= set(by_pip) and not by_distribution


def test_requirements_are_those_of_requirements_txt():
    assert dependencies.requirement("sklearn") == "scikit-learn>=1.2"
    assert dependencies.requirement("xgboost") == "xgboost-cpu>=2.0"
    lines = dependencies.REQUIREMENTS.read_text()
    for name in dependencies.PACKAGES:
        if name not in ("numpy", "scipy"):  # QGIS brings them
            assert dependencies.requirement(name) in lines, name


def test_constraints_hold_what_an_index_knows():
    have = {"numpy": "1.24.2", "kiwisolver": "0.0.0", "lz4": "4.0.2+dfsg", "tz": "2022.7.post1", "odd": ""}
    assert inventory.constraints(have) == ["numpy==1.24.2", "tz==2022.7.post1"]


def test_what_qgis_has_is_not_chosen_again(tmp_path):
    report = tmp_path / "report.json"
    report.write_text(
        '{"install": [{"metadata": {"name": "Scikit_Learn", "version": "1.9"}},'
        '{"metadata": {"name": "kiwisolver", "version": "1.4"}}]}'
    )
    assert outcome.chosen(report, {"kiwisolver": "0.0.0"}) == ["Scikit_Learn==1.9"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("WARNING: Retrying ... NewConnectionError('Temporary failure in name resolution')", "cannot be reached"),
        ("ProxyError('Cannot connect to proxy.')\nERROR: No matching distribution found for pandas", "proxy"),
        ("ERROR: No matching distribution found for pandas>=9", "no wheel of pandas for this Python"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("one\ntwo\nstrange", "pip failed.*strange"),
    ],
)
def test_failures_in_words(text, message):
    import re

    assert re.search(message, outcome.explain(text), re.DOTALL)
    assert "Nothing was changed" in outcome.explain(text)


def test_commands_to_copy_quote_what_needs_it():
    line = commands.by_hand("/usr/bin/python3", ["pandas>=1.5"], "/home/a b/p", "/c.txt", "linux")
    assert line == (
        "/usr/bin/python3 -m pip install --target '/home/a b/p' --only-binary :all: --constraint /c.txt 'pandas>=1.5'"
    )
    line = commands.by_hand("C:\\Program Files\\QGIS\\python3.exe", ["pandas>=1.5"], "C:\\p", "C:\\c.txt", "win32")
    assert line.startswith('"C:\\Program Files\\QGIS\\python3.exe" -m pip') and line.endswith('"pandas>=1.5"')


def test_where_a_package_comes_from(tmp_path):
    assert inventory.source_of(tmp_path / "py3.11" / "1" / "pandas" / "__init__.py", tmp_path) == "plugin"
    assert inventory.source_of(f"{sys.base_prefix}/lib/python3/dist-packages/numpy/__init__.py", tmp_path) == "QGIS"
    assert inventory.source_of("/opt/elsewhere/pandas/__init__.py", tmp_path) == "other"


def test_the_table_names_the_tools_that_wait(provider, tmp_path):
    rows = {row.name: row for row in inventory.packages(tmp_path, provider.algorithms())}
    assert "Train a risk model (XGBoost)" in rows["xgboost"].waiting
    assert rows["numpy"].version and not rows["numpy"].missing and not rows["numpy"].outdated
    assert not rows["openpyxl"].needed
