"""Missing packages: found, installed apart from QGIS's own, tried, undone. Small wheels made by hand, no network."""

import sys
import threading
import time
from importlib import metadata
from pathlib import Path

import pytest

from coastal_hm_plugin.core.errors import Cancelled
from coastal_hm_plugin.core.monitor import Monitor
from coastal_hm_plugin.processing_provider.installation import procedure
from coastal_hm_plugin.processing_provider.installation.errors import InstallationError
from coastal_hm_plugin.processing_provider.installation.folder import PackageFolder
from coastal_hm_plugin.processing_provider.installation.process import run
from tests.gui.fake_wheels import wheel

NUMPY = metadata.version("numpy")


@pytest.fixture
def wheels(tmp_path):
    return tmp_path / "wheels of the coast"


@pytest.fixture
def folder(tmp_path):
    made = PackageFolder(tmp_path / "profile with space 海岸" / "packages")
    yield made
    made.deactivate()


def ask(wheels, *names):
    return procedure.Request(tuple(names), tuple(name.split(">")[0] for name in names), wheels)


def install(folder, wheels, *names, **monitor):
    return run(procedure.install(ask(wheels, *names), folder), Monitor(**monitor))


def test_installs_into_the_plugins_folder_at_the_end_of_the_path(folder, wheels):
    wheel(wheels, "tidewater", "1.2", requires=["saltmarsh"])
    wheel(wheels, "saltmarsh", "0.5")
    told, shares = [], []
    packages = install(folder, wheels, "tidewater", on_info=told.append, on_progress=shares.append)
    assert sorted(packages) == ["saltmarsh==0.5", "tidewater==1.2"]
    assert folder.record() == {"packages": ["saltmarsh==0.5", "tidewater==1.2"], "numpy": NUMPY}
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert any("tidewater-1.2" in line for line in told)
    assert folder.activate()
    assert sys.path[-1] == str(folder.current())
    import tidewater

    assert tidewater.__version__ == "1.2"
    assert [path.name for path in folder.home.iterdir()] == ["1"], "nothing but the installation"


def test_undone_with_one_call(folder, wheels):
    wheel(wheels, "tidewater", "1.2")
    install(folder, wheels, "tidewater")
    folder.activate()
    folder.remove()
    assert not folder.home.exists()
    assert not [path for path in sys.path if path.startswith(str(folder.home))]
    assert folder.current() is None and not folder.activate()


def test_an_older_version_is_taken_where_the_newest_wants_another_numpy(folder, wheels):
    """numpy 2 is on offer and the newest release wants it; QGIS's numpy stays."""
    wheel(wheels, "numpy", "99.0", files={"numpy/__init__.py": "__version__ = '99.0'\n"})
    wheel(wheels, "tidewater", "3.0", requires=["numpy>=99"])
    wheel(wheels, "tidewater", "2.0", requires=["numpy>=1.20"])
    assert install(folder, wheels, "tidewater") == ["tidewater==2.0"]
    assert not (folder.current() / "numpy").exists()


def test_says_so_where_every_version_wants_another_numpy(folder, wheels):
    wheel(wheels, "numpy", "99.0", files={"numpy/__init__.py": "__version__ = '99.0'\n"})
    wheel(wheels, "tidewater", "3.0", requires=["numpy>=99"])
    with pytest.raises(
        InstallationError, match=rf"QGIS has \(numpy {NUMPY}\): tidewater 3.0 needs numpy>=99.*never chan"
    ):
        install(folder, wheels, "tidewater")
    assert folder.current() is None
    assert not list(folder.home.iterdir()), "nothing half-made stays"


def test_a_pip_without_a_report_installs_copies_and_they_are_pruned(folder, wheels, monkeypatch):
    monkeypatch.setattr(procedure, "REPORTING_PIP", (999, 0))
    copy = {"numpy/__init__.py": "raise ImportError\n", "numpy.libs/lib.so": "", "numpy/core/a.py": ""}
    wheel(wheels, "numpy", NUMPY, files=copy)
    wheel(wheels, "tidewater", "1.2", requires=["numpy"])
    assert install(folder, wheels, "tidewater") == ["tidewater==1.2"]
    left = {path.name for path in folder.current().iterdir()} - {"__pycache__"}  # some versions of pip compile
    assert left == {"tidewater.py", "tidewater-1.2.dist-info", "installed.json"}


def test_a_module_of_qgis_under_another_name_is_refused(folder, wheels):
    wheel(wheels, "tidewater", "1.2", files={"tidewater.py": "", "scipy/__init__.py": ""})
    with pytest.raises(InstallationError, match="'scipy' would stand beside QGIS's own"):
        install(folder, wheels, "tidewater")
    assert folder.current() is None


def test_the_full_package_stands_in_where_there_is_no_cpu_wheel(folder, wheels, monkeypatch):
    monkeypatch.setattr(procedure, "CPU_ONLY", {"tide-cpu": "tide"})
    wheel(wheels, "tide", "3.1")
    asked = procedure.Request(("tide-cpu>=2.0",), ("tide",), wheels)
    assert run(procedure.install(asked, folder), Monitor()) == ["tide==3.1"]


