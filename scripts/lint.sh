#!/usr/bin/env bash
# Style, the import rule, and on what the zip holds what QGIS's plugin repository checks: flake8, security, secrets; beside
# it QGIS's own rules, those for Qt 6 (QGS4..) among them.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD bin=.venv/bin
zip_root=$(mktemp -d)
trap 'rm -rf "$zip_root"' EXIT
"$bin/python" -m zipfile -e build/coastal_hm_plugin.zip "$zip_root"

echo "== ruff";           "$bin/ruff" check . && "$bin/ruff" format --check .
echo "== import-linter";  PYTHONPATH=. "$bin/lint-imports"
# QGS202 asks of every addParameter() whether it succeeded; E203 is against the formatter's slices (a[i : j])
echo "== flake8, with flake8-qgis"
(cd "$zip_root" && "$root/$bin/flake8" --isolated --max-line-length=120 --extend-ignore=E203,QGS202 coastal_hm_plugin)
echo "== bandit";         "$bin/bandit" -q -r "$zip_root/coastal_hm_plugin"
echo "== detect-secrets"
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
