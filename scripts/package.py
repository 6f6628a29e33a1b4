"""Build build/coastal_hm_plugin.zip: what QGIS installs, and nothing else. The same tree gives the same bytes."""

import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "coastal_hm_plugin"
SUFFIXES = {".py", ".txt", ".html", ".svg", ".qml", ".csv", ".json", ".tsv", ".gpkg", ".md", ".qpt", ".geojson", ".npz"}
NAMES = {"LICENSE"}


def tracked_files():
    """The package's files that git tracks, sorted."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--", PACKAGE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return sorted(name for name in listing.stdout.split("\0") if name and (ROOT / name).exists())


def build(target):
    """Write the zip and return the names in it."""
    names = tracked_files()
    unknown = [name for name in names if Path(name).suffix not in SUFFIXES and Path(name).name not in NAMES]
    if unknown:
        raise SystemExit(f"Not known to belong into the zip: {', '.join(unknown)}")
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, (ROOT / name).read_bytes())
    temporary.replace(target)
    return names


if __name__ == "__main__":
    target = ROOT / "build" / f"{PACKAGE}.zip"
    count = len(build(target))
    print(f"{target.relative_to(ROOT)}: {count} files, {target.stat().st_size / 1e6:.2f} MB")