@pytest.mark.parametrize(
    ("code", "message"),
    [("raise OSError('libtide.so.9: cannot open')", "libtide.so.9"), ("import os; os.abort()", "crashed")],
)
def test_what_does_not_load_is_not_switched_to(folder, wheels, code, message):
    wheel(wheels, "saltmarsh", "1.0")
    install(folder, wheels, "saltmarsh")
    wheel(wheels, "tidewater", "1.2", files={"tidewater.py": code})
    with pytest.raises(InstallationError, match=f"tidewater: .*{message}.*Nothing was changed"):
        install(folder, wheels, "tidewater")
    assert folder.record()["packages"] == ["saltmarsh==1.0"], "the one before is still in use"


def test_a_second_installation_replaces_the_first(folder, wheels):
    wheel(wheels, "saltmarsh", "1.0")
    install(folder, wheels, "saltmarsh")
    wheel(wheels, "saltmarsh", "1.1")
    install(folder, wheels, "saltmarsh")
    assert folder.record()["packages"] == ["saltmarsh==1.1"]
    assert [path.name for path in folder.home.iterdir()] == ["2"]


def test_a_missing_wheel_is_named(folder, wheels):
    wheels.mkdir()
    with pytest.raises(InstallationError, match=r"has no wheel of tidewater for this Python\. Nothing was changed"):
        install(folder, wheels, "tidewater")


def test_what_was_installed_by_hand_is_looked_through_before_it_counts(folder, wheels, tmp_path):
    import subprocess

    from coastal_hm_plugin.processing_provider.installation import commands

    wheel(wheels, "numpy", NUMPY, files={"numpy/__init__.py": "raise ImportError\n"})
    wheel(wheels, "tidewater", "1.2", requires=["numpy"])
    constraints = procedure.write_constraints(folder, folder.constraints)
    line = commands.by_hand(sys.executable, ["tidewater"], folder.by_hand, constraints, "linux")
    line += f" --no-index --find-links '{wheels}'"
    subprocess.run(line, shell=True, check=True, capture_output=True)
    assert (folder.by_hand / "numpy").exists(), "pip copies what is there already"
    assert run(procedure.adopt(("tidewater",), folder), Monitor()) == ["tidewater==1.2"]
    assert not (folder.current() / "numpy").exists() and not folder.by_hand.exists()


def test_cancel_ends_everything_pip_started_and_leaves_nothing(folder, wheels, tmp_path):
    """A Python that starts a child of its own and waits: both are gone within a second of the cancel."""
    number = tmp_path / "child.pid"
    script = tmp_path / "python3"
    script.write_text(
        f"#!{sys.executable}\n"
        "import os, sys, time, runpy\n"
        "if 'pip' not in sys.argv:\n"
        "    sys.argv = sys.argv[1:]\n"
        "    runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "    sys.exit()\n"
        "os.setsid()\n"
        "if os.fork() == 0:\n"
        f"    open({str(number)!r}, 'w').write(str(os.getpid()))\n"
        "time.sleep(60)\n"
    )
    script.chmod(0o755)
    cancelled = threading.Event()

    def cancel_when_started():
        while not number.exists() or not number.read_text():
            time.sleep(0.02)
        cancelled.set()

    threading.Thread(target=cancel_when_started, daemon=True).start()
    course = procedure.install(ask(wheels, "tidewater"), folder, programs=[script])
    with pytest.raises(Cancelled):
        run(course, Monitor(is_cancelled=cancelled.is_set))
    child = Path("/proc") / number.read_text() / "stat"
    deadline = time.monotonic() + 5
    while child.exists() and child.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not child.exists() or child.read_text().split()[2] == "Z"
    assert not list(folder.home.iterdir())


def test_a_python_without_pip_gets_the_command_that_brings_it(folder, wheels, tmp_path):
    script = tmp_path / "python3"
    answer = f'{{"version": [{sys.version_info[0]}, {sys.version_info[1]}], "numpy": "{NUMPY}", "pip": ""}}'
    script.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'w').write({answer!r})\n")
    script.chmod(0o755)
    with pytest.raises(InstallationError, match=r"has no pip\. Install it first:  .*pip"):
        run(procedure.install(ask(wheels, "tidewater"), folder, programs=[script]), Monitor())


def test_another_python_than_qgis_s_is_not_used(folder, wheels, tmp_path):
    script = tmp_path / "python3"
    script.write_text(f"#!{sys.executable}\nimport sys\nopen(sys.argv[-1], 'w').write('{{\"version\": [3, 4]}}')\n")
    script.chmod(0o755)
    with pytest.raises(InstallationError, match=r"was not found as a program; looked at: .*python3"):
        run(procedure.install(ask(wheels, "tidewater"), folder, programs=[script]), Monitor())


def test_packages_made_for_another_numpy_are_left_out(folder, wheels, monkeypatch):
    wheel(wheels, "tidewater", "1.2")
    install(folder, wheels, "tidewater")
    from coastal_hm_plugin.processing_provider.installation import folder as module

    monkeypatch.setattr(module, "numpy_version", lambda: "99.0")
    assert not folder.activate()
    assert f"beside numpy {NUMPY}; QGIS has numpy 99.0" in folder.outdated()


def test_leftovers_go_at_the_next_start(folder, wheels):
    import os

    wheel(wheels, "tidewater", "1.2")
    install(folder, wheels, "tidewater")
    young, old, superseded = (folder.home / name for name in (".part-young", ".part-old", "7"))
    for path in (young, old, superseded, folder.by_hand):
        path.mkdir()
    os.utime(old, (0, 0))
    folder.tidy()
    assert sorted(path.name for path in folder.home.iterdir()) == [".part-young", "1", "by-hand"]
