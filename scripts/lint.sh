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
found=$(cd "$zip_root" && "$OLDPWD/$bin/detect-secrets" scan --all-files coastal_hm_plugin)
echo "$found" | "$bin/python" -c '
import json, sys
results = json.load(sys.stdin)["results"]
for path, secrets in results.items():
    for secret in secrets:
        print(f"{path}:{secret[\"line_number\"]}: {secret[\"type\"]}")
sys.exit(bool(results))'
echo "lint: all clean"
