"""What the parts of a run may hold beyond their types: a part that breaks this is refused when the run is opened.

A checksum says that a file is as it was written, and not that what was written makes sense.
"""

from __future__ import annotations

import io
import math
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from melanoma.diagnoses import CODES
from melanoma.photo.fingerprint import BYTES
from melanoma.run.calibration import MALIGNANT, Calibration, KindCalibration
from melanoma.run.error import RunError
from melanoma.run.half_written import take_whole_lines
from melanoma.sources import CLINICAL, DERMOSCOPIC

PROBABILITIES = tuple(f"p_{code}" for code in CODES)
PREDICTION_COLUMNS = ("image_id", "diagnosis", "source", "split", *PROBABILITIES)
SPLIT_COLUMNS = ("image_id", "diagnosis", "group", "source", "split")


def read_table(path: Path, columns: Collection[str]) -> pd.DataFrame:
    """A CSV file of a run that has these columns, those of PROBABILITIES from 0 to 1. Raises RunError."""
    try:
        table = pd.read_csv(path)
    except ValueError as error:  # of pandas, whose own are of this kind
        raise refuse(path, "it is no table") from error
    if missing := [name for name in columns if name not in table]:
        raise refuse(path, f"the column {missing[0]} is missing")
    for name in columns:
        if name not in PROBABILITIES:
            if table[name].isna().any():
                raise refuse(path, f"the column {name} has empty cells")
        elif not pd.to_numeric(table[name], errors="coerce").between(0, 1).all():
            raise refuse(path, f"the column {name} has cells that are no probabilities")
    if not table["diagnosis"].isin(CODES).all():
        raise refuse(path, "the column diagnosis has cells that are none of the nine")
    return table


def read_numbers(path: Path) -> pd.DataFrame:
    """A CSV file that may still be being written, with all that is no finite number left out; empty without a row.

    Raises what pandas raises.
    """
    whole = take_whole_lines(path.read_text())
    if not whole:
        return pd.DataFrame({"epoch": []})
    table = pd.read_csv(io.StringIO(whole)).apply(pd.to_numeric, errors="coerce")
    return table.replace([math.inf, -math.inf], math.nan)


def read_fingerprints(path: Path) -> np.ndarray:
    """The fingerprints of a run's training photos, (n, BYTES) uint8. Raises RunError."""
    try:
        table = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise refuse(path, "it is no table of fingerprints") from error
    if table.dtype != np.uint8 or table.ndim != 2 or table.shape[1] != BYTES:
        raise refuse(path, "it is no table of fingerprints")
    return table


def check_calibration(path: Path, calibration: Calibration) -> None:
    """Raises RunError for a calibration that no answer can be made with."""
    for part in (calibration, calibration.clinical, calibration.pair):
        for why in _list_faults(part) if part is not None else ():
            raise refuse(path, why)
    weights = calibration.pair.weights if calibration.pair else {}
    if calibration.pair and not (set(weights) == {DERMOSCOPIC, CLINICAL} and all(map(math.isfinite, weights.values()))):
        raise refuse(path, "the weights of a pair are no two numbers")


def _list_faults(calibration: KindCalibration) -> Iterator[str]:
    if not 0 < calibration.temperature < math.inf:
        yield "its temperature is no number above 0"
    if calibration.default_operating_point not in calibration.operating_points:
        yield "its default operating point is not among its operating points"
    for name, point in calibration.operating_points.items():
        if point.score not in (MALIGNANT, *CODES):
            yield f"the score of the operating point {name} is unknown"
        if not (0 <= point.threshold <= 1 and math.isfinite(point.least_score)):
            yield f"the threshold of the operating point {name} is no probability"
        values = {**(point.test.ppv or {}), **(point.test.npv or {})}
        if not all(map(_is_prevalence, values)):
            yield f"a prevalence of the operating point {name} is no number between 0 and 1"
    own = calibration.prediction_set
    if not math.isfinite(own.least_probability):
        yield "the least probability of its prediction set is no number"
    if not {*own.test_coverage, *own.validation_photos} <= {*CODES}:
        yield "its prediction set names a diagnosis that is none of the nine"


def _is_prevalence(name: str) -> bool:
    try:
        return 0 < float(name) < 1
    except ValueError:
        return False


def refuse(path: Path, why: str) -> RunError:
    """The error of a file of a run."""
    return RunError(f"{path.parent.name}/{path.name} cannot be read: {why}. Restore it or remove the run.")
