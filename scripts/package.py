"""Build build/coastal_hm_plugin.zip: what QGIS installs, and nothing else. The same tree gives the same bytes.

Translations are compiled on the way; where lrelease is missing the compiled ones of the tree go in, and that is said.

python scripts/package.py [--release]: a release is refused while its addresses are placeholders, its version is marked
unreleased in CHANGELOG.md, or files are not committed.
"""

import configparser
import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PACKAGE = "coastal_hm_plugin"
METADATA = f"{PACKAGE}/metadata.txt"
# no binaries but translations and pictures
SUFFIXES = {".py", ".txt", ".html", ".svg", ".qml", ".csv", ".json", ".tsv", ".md", ".qpt", ".geojson", ".model3"}
SUFFIXES |= {".qm", ".png", ".jpg"}
LEFT_OUT = {".ts"}  # QGIS loads the .qm made from it
NAMES = {"LICENSE"}
ADDRESSES = ("email", "homepage", "repository", "tracker")
PLACEHOLDER = re.compile(r"\bexample\.(org|com|net)\b")


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout


def tracked_files():
    """The package's files that git tracks, sorted."""
    names = _git("ls-files", "-z", "--", PACKAGE).split("\0")
    return sorted(name for name in names if name and (ROOT / name).exists())


def changes(changelog, version):
    """The heading and the text of a version in the change log, or None."""
    for section in re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]:
        heading, _, text = section.partition("\n")
        if heading.split()[:1] == [version]:
            return heading.strip(), text.strip()
    return None


def with_changes(metadata, changelog):
    """metadata.txt with its version's change log, as the plugin manager shows it."""
    found = changes(changelog, read(metadata)["version"])
    if found is None:
        return metadata
    # the key's later lines are indented; a percent sign would be read as a reference to another key
    lines = [line.replace("%", " per cent") for line in found[1].splitlines()]
    return metadata.rstrip("\n") + "\nchangelog=" + "\n ".join(lines) + "\n"


def read(metadata):
    """The keys of metadata.txt, read as QGIS and its plugin repository read them."""
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read_string(metadata)
    return dict(parser["general"])


def refusals(metadata, changelog, uncommitted=()):
    """Why these texts must not be published: a list of sentences, empty where they may."""
    keys = read(metadata)
    addresses = {key: keys.get(key, "") for key in ADDRESSES}
    found = [f"{key} is missing" for key, address in addresses.items() if not address]
    found += [f"{key} is a placeholder: {address}" for key, address in addresses.items() if PLACEHOLDER.search(address)]
    section = changes(changelog, keys["version"])
    if section is None:
        found.append(f"CHANGELOG.md has no section '## {keys['version']}'")
    elif "unreleased" in section[0].lower():
        found.append(f"CHANGELOG.md still says '{section[0]}': write the date of the release")
    if uncommitted:
        found.append(f"{len(uncommitted)} files are not committed: {', '.join(uncommitted[:3])} ...")
    return found


def contents():
    """What goes into the zip: {name: bytes}."""
    names = [name for name in tracked_files() if Path(name).suffix not in LEFT_OUT]
    unknown = [name for name in names if Path(name).suffix not in SUFFIXES and Path(name).name not in NAMES]
    if unknown:
        raise SystemExit(f"Not known to belong into the zip: {', '.join(unknown)}")
    files = {name: (ROOT / name).read_bytes() for name in names} | translations_of(names)
    metadata = with_changes(files[METADATA].decode("utf-8"), (ROOT / "CHANGELOG.md").read_text("utf-8"))
    return {**files, METADATA: metadata.encode("utf-8")}


def translations_of(names):
    """The compiled translations among these files, made anew: {name: bytes}."""
    from scripts.translations import compiled

    made = {name: compiled((ROOT / name).with_suffix(".ts")) for name in names if name.endswith(".qm")}
    if None in made.values():
        print("lrelease is missing (apt-get install qttools5-dev-tools): translations are not compiled anew")
    return {name: content for name, content in made.items() if content is not None}


def build(target):
    """Write the zip and return the names in it."""
    files = contents()
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".part")
    with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data)
    temporary.replace(target)
    return list(files)


def main(arguments):
    if "--release" in arguments:
        texts = ((ROOT / name).read_text("utf-8") for name in (METADATA, "CHANGELOG.md"))
        found = refusals(*texts, [line[3:] for line in _git("status", "--porcelain").splitlines()])
        if found:
            raise SystemExit("Not fit to be released:\n" + "\n".join(f"- {sentence}" for sentence in found))
    target = ROOT / "build" / f"{PACKAGE}.zip"
    count = len(build(target))
    print(f"{target.relative_to(ROOT)}: {count} files, {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
