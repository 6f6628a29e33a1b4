"""The tables of docs/risk_model.md: what risk models of real soils promise, and what they hold on soils kept apart.

.venv/bin/python scripts/evidence.py [folder of the reference data]
"""

import sys
import tempfile
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from coastal_hm_plugin.core.covariates import describe_rasters, sample_covariates
from coastal_hm_plugin.core.covariates.classes import read_classes
from coastal_hm_plugin.core.covariates.manifest import Manifest
from coastal_hm_plugin.core.example_coast import make_example_coast
from coastal_hm_plugin.core.example_jura import make_jura
from coastal_hm_plugin.core.indices import pollution_indices
from coastal_hm_plugin.core.risk_model import (
    TrainingOptions,
    boosting,
    kriging,
    linear,
    score,
    scores,
    spatial_folds,
    train_risk_model,
)
from coastal_hm_plugin.core.risk_model.folds import to_metres
from coastal_hm_plugin.core.risk_model.predictors import encode
from coastal_hm_plugin.core.samples import read_csv_points, read_samples
from scripts.evidence_ways import Ways

WGS84 = "EPSG:4326"
JURA_RESPONSE = {"Cd": 30, "Cu": 5, "Ni": 5, "Pb": 5, "Cr": 2, "Zn": 1}
METALS = ["As", "Cd", "Cr", "Cu", "Hg", "Ni", "Pb", "Zn"]
SQUARE, QUARTERS, REPEATS = 2.0, 4, 2  # degrees; hold-outs of the western US; repeats of the folds


@dataclass(frozen=True)
class Survey:
    """Soils to train on and soils kept apart, in one layout: predictors, targets, longitude, latitude, square.

    square: codes of the soils that are resampled together where the hold-out is scored; manifest: the predictors'
    rasters.
    """

    train: pd.DataFrame
    held_out: pd.DataFrame
    predictors: list
    manifest: Manifest

    def model(self, target, predictors=None, **options):
        """A risk model of the soils to train on."""
        x, y = self.train["longitude"].to_numpy(), self.train["latitude"].to_numpy()
        names = predictors or self.predictors
        return train_risk_model(self.train, target, names, TrainingOptions(**options), x, y, WGS84, self.manifest)


def jura(reference, folder):
    """Swiss Jura: 259 topsoils, and the 100 that Goovaerts (1997) kept for validation. PERI against their medians."""
    tables = [pd.read_csv(reference / "jura" / f"jura.{name}.csv") for name in ("pred", "val")]
    background = tables[0][list(JURA_RESPONSE)].median()
    for table in tables:
        table["PERI"] = sum(response * table[m] / background[m] for m, response in JURA_RESPONSE.items())
        table["longitude"], table["latitude"], table["square"] = table["long"], table["lat"], np.arange(len(table))
    rasters = make_jura(folder, reference / "jura").rasters
    manifest = describe_rasters([str(rasters[name]) for name in ("rock", "land_use")], names=["Rock", "Landuse"])
    return Survey(*tables, ["Rock", "Landuse"], manifest)


def western_us(reference, quarter=0):
    """Western US: soils with all eight metals, their covariates, and one quarter of the map's squares kept apart.

    The squares of 2 x 2 degrees that hold soils are dealt into four quarters, at random with seed 1, before anything
    is computed; PERI is against the medians of the soils to train on.
    """
    data = reference / "western_us"
    table = pd.read_csv(data / "soils.csv")
    place = table["longitude"].to_numpy(), table["latitude"].to_numpy(), WGS84
    samples = read_samples(table, *place, "soil")
    classes = {"globcov_code": read_classes(data / "globcov_classes.tsv")}
    manifest = describe_rasters([str(path) for path in sorted(data.glob("*.tif"))], "suggested", classes=classes)
    covariates = sample_covariates(*place, manifest).table.reset_index(drop=True)
    table = covariates.join(samples.concentrations).assign(longitude=samples.x, latitude=samples.y)
    table["square"] = 1000 * np.floor(samples.x / SQUARE) + np.floor(samples.y / SQUARE)
    table = table.dropna(subset=METALS)
    squares = np.random.default_rng(1).permutation(np.unique(table["square"]))
    apart = table["square"].isin(np.array_split(squares, QUARTERS)[quarter])
    background = table.loc[~apart, METALS].median()
    table["PERI"] = pollution_indices(table[METALS].reset_index(drop=True), background).site["PERI"].to_numpy()
    parts = table[~apart].reset_index(drop=True), table[apart].reset_index(drop=True)
    return Survey(*parts, list(manifest.names), manifest)


