#!/usr/bin/env bash
# qgis_process with this checkout's plugin:  scripts/qgis_process.sh run coastalhm:assessment --SOIL=...
# It uses a QGIS profile of its own (build/qgis-profile), so it changes nothing in yours.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/scripts/environment.sh"
packages=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
export QGIS_PLUGINPATH=$root PYTHONPATH=$packages${PYTHONPATH:+:$PYTHONPATH}
export QGIS_CUSTOM_CONFIG_PATH=${QGIS_CUSTOM_CONFIG_PATH:-$root/build/qgis-profile}
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-/tmp}
if [[ ! -f $QGIS_CUSTOM_CONFIG_PATH/.plugin-enabled ]]; then
  mkdir -p "$QGIS_CUSTOM_CONFIG_PATH"
  "$QGIS_PROCESS" plugins enable coastal_hm_plugin >/dev/null 2>&1
  touch "$QGIS_CUSTOM_CONFIG_PATH/.plugin-enabled"
fi
exec "$QGIS_PROCESS" "$@"
