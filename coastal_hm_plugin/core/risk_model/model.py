"""A trained risk model: it predicts, tells its scores, and is written as XGBoost JSON with a sidecar."""

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Optional

import numpy as np
import pandas as pd

from ..applicability import Applicability
from ..covariates.manifest import Manifest
from ..errors import InputError
from ..monitor import SILENT
from ..risk_scheme import RiskScheme
from ..run_record import versions
from . import boosting, scores
from .intervals import PredictionIntervals
from .options import TrainingOptions
from .predictors import LeftOut, Predictor, encode, tell_missing
from .validation import Validation
from .verdict import Skill

FORMAT = "coastal heavy metal risk model"
FORMAT_VERSION = 1
ROWS_AT_ONCE = 50_000


@dataclass(frozen=True)
class RiskPrediction:
    """Predictions at n rows, in the target's unit.

    values: n floats. unseen: n counts of categories that training did not see, missing: n counts of predictors
    without a value; both were given to the trees as missing. by_predictor: the same counts, a row per predictor.
    """

    values: np.ndarray
    unseen: np.ndarray
    missing: np.ndarray
    by_predictor: pd.DataFrame


@dataclass(frozen=True)
class RiskModel:
    """XGBoost with all that is needed to use and to judge it.

    predictors: those the booster takes, in its order. inputs: a row per predictor that was offered (type, used,
    gain_share, chosen_share: share of folds that chose it, missing, mean, sd, minimum, maximum).
    scores: R2, RMSE, MAE, bias, CCC, D2 with 90 % intervals by folds and model (see :func:`scores.score`).
    held_out: a row per site (row in the table, observed, predicted_<folds>, fold and block of the strictest folds, and
    where coordinates were given longitude, latitude).
    skill: the verdict. left_out: columns not used, and why. scheme: the classes of the target on a map, if it has any.
    applicability: where the scores may be believed; None in older files and for fewer than 10 complete sites.
    intervals: prediction intervals, validation: what the folds tell beyond the scores; None in older files.
    """

    booster: object
    target: str
    predictors: tuple
    inputs: pd.DataFrame
    scores: pd.DataFrame
    held_out: pd.DataFrame
    skill: Skill
    left_out: tuple
    options: object
    n_rows: int
    manifest: Optional[Manifest] = None
    scheme: Optional[RiskScheme] = None
    applicability: Optional[Applicability] = None
    intervals: Optional[PredictionIntervals] = None
    validation: Optional[Validation] = None

    @property
    def names(self):
        """Names of the predictors that the booster takes."""
        return [predictor.name for predictor in self.predictors]

    @property
    def circular(self):
        """Names of the columns that were left out as circular."""
        return [entry.name for entry in self.left_out if entry.kind == "circular"]

    @property
    def strict_predictions(self):
        """Held-out predictions (n) of the strictest folds."""
        return self.held_out[f"predicted_{self.skill.scheme}"].to_numpy()

    def predict(self, table, threads=1, monitor=SILENT):
        """Predict every row of a table that has the predictors' columns: RiskPrediction.

        Raises InputError for a column that is not there.
        """
        encoded = encode(table, self.predictors)
        values = np.empty(len(table))
        for start in range(0, len(table), ROWS_AT_ONCE):
            monitor.progress(start / len(table))
            part = slice(start, start + ROWS_AT_ONCE)
            values[part] = boosting.predict(self.booster, encoded.matrix[part], threads)
        missing = np.isnan(encoded.matrix)
        counts = pd.DataFrame(
            {"predictor": self.names, "missing": missing.sum(axis=0), "unseen": encoded.unseen.sum(axis=0)}
        )
        tell_missing(table, self.predictors, encoded, monitor)
        return RiskPrediction(values, encoded.unseen.sum(axis=1), missing.sum(axis=1), counts)

    def dissimilarity(self, table, monitor=SILENT):
        """How unlike the training sites the rows of a table are: Dissimilarity, or None (see ``applicability``)."""
        if self.applicability is None:
            return None
        return self.applicability.assess(encode(table, self.predictors).matrix, monitor=monitor)

    def scores_by_folds(self):
        """The scores as a reader compares them: a row per model, R2, RMSE and MAE of every scheme side by side."""
        by = self.scores.set_index(["folds", "model"])
        models = [model for model in scores.MODELS if model in set(self.scores["model"])]
        wide = {"model": models}
        for measure in ("r2", "rmse", "mae"):
            for scheme in dict.fromkeys(self.scores["folds"]):
                wide[f"{measure}_{scheme}"] = by.loc[scheme, measure].reindex(models).to_numpy()
        return pd.DataFrame(wide)

    def left_out_table(self):
        """The columns left out: column, kind, reason."""
        return pd.DataFrame([asdict(entry) for entry in self.left_out], columns=["name", "kind", "reason"])

    def save(self, path):
        """Write ``path`` (XGBoost JSON) and ``<stem>.sidecar.json`` beside it; returns both paths.

        Raises InputError if the folder cannot be written to.
        """
        path = Path(path)
        if path.suffix != ".json":
            path = path.with_name(path.name + ".json")
        side = sidecar_path(path)
        # XGBoost tells the format from the suffix
        parts = path.with_name(path.stem + ".part.json"), side.with_name(side.stem + ".part.json")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            content = bytes(self.booster.save_raw("json"))
            parts[0].write_bytes(content)
            parts[1].write_text(
                json.dumps(self._sidecar(content), indent=1, ensure_ascii=False, allow_nan=False), encoding="utf-8"
            )
            os.replace(parts[0], path)
            os.replace(parts[1], side)
        except OSError as error:
            raise InputError(f"The model cannot be written to '{path}': {error}") from error
        finally:
            for part in parts:
                with contextlib.suppress(OSError):
                    part.unlink()
        return path, side

    def _sidecar(self, content):
        numbers = self.inputs[self.inputs["used"] & (self.inputs["type"] == "number")].set_index("predictor")
        side = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "booster_sha256": hashlib.sha256(content).hexdigest(),
            "target": self.target,
            "skill": asdict(self.skill),
            "features": [asdict(predictor) for predictor in self.predictors],
            "scaler": {
                "applied": False,  # trees do not need it; for distances between sites and for other programs
                **numbers[["mean", "sd"]].to_dict("index"),
            },
            "scores": _records(self.scores),
            "inputs": _records(self.inputs),
            "held_out": {name: _plain(self.held_out[name]) for name in self.held_out},
            "left_out": [asdict(entry) for entry in self.left_out],
            "options": asdict(self.options),
            "n_rows": self.n_rows,
            "manifest": self.manifest.to_dict() if self.manifest else None,
            "scheme": asdict(self.scheme) if self.scheme else None,
            "applicability": self.applicability.to_dict() if self.applicability else None,
            "intervals": self.intervals.to_dict() if self.intervals else None,
            "validation": self.validation.to_dict() if self.validation else None,
            "versions": versions(),
        }
        return {**side, "sidecar_sha256": _fingerprint(side)}


