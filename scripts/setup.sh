#!/usr/bin/env bash
# Installs what the project needs, once: QGIS from Debian (unless it is there), and the Python packages
# into .venv, beside QGIS's own. A second call finds everything in place and returns at once.
#   scripts/setup.sh [run|dev]     run: what the tools need; dev: also what tests and checks need
set -euo pipefail
cd "$(dirname "$0")/.."
level=${1:-run}
. scripts/environment.sh

say() { printf '== %s\n' "$*"; }

# Debian's QGIS wants Debian's rasterio beside it; another QGIS takes it from pip
wanted_modules=qgis.core,venv,ensurepip
[[ $QGIS_PYTHON == /usr/bin/python3 ]] && wanted_modules+=,rasterio

need_apt() {
  ! { [[ -x $QGIS_PYTHON ]] && "$QGIS_PYTHON" -c "import $wanted_modules" >/dev/null 2>&1 \
    && command -v "$QGIS_PROCESS" >/dev/null; }
}

as_root=(); [[ $(id -u) -eq 0 ]] || as_root=(sudo)
if need_apt; then
  if ! command -v apt-get >/dev/null; then
    echo "No QGIS found and no apt-get here. Install QGIS 3.22 or newer and name its Python:" >&2
    echo "  make demo QGIS_PYTHON=/path/to/the/python/of/QGIS   (see README, 'Other systems')" >&2
    exit 1
  fi
  say "installing QGIS and Python's venv from Debian (some minutes, once)"
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
    qgis qgis-providers python3-qgis python3-venv python3-pip python3-scipy python3-rasterio \
    fonts-dejavu-core >"${TMPDIR:-/tmp}/coastalhm-apt.log" 2>&1 \
    || { tail -n 20 "${TMPDIR:-/tmp}/coastalhm-apt.log" >&2; exit 1; }
fi

requirements=(-r coastal_hm_plugin/requirements.txt)
[[ $level == dev ]] && requirements+=(-r requirements-dev.txt)
fingerprint=$(cat coastal_hm_plugin/requirements.txt requirements-dev.txt scripts/setup.sh | sha256sum | cut -c1-16)
stamp=.venv/.installed-$level-$fingerprint
[[ $level == run && -f .venv/.installed-dev-$fingerprint ]] && stamp=.venv/.installed-dev-$fingerprint
if [[ ! -f $stamp ]]; then
  say "installing the Python packages ($level) into .venv (about a minute, once)"
  [[ -x .venv/bin/python ]] || "$QGIS_PYTHON" -m venv --system-site-packages .venv
  # QGIS was built against its own numpy and scipy: keep exactly those. And what links to GDAL, PROJ or GEOS must be
  # the system's: the wheels bring libraries of their own, whose names clash with QGIS's and crash it.
  "$QGIS_PYTHON" -c '
from importlib import metadata
for package in ("numpy", "scipy", "pyproj", "rasterio"):
    try:
        print(f"{package}=={metadata.version(package)}")
    except metadata.PackageNotFoundError:
        pass' >.venv/constraints.txt
  .venv/bin/python -m pip install -q --disable-pip-version-check -c .venv/constraints.txt "${requirements[@]}"
  # the system's pyproj looks for its data below the environment's own folder
  data=$("$QGIS_PYTHON" -c 'import pyproj; print(pyproj.datadir.get_data_dir())' 2>/dev/null || true)
  if [[ -n $data ]]; then mkdir -p .venv/share && ln -sfn "$data" .venv/share/proj; fi
  # PyQt6's stub files tell the tests which names Qt 6 has; the package itself must not meet QGIS's PyQt5
  if [[ $level == dev ]]; then
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --upgrade --target .venv/pyqt6 PyQt6
  fi
  # of the languages: lrelease compiles them; a font with Chinese letters and a locale with a decimal comma test them
  speaks() { command -v lrelease && fc-list :lang=zh | grep . && locale -a | grep de_DE; }
  if [[ $level == dev ]] && ! speaks >/dev/null 2>&1; then
    { "${as_root[@]}" apt-get install -y -qq --no-install-recommends qttools5-dev-tools fonts-wqy-microhei locales \
      && "${as_root[@]}" localedef -i de_DE -f UTF-8 de_DE.UTF-8; } >/dev/null 2>&1 \
      || say "no qttools5-dev-tools, fonts-wqy-microhei or locale de_DE here: some tests of languages are skipped"
  fi
  # a screen for the tests of the real desktop; without it they are skipped
  if [[ $level == dev ]] && ! command -v xvfb-run >/dev/null; then
    { command -v apt-get && "${as_root[@]}" apt-get install -y -qq --no-install-recommends xvfb xauth; } \
      >/dev/null 2>&1 || say "no xvfb-run (xvfb, xauth): the tests of the real desktop are skipped here"
  fi
  touch "$stamp"
  say "ready"
fi
