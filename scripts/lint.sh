#!/usr/bin/env bash
# Style, the import rule, and on what the zip holds: QGIS rules, security, secrets.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
zip_root=$(mktemp -d)
trap 'rm -rf "$zip_root"' EXIT
"$bin/python" -m zipfile -e build/coastal_hm_plugin.zip "$zip_root"

echo "== ruff";           "$bin/ruff" check . && "$bin/ruff" format --check .
echo "== import-linter";  PYTHONPATH=. "$bin/lint-imports"
echo "== flake8-qgis";    "$bin/flake8" --select=QGS --extend-ignore=QGS202 "$zip_root/coastal_hm_plugin"
echo "== bandit";         "$bin/bandit" -q -r "$zip_root/coastal_hm_plugin"
echo "== detect-secrets"
root=$PWD
(cd "$zip_root" && "$root/$bin/detect-secrets" scan --all-files coastal_hm_plugin) >"$zip_root/secrets.json"
"$bin/python" - "$zip_root/secrets.json" <<'PYTHON'
import json
import sys

found = json.load(open(sys.argv[1]))["results"]
for path, secrets in found.items():
    for secret in secrets:
        print(f"{path}:{secret['line_number']}: {secret['type']}")
sys.exit(bool(found))
PYTHON
echo "lint: all clean"
