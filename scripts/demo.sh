#!/usr/bin/env bash
# The full assessment of an example, through qgis_process:  scripts/demo.sh [synthetic|jura]
set -euo pipefail
cd "$(dirname "$0")/.."
example=${1:-synthetic}
out=build/demo
mkdir -p build

run() {  # the whole log stays in build/demo.log
  if ! scripts/qgis_process.sh run "$@" >build/demo.log 2>build/demo.err; then
    tail -n 20 build/demo.log build/demo.err >&2
    echo "failed; the whole log: build/demo.log, build/demo.err" >&2
    exit 1
  fi
}

case $example in
  synthetic)
    echo "== making the synthetic example coast (build/example)"
    run coastalhm:examplecoast --FOLDER=build/example
    arguments=(--SOIL=build/example/soil.csv --SEDIMENT=build/example/sediment.csv --WATER=build/example/water.csv
      --WATER_FRACTION=0 --TITLE="Synthetic example coast (Bohai and Yellow Sea shore): not measurements")
    rasters=build/example/rasters/*.tif ;;
  jura)
    echo "== fetching the Jura topsoils from Debian's r-cran-gstat (build/jura)"
    scripts/export_jura.sh build/jura/csv
    .venv/bin/python scripts/jura_rasters.py build/jura/csv build/jura
    arguments=(--SOIL=build/jura/soil.csv --VALIDATION=build/jura/validation.csv
      --SCHEME=2  # six metals: class limits scaled to the sum of their toxic response factors
      --TITLE="Jura topsoils (Goovaerts 1997; Atteia et al. 1994)")
    rasters=build/jura/rasters/*.tif ;;
  *) echo "EXAMPLE is synthetic or jura, not '$example'" >&2; exit 1 ;;
esac
for raster in $rasters; do arguments+=(--RASTERS="$raster"); done

echo "== full assessment (about a minute)"
run coastalhm:assessment "${arguments[@]}" --OUTPUT_FOLDER=$out
grep -ohE '(Skill|No skill|Skipped):.*' build/demo.log build/demo.err || true
echo
echo "map      $PWD/$out/peri_soil.png"
[[ -f $out/peri_sediment.png ]] && echo "map      $PWD/$out/peri_sediment.png"
echo "report   $PWD/$out/report.html"
echo "project  $PWD/$out/project.qgz   (open it in QGIS)"