def sidecar_path(path):
    """Where the sidecar of a model file is."""
    path = Path(path)
    return path.with_name(path.stem + ".sidecar.json")


def load_risk_model(path):
    """Read what :meth:`RiskModel.save` wrote. Raises InputError for a file that is no model, or a changed one."""
    import xgboost

    path = Path(path)
    if path.name.endswith(".sidecar.json"):
        path = path.with_name(path.name[: -len(".sidecar.json")] + ".json")
    content, side = _read_both(path)
    try:
        booster = xgboost.Booster()
        booster.load_model(bytearray(content))
        if booster.num_features() != len(side["features"]):
            raise ValueError(f"the trees take {booster.num_features()} predictors, it names {len(side['features'])}")
        known = {entry.name for entry in fields(TrainingOptions)}
        options = {key: _frozen(value) for key, value in side["options"].items() if key in known}
        return RiskModel(
            booster=booster,
            target=side["target"],
            predictors=tuple(Predictor(entry["name"], tuple(entry["labels"])) for entry in side["features"]),
            inputs=pd.DataFrame(side["inputs"]),
            scores=pd.DataFrame(side["scores"]),
            held_out=pd.DataFrame(side["held_out"]),
            skill=Skill.from_dict(side["skill"]),
            left_out=tuple(LeftOut(**entry) for entry in side["left_out"]),
            options=TrainingOptions(**options),
            n_rows=side["n_rows"],
            manifest=Manifest.read(sidecar_path(path)) if side["manifest"] else None,
            scheme=RiskScheme(**{k: _frozen(v) for k, v in side["scheme"].items()}) if side["scheme"] else None,
            applicability=Applicability.from_dict(side["applicability"]) if side.get("applicability") else None,
            intervals=PredictionIntervals.from_dict(side["intervals"]) if side.get("intervals") else None,
            validation=Validation.from_dict(side["validation"]) if side.get("validation") else None,
        )
    except (KeyError, TypeError, ValueError, xgboost.core.XGBoostError) as error:
        raise InputError(f"'{sidecar_path(path)}' is damaged ({error}). Train the model again.") from error


def _read_both(path):
    side_path = sidecar_path(path)
    try:
        content = path.read_bytes()
        side = json.loads(side_path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"'{path}' is no risk model, or its sidecar '{side_path.name}' is not beside it: {error}"
        ) from error
    if not isinstance(side, dict) or side.get("format") != FORMAT or side.get("format_version") != FORMAT_VERSION:
        raise InputError(f"'{side_path}' is not the sidecar of a risk model that this version reads.")
    if hashlib.sha256(content).hexdigest() != side.get("booster_sha256"):
        raise InputError(f"'{path}' does not belong to its sidecar: one of them was changed. Train the model again.")
    written = side.pop("sidecar_sha256", None)
    if written is not None and written != _fingerprint(side):
        raise InputError(f"'{side_path}' was changed after the model was trained. Train the model again.")
    return content, side


def _fingerprint(side):
    """Of what a sidecar says, however it is spaced."""
    plain = json.loads(json.dumps(side))  # keys that are numbers are text in a file, and sort as such
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _frozen(value):
    return tuple(value) if isinstance(value, list) else value


def _plain(column):
    """A column as JSON has it: NaN is null."""
    return column.astype(object).where(column.notna(), None).tolist()


def _records(frame):
    return pd.DataFrame({name: pd.Series(_plain(frame[name]), dtype=object) for name in frame}).to_dict("records")
