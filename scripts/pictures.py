"""Renew the pictures of the docs from the demo's result, at screen size: build/demo -> docs/pictures."""

from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "build" / "demo"
TARGET = ROOT / "docs" / "pictures"
MAPS = ("peri_soil", "peri_sediment")
TOOLS = {  # tool -> the figure of the demo that shows what it makes
    "geochemicalbaselines": "figures/baseline_curves_soil",
    "mediazones": "figures/zone_scatter",
    "partitioncoefficients": "figures/partition_coefficients",
    "comparegroups": "figures/groups_kd",
    "correlation": "figures/correlations_soil",
    "structuralequationmodel": "figures/structural_equation_model",
    "pmf": "figures/pmf_profiles_sediment",
    "pollutionindices": "figures/peri_parts_soil",
    "trainriskmodel": "figures/risk_model_at_the_sites_soil_scores",
    "explainriskmodel": "figures/risk_model_at_the_sites_soil_shap",
    "predictriskpoints": "figures/prediction_intervals_of_the_map_soil_coverage",
    "predictriskraster": "peri_soil",
    "assessment": "figures/risk_models",
}
WIDTH = 900  # pixels
COLOURS = 128


def main():
    """Shrink each picture and keep it in few colours, so that the repository stays small."""
    (TARGET / "tools").mkdir(parents=True, exist_ok=True)
    for name in MAPS:
        _shrink(DEMO / f"{name}.png", TARGET / f"{name}.png")
    for tool, name in TOOLS.items():
        _shrink(DEMO / f"{name}.png", TARGET / "tools" / f"{tool}.png")


def _shrink(source, target):
    picture = Image.open(source).convert("RGB")
    size = (WIDTH, round(picture.height * WIDTH / picture.width))
    picture.resize(size, Image.Resampling.LANCZOS).quantize(COLOURS).save(target, optimize=True)


if __name__ == "__main__":
    main()