def planes(survey):
    """Places of both parts (metres, on one plane)."""
    both = pd.concat([survey.train, survey.held_out])
    places = np.column_stack(to_metres(both["longitude"], both["latitude"], WGS84))
    return places[: len(survey.train)], places[len(survey.train) :]


def on_hold_out(survey, target, model):
    """Score of every model at the soils kept apart: model -> scores (none of them took part in anything)."""
    train, held_out, transform = survey.train, survey.held_out, model.options.transform
    y = train[target].to_numpy()
    known, new = (encode(table, model.predictors).matrix for table in (train, held_out))
    labels = [len(predictor.labels) for predictor in model.predictors]
    predicted = {
        scores.XGBOOST: model.predict(held_out).values,
        scores.LINEAR: linear.ridge_predictions(known, y, new, labels, transform),
        scores.KRIGING: kriging.kriged_predictions(planes(survey)[0], y, planes(survey)[1], transform),
        scores.MEAN: np.full(len(held_out), y.mean()),
    }
    return {
        name: score(held_out[target], values, held_out["square"], transform=transform)
        for name, values in predicted.items()
    }


def digits(value):
    """A number with three digits, thousands apart."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def verdict(skill):
    """The verdict of a model in a cell."""
    names = {scores.KRIGING: "kriging", scores.LINEAR: "the line", scores.MEAN: "the mean", "": ""}
    if skill.has_skill:
        return f"skill; better: {names[skill.better]}" if skill.better else "skill"
    return f"no skill; take {names[skill.better]}"


def is_inside(model, held_out, measure="r2"):
    """Whether the hold-out's score lies in the interval that the strictest folds promise."""
    row = model.scores[(model.scores["model"] == scores.XGBOOST) & (model.scores["folds"] == model.skill.scheme)].iloc[
        0
    ]
    return bool(row[f"{measure}_low"] <= held_out[measure] <= row[f"{measure}_high"])


def by_folds(survey, model):
    """A model's scores: model -> scheme -> row."""
    return {name: rows.set_index("folds") for name, rows in model.scores.groupby("model", sort=False)}


def score_row(survey, target, model, label):
    """R2 of the trees, scheme by scheme."""
    row = by_folds(survey, model)[scores.XGBOOST]
    cells = [scores.with_interval(row.loc[scheme]) for scheme in ("random", "matched", "spatial")]
    held_out = on_hold_out(survey, target, model)[scores.XGBOOST]
    return [label, *cells, scores.with_interval(held_out), verdict(model.skill)]


def beside_row(survey, target, model, label):
    """R2 of what the trees stand beside: on spatial blocks, and on the soils kept apart."""
    folds, held_out = by_folds(survey, model), on_hold_out(survey, target, model)
    others = (scores.LINEAR, scores.KRIGING, scores.MEAN)
    pairs = ((scores.with_interval(folds[m].loc["spatial"]), scores.with_interval(held_out[m])) for m in others)
    return [label, *("; ".join(pair) for pair in pairs)]


def promise_row(survey, target, model, label):
    """What the folds promised and what came of it: RMSE, coverage of the intervals, area of applicability."""
    predicted = model.predict(survey.held_out).values
    observed = survey.held_out[target].to_numpy()
    held_out = on_hold_out(survey, target, model)[scores.XGBOOST]
    promised = by_folds(survey, model)[scores.XGBOOST].loc[model.skill.scheme]
    lower, upper = model.intervals.bounds(predicted)
    covered = ((lower <= observed) & (observed <= upper)).mean()
    within = model.dissimilarity(survey.held_out).to_frame()["AOA"].to_numpy() == 1
    error = np.abs(predicted - observed)
    outside = f"{np.median(error[~within]):.3g} ({(~within).sum()})" if (~within).any() else "none"
    return [
        label,
        "yes" if is_inside(model, held_out) else "**no**",
        "yes" if is_inside(model, held_out, "rmse") else "**no**",
        "{} ({} to {}), {}".format(*map(digits, (*promised[["rmse", "rmse_low", "rmse_high"]], held_out["rmse"]))),
        f"{100 * model.intervals.coverage:.0f} %, {100 * covered:.0f} %",
        f"{np.median(error[within]):.3g} ({within.sum()})",
        outside,
    ]


