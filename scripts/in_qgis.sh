#!/usr/bin/env bash
# Runs a command where QGIS finds the plugin and the Python packages:  scripts/in_qgis.sh COMMAND [ARG ...]
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/environment.sh
packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export QGIS_PLUGINPATH=$PWD PYTHONPATH=$packages${PYTHONPATH:+:$PYTHONPATH}
exec "$@"
