# Sourced by the scripts: where QGIS and its Python are. Set QGIS_PYTHON and QGIS_PROCESS to use another QGIS.
export QGIS_PYTHON=${QGIS_PYTHON:-/usr/bin/python3}
# Debian's qgis_process wrapper passes an option that the program does not know: call the program itself
if [[ -z ${QGIS_PROCESS:-} ]]; then
  QGIS_PROCESS=/usr/bin/qgis_process
  [[ -x /usr/bin/qgis_process.bin || ! -x $QGIS_PROCESS ]] && QGIS_PROCESS=/usr/bin/qgis_process.bin
fi
export QGIS_PROCESS
export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