def table(title, head, rows):
    """Print rows as Markdown."""
    print(f"\n### {title}\n\n| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for row in rows:
        print(f"| {' | '.join(map(str, row))} |")
    sys.stdout.flush()


def other_ways(survey, target, label):
    """Each way on the same spatial blocks, its gain over the default, and on the soils kept apart."""
    y = survey.train[target].to_numpy()
    model = train_risk_model(survey.train, target, survey.predictors, TrainingOptions(repeats=1, selection="none"))
    transform = model.options.transform
    matrix, new = (encode(part, model.predictors).matrix for part in (survey.train, survey.held_out))
    places, new_places = planes(survey)
    folds = spatial_folds(*places.T, y, 5, REPEATS, np.random.default_rng(1))
    blocks = np.unique(folds.block_of, return_inverse=True)[1]
    rows, default = [], None
    for name, way in Ways(transform, np.array([p.is_category for p in model.predictors])).named().items():
        predicted = np.empty((REPEATS, len(y)))
        for repeat, train, test in folds.splits():
            predicted[repeat, test] = way(matrix[train], y[train], places[train], matrix[test], places[test])
        found = score(y, predicted, folds.block_of, folds.n_folds, transform)
        lost = scores.losses(y, predicted, transform).mean(axis=0)
        default = lost if default is None else default
        gain = 1 - lost.sum() / default.sum()
        drawn = scores.resampled_sums(np.stack([lost, default]), blocks, 1)
        low, high = scores.interval(gain, 1 - drawn[:, 0] / drawn[:, 1], "gain", folds.n_folds)
        there = way(matrix, y, places, new, new_places)
        apart = score(survey.held_out[target], there, survey.held_out["square"], transform=transform)
        gained = scores.with_interval({"gain": gain, "gain_low": low, "gain_high": high}, "gain") if rows else ""
        first = "" if rows else label
        rows.append([first, name, scores.with_interval(found), gained, scores.with_interval(apart)])
    searched = survey.model(target, repeats=REPEATS, search=8)
    row = by_folds(survey, searched)[scores.XGBOOST].loc["spatial"]
    apart = on_hold_out(survey, target, searched)[scores.XGBOOST]
    rows.insert(2, ["", "search of 8, nested", scores.with_interval(row), "", scores.with_interval(apart)])
    return rows


def block_rows(survey):
    """The promise of larger and larger spatial blocks: D2."""
    rows = []
    for target in ("Cr", "Ni"):
        for size in (None, 220e3, 300e3, 400e3):
            model = survey.model(target, repeats=REPEATS, block_size_m=size)
            row = by_folds(survey, model)[scores.XGBOOST].loc["spatial"]
            away = median_distances(survey, model)[0] / 1000
            cells = f"{row['block_size_m'] / 1000:.0f} km", f"{away:.0f} km", scores.with_interval(row, "d2")
            rows.append([target, *cells, verdict(model.skill)])
    return rows


def rock_rows(survey):
    """The rasters alone, and with what the samples tell of their rock: R2 on spatial blocks and on the hold-out."""
    rows = []
    for target in ("PERI", "Hg", "Cr", "Ni", "Cu"):
        row = [target]
        for names in (survey.predictors, [*survey.predictors, "Al", "Fe", "Mn"]):
            model = survey.model(target, names, repeats=REPEATS)
            promised = by_folds(survey, model)[scores.XGBOOST].loc["spatial"]
            row += [scores.with_interval(each) for each in (promised, on_hold_out(survey, target, model)["XGBoost"])]
        rows.append(row)
    return rows


def coast_rows():
    """The example coast, the paper's way beside the honest one: soils and sediments."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        coast = make_example_coast(folder, seed=1)
        manifest = describe_rasters([str(path) for path in coast.rasters.values()])
        for medium in ("soil", "sediment"):
            points = read_csv_points(coast.tables[medium])
            samples = read_samples(points.table, points.x, points.y, points.crs, medium)
            indices = pollution_indices(samples.concentrations, samples.concentrations.median())
            predictors = sample_covariates(points.x, points.y, points.crs, manifest).table.join(samples.properties)
            factors = indices.cf.add_prefix("CF_")
            given = predictors.join(factors).assign(PERI=indices.site["PERI"].to_numpy())
            options = TrainingOptions(medium=medium, repeats=REPEATS, compare_wu2025=True)
            if medium == "soil":
                given["site"] = samples.table["soil_id"].str[:4].to_numpy()
                options = replace(options, groups="site")
            place = points.x, points.y, points.crs
            for label, names in (("with CF", [*predictors, *factors]), ("without CF", list(predictors))):
                model = train_risk_model(given, "PERI", names, options, *place)
                honest = model.scores[model.scores["model"] == scores.XGBOOST].set_index("folds")
                paper = model.validation.wu2025
                cells = [scores.with_interval(honest.loc[scheme]) for scheme in ("random", "spatial")]
                rows.append([f"{medium}, {label}", scores.with_interval(paper.scores.iloc[0]), *cells])
    return rows


def median_distances(survey, model):
    """Median distance (m) to the nearest soil trained on: of the spatial folds, of the soils kept apart."""
    from scipy.spatial import cKDTree

    table = model.validation.distances
    folds = table[(table["kind"] == "spatial") & (table["share"] == 0.5)]["distance_m"].iloc[0]
    places, new_places = planes(survey)
    return folds, np.median(cKDTree(places).query(new_places)[0])


def pasture_rows(survey):
    """PERI of pasture and of the rest, each block of 500 m counted once."""
    rows = []
    for part, data in (("trained on", survey.train), ("kept apart", survey.held_out)):
        block = np.floor(data["Xloc"] / 0.5) * 1000 + np.floor(data["Yloc"] / 0.5)
        pasture = data["Landuse"] == "Pasture"
        row = [part, f"{data['PERI'].mean():.1f}", f"{data['PERI'].std():.1f}"]
        for which in (pasture, ~pasture):
            means = data["PERI"][which].groupby(block[which]).mean()
            row += [which.sum(), len(means), f"{means.mean():.1f} ± {means.std() / np.sqrt(len(means)):.1f}"]
        rows.append(row)
    return rows


def chance_of(survey, model, target, draws=300):
    """R2 at random hold-outs of the same size from both parts together: draws values, ascending."""
    both = pd.concat([survey.train, survey.held_out], ignore_index=True)
    matrix, y = encode(both, model.predictors).matrix, both[target].to_numpy()
    is_category = np.array([predictor.is_category for predictor in model.predictors])
    rng, found = np.random.default_rng(1), []
    for _ in range(draws):
        apart = rng.permutation(len(y)) < len(survey.held_out)
        booster = boosting.fit(matrix[~apart], y[~apart], is_category, model.options.trees)
        error = y[apart] - boosting.predict(booster, matrix[apart])
        found.append(1 - np.mean(error**2) / np.var(y[apart]))
    return np.sort(found)


def jura_peri(survey, model):
    """What lies behind the hold-out score of PERI in the Jura, in figures."""
    head = ["soils", "PERI", "SD", "pasture: n", "blocks", "PERI", "other: n", "blocks", "PERI"]
    table("Jura: PERI of pasture, blocks of 500 m", head, pasture_rows(survey))
    rows = []
    for names in (["Rock"], ["Landuse"], survey.predictors):
        alone = survey.model("PERI", names, repeats=REPEATS)
        held_out = on_hold_out(survey, "PERI", alone)[scores.XGBOOST]
        promised = by_folds(survey, alone)[scores.XGBOOST].loc["spatial"]
        rows.append([" and ".join(names), scores.with_interval(promised), scores.with_interval(held_out)])
    table("Jura: PERI from one predictor", ["predictor", "spatial blocks", "hold-out"], rows)
    observed, predicted = survey.held_out["PERI"].to_numpy(), model.predict(survey.held_out).values
    kept = np.argsort((observed - predicted) ** 2)
    of_kept = [score(observed[kept[:-k]], predicted[kept[:-k]])["r2"] for k in (1, 3, 5, 10)]
    drawn = chance_of(survey, model, "PERI")
    below = np.mean(drawn <= score(observed, predicted)["r2"])
    print(f"\nR2 without the 1, 3, 5, 10 worst soils: {np.round(of_kept, 2)}. Of {len(drawn)} random hold-outs")
    print(f"{below:.1%} are as low; their quantiles 1, 50, 99 %: {np.quantile(drawn, [0.01, 0.5, 0.99]).round(2)}")


def main(reference):
    """Print every table."""
    warnings.filterwarnings("ignore")
    models = []
    with tempfile.TemporaryDirectory() as folder:
        swiss = jura(reference, folder)
        for target in ("PERI", "Cd", "Co", "Ni", "Zn"):
            models.append((swiss, target, swiss.model(target, repeats=REPEATS, matched=True), f"Jura, {target}"))
        names = [*swiss.predictors, "Xloc", "Yloc"]
        for target in ("PERI", "Co", "Ni"):
            label = f"Jura, {target}, with position"
            models.append((swiss, target, swiss.model(target, names, repeats=REPEATS, matched=True), label))
    american = western_us(reference)
    for target in ("PERI", "Hg", "Cr", "Ni", "Cu"):
        label = f"Western US, {target}"
        models.append((american, target, american.model(target, repeats=REPEATS, matched=True), label))
    head = ["target", "random", "matched to the map", "spatial blocks", "hold-out", "verdict"]
    table("Scores side by side: R²", head, [score_row(*given) for given in models])
    head = ["target", "linear model", "kriging", "mean of the training sites"]
    table("Beside them, R²: spatial blocks; hold-out", head, [beside_row(*given) for given in models])
    head = ["target", "R² inside", "RMSE inside", "RMSE: spatial, hold-out", "coverage", "error inside", "outside"]
    table("Promised and held", head, [promise_row(*given) for given in models])
    jura_peri(swiss, models[0][2])
    for survey, _, model, label in models[:1] + models[-3:]:
        folds, apart = median_distances(survey, model)
        print(
            f"\n{label}: median distance to the nearest soil trained on: folds {folds:.0f} m, kept apart {apart:.0f} m"
        )
    print(f"\n{len(swiss.train)} + {len(swiss.held_out)} soils; {len(american.train)} + {len(american.held_out)}")
    rows = []
    for quarter in range(QUARTERS):
        survey = western_us(reference, quarter) if quarter else american
        for target in ("PERI", "Cr", "Ni", "Cu"):
            model = survey.model(target, repeats=1)
            promised = by_folds(survey, model)[scores.XGBOOST].loc["spatial"]
            apart = on_hold_out(survey, target, model)[scores.XGBOOST]
            both = [f"{scores.with_interval(promised, m)}; {scores.with_interval(apart, m)}" for m in ("r2", "d2")]
            inside = ["yes" if is_inside(model, apart, m) else "**no**" for m in ("r2", "d2")]
            rows.append(
                [f"{target}, quarter {quarter + 1} (n {len(survey.held_out)})", both[0], inside[0], both[1], inside[1]]
            )
    table(
        "Each quarter kept apart in turn",
        ["", "R²: spatial; hold-out", "inside", "D²: spatial; hold-out", "inside"],
        rows,
    )
    head = ["", "blocks", "held-out soils away", "D²", "verdict"]
    table("Larger blocks", head, block_rows(american))
    head = ["", "rasters: blocks", "hold-out", "with Al, Fe, Mn: blocks", "hold-out"]
    table("Rock", head, rock_rows(american))
    head = ["target", "way", "spatial blocks: R²", "gain over the default", "hold-out: R²"]
    rows = [row for target in ("PERI", "Co", "Zn") for row in other_ways(swiss, target, f"Jura, {target}")]
    rows += [row for target in ("PERI", "Cr", "Cu") for row in other_ways(american, target, f"Western US, {target}")]
    table("Other ways, chosen inside the folds", head, rows)
    head = ["PERI of", "as in Wu et al. 2025", "honest, random folds", "honest, spatial blocks"]
    table("The example coast", head, coast_rows())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "shared" / "reference")
