#!/usr/bin/env bash
# qgis_process with this checkout's plugin:  scripts/qgis_process.sh run coastalhm:assessment --SOIL=...
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/environment.sh"
packages=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export QGIS_PLUGINPATH=$root PYTHONPATH=$packages${PYTHONPATH:+:$PYTHONPATH}
exec "$QGIS_PROCESS" "$@"
