"""Renew the pictures of the docs from the demo's result, at screen size: build/demo -> docs/pictures."""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("peri_soil", "peri_sediment")
WIDTH = 900  # pixels
COLOURS = 128


def main():
    """Shrink each map and keep it in few colours, so that the repository stays small."""
    target = ROOT / "docs" / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        picture = Image.open(ROOT / "build" / "demo" / f"{name}.png").convert("RGB")
        size = (WIDTH, round(picture.height * WIDTH / picture.width))
        picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS).save(target / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
