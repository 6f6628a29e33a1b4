"""Run every benchmark (or those named): build/benchmarks.json and the table in docs/benchmarks.md.

python -m benchmarks [name ...]
"""

import importlib
import json
import os
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HELPERS = {"timing"}


def scripts():
    """Names of the benchmark modules."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return [name for name in found if name not in HELPERS and not name.startswith("_")]


def run(names):
    """Run the named benchmarks and return their entries."""
    entries = []
    for name in names:
        print(f"== {name}", flush=True)
        result = importlib.import_module(f"benchmarks.{name}").measure()
        for entry in result if isinstance(result, list) else [result]:
            print(
                f"   {entry['name']}: {entry['ours_s']} s, {entry['peer']} {entry['peer_s']} s: "
                f"{entry['ratio']} times faster",
                flush=True,
            )
            entries.append(entry)
    return entries


def table(entries):
    """The entries as a page of markdown."""
    lines = [
        "# Benchmarks",
        "",
        "Each row is measured in one run on one machine, this project and the peer in turn on the same data; times are",
        f"medians in seconds. Made by `make bench` on a machine with {os.cpu_count()} cores.",
        "",
        "| benchmark | ours (s) | peer | peer (s) | times faster | what was done |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {e['name']} | {e['ours_s']} | {e['peer']} | {e['peer_s']} | {e['ratio']} | {e['note']} |" for e in entries
    ]
    return "\n".join(lines) + "\n"


def main():
    """Run, then merge into the file: naming some benchmarks keeps the figures of the others."""
    names = sys.argv[1:] or scripts()
    target = ROOT / "build" / "benchmarks.json"
    target.parent.mkdir(exist_ok=True)
    kept = json.loads(target.read_text(encoding="utf-8")) if sys.argv[1:] and target.exists() else []
    fresh = run(names)
    entries = [e for e in kept if e["name"] not in {f["name"] for f in fresh}] + fresh
    entries.sort(key=lambda e: e["name"])
    target.write_text(json.dumps(entries, indent=2), encoding="utf-8")
    (ROOT / "docs" / "benchmarks.md").write_text(table(entries), encoding="utf-8")
    print(f"written: {target.relative_to(ROOT)}, docs/benchmarks.md")


if __name__ == "__main__":
    main()
