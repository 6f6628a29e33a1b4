#!/usr/bin/env bash
# Exports the Jura topsoils of R's gstat package (Debian's r-cran-gstat, GPL-2+) as CSV, with their attribution.
#   scripts/export_jura.sh OUT_DIR
# Installs R's base and the package if they are absent (as root or with sudo). A second call finds the files and returns.
set -euo pipefail
out=${1:?usage: scripts/export_jura.sh OUT_DIR}
files=(jura.pred.csv jura.val.csv jura.grid.csv ATTRIBUTION.txt)

complete=yes
for file in "${files[@]}"; do [[ -s $out/$file ]] || complete=no; done
[[ $complete == yes ]] && exit 0

has_gstat() { command -v Rscript >/dev/null && Rscript -e 'quit(status = !nzchar(system.file(package = "gstat")))' >/dev/null 2>&1; }

if ! has_gstat; then
  if ! command -v apt-get >/dev/null; then
    echo "The Jura example needs R with the package gstat: install them, then run this again." >&2
    exit 1
  fi
  as_root=(); [[ $(id -u) -eq 0 ]] || as_root=(sudo)
  echo "== installing R and its package gstat from Debian (a minute or two, once)"
  export DEBIAN_FRONTEND=noninteractive
  log=$(mktemp)
  { "${as_root[@]}" apt-get update -qq \
      && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends r-cran-gstat; } \
    >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
  rm -f "$log"
fi

mkdir -p "$out"
work=$(mktemp -d "$out/.export-XXXXXX")
trap 'rm -rf "$work"' EXIT
Rscript --vanilla - "$work" <<'R'
folder <- commandArgs(trailingOnly = TRUE)[1]
data(list = "jura", package = "gstat")
for (name in c("jura.pred", "jura.val", "jura.grid"))
  write.csv(get(name), file.path(folder, paste0(name, ".csv")), row.names = FALSE)
about <- c(
  "Jura topsoils: heavy metals (mg/kg), rock type and land use of 359 sites in the Swiss Jura, and a 50 m grid.",
  "",
  paste("Exported from the data set 'jura' of the R package gstat", packageVersion("gstat"),
        "(GPL-2 or newer), https://cran.r-project.org/package=gstat"),
  "The data were collected by the Swiss Federal Institute of Technology at Lausanne and come with:",
  "Goovaerts, P. (1997): Geostatistics for Natural Resources Evaluation. Oxford University Press.",
  "Atteia, O., Dubois, J.-P., Webster, R. (1994): Geostatistical analysis of soil contamination in the Swiss Jura.",
  "Environmental Pollution 86, 315-327. doi:10.1016/0269-7491(94)90172-4"
)
writeLines(about, file.path(folder, "ATTRIBUTION.txt"))
R
mv -f "$work"/jura.*.csv "$work"/ATTRIBUTION.txt "$out"/
