"""Age group, sex, body site and skin tone of the photos, and what lies over the lesion, where public tables say so.

The tables stay where they are: a run holds estimates of groups alone, nothing of one photo's patient.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from melanoma.dataset.earlier_split import read_earlier_split
from melanoma.dataset.patients import SEXES, SITES, SKIN_TONES
from melanoma.diagnoses import CODES, index
from melanoma.evaluation.bootstrap import DRAWS, SEED
from melanoma.evaluation.metrics import estimate_per_group, is_malignant, labels_of
from melanoma.run.evaluation import GroupEstimates
from melanoma.sources import MILK10K

UNKNOWN = "not recorded"
AGES = {"under 30": 30, "30 to 44": 45, "45 to 59": 60, "60 to 74": 75, "75 and over": np.inf}  # name -> below
# field of `Evaluation` -> column of `read_patients`, its groups in order
GROUPINGS = {
    "per_age": ("age", tuple(AGES)),
    "per_sex": ("sex", SEXES),
    "per_site": ("site", SITES),
    "per_skin_tone": ("skin_tone", tuple(f"{tone} of 5" for tone in SKIN_TONES)),
}
EARLIER, UNSHARED = "test photos of earlier runs", f"{MILK10K.name} lesions that no other source shows"
ARTEFACTS = ("ink", "hair", "gel")  # concepts of `read_concept_scores` that lie over a lesion
SEEN = 0.5  # score from which a concept is taken for seen
FEWEST = 5  # photos below which an estimate says nothing about a group, and too much about one patient
BALANCED = ("balanced_accuracy_9", "balanced_accuracy_7")
OF_MELANOMA = ("melanoma_auc", "melanoma_sensitivity")
OF_MALIGNANT = ("malignant_auc", "specificity_at_95_sensitivity")


def age_group(years: float) -> str | None:
    """The group of AGES that holds an age in years; None for none."""
    return next((name for name, below in AGES.items() if years < below), None) if years >= 0 else None


def estimate_per_patient_group(
    test: pd.DataFrame,
    patients: pd.DataFrame,
    probabilities: np.ndarray,
    threshold: float,
    *,
    before: np.ndarray | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, dict[str, GroupEstimates]]:
    """Key of GROUPINGS (a field of `Evaluation`) -> group -> its estimates.

    test: columns image_id, diagnosis, group; patients: as `dataset.patients.read_patients` gives them; probabilities,
    before: (n, 9), calibrated and raw; threshold: of the malignancy probability. Photos that no table describes are
    the group UNKNOWN. A grouping that no table describes at all is left out. An estimate is None where it would rest
    on fewer than FEWEST photos: all of a group that small; AUCs by the rarer side; balanced accuracies by the rarest
    of the diagnoses that the test split holds, which keeps those of different groups comparable.
    """
    labels, lesions = labels_of(test), test["group"].to_numpy()
    diagnoses = np.unique(labels)
    tones = patients["skin_tone"] if "skin_tone" in patients else pd.Series(pd.NA, patients.index)
    patients = patients.assign(
        age=patients["age"].map(age_group).astype(object),
        skin_tone=[None if pd.isna(tone) else f"{tone:.0f} of 5" for tone in tones],
    )
    result = {}
    for key, (column, order) in GROUPINGS.items():
        values = patients[column].reindex(test["image_id"]).to_numpy(object)
        known = pd.notna(values)
        if not known.any():
            continue
        names = np.where(known, values, UNKNOWN).astype(str)
        groups = estimate_per_group(
            names, labels, probabilities, lesions, threshold=threshold, before=before, draws=draws, seed=seed
        )
        groups = {name: drop_weak(group, labels[names == name], diagnoses) for name, group in groups.items()}
        result[key] = {name: groups[name] for name in (*order, UNKNOWN) if name in groups}
    return result


def estimate_per_artefact(
    test: pd.DataFrame,
    scores: pd.DataFrame,
    probabilities: np.ndarray,
    threshold: float,
    *,
    before: np.ndarray | None = None,
    draws: int = DRAWS,
    seed: int = SEED,
) -> dict[str, GroupEstimates]:
    """`ink`, `no ink`, `hair` ... -> estimates on the photos where it is seen, or not; empty where none is scored.

    scores: as `dataset.milk10k.read_concept_scores` gives them, for real photos, so that what marks do to an answer is
    not known from drawn ones alone. The other arguments are those of `estimate_per_patient_group`.
    """
    scored = test["image_id"].isin(scores.index).to_numpy()
    test, probabilities = test[scored], probabilities[scored]
    before = None if before is None else before[scored]
    labels, lesions, result = labels_of(test), test["group"].to_numpy(), {}
    for artefact in ARTEFACTS if len(test) else ():
        seen = scores[artefact].reindex(test["image_id"]).to_numpy() >= SEEN
        names = np.where(seen, artefact, f"no {artefact}")
        groups = estimate_per_group(
            names, labels, probabilities, lesions, threshold=threshold, before=before, draws=draws, seed=seed
        )
        for name in (artefact, f"no {artefact}"):
            if name in groups:
                result[name] = drop_weak(groups[name], labels[names == name], np.unique(labels))
    return result


def name_sets(test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Name -> (n,) bool: parts of a test split that are of interest by themselves; those without a photo are left out.

    test: columns image_id, source, group, of photos of all kinds. EARLIER: the test photos of the runs before MILK10k,
    so that a change is seen on the same photos. UNSHARED: MILK10k's photos whose lesion no other source shows.
    """
    earlier = read_earlier_split()
    sets = {}
    if earlier is not None:
        known = earlier.loc[earlier["split"] == "test", "image_id"]
        sets[EARLIER] = test["image_id"].isin(known).to_numpy()
    alone = test.groupby("group")["source"].transform("nunique") == 1
    sets[UNSHARED] = ((test["source"] == MILK10K.id) & alone).to_numpy()
    return {name: rows for name, rows in sets.items() if rows.any() and not rows.all()}


def drop_weak(group: GroupEstimates, labels: np.ndarray, diagnoses: np.ndarray) -> GroupEstimates:
    """The group without its estimates that rest on fewer than FEWEST photos; labels: (n,) int, the group's.

    diagnoses: those, as int, that the test split holds.
    """
    if len(labels) < FEWEST:
        return GroupEstimates(
            photos=group.photos, malignant=group.malignant, lesions=group.lesions, classes_present=group.classes_present
        )
    counts = np.bincount(labels, minlength=len(CODES))
    melanomas, malignant = counts[index("MEL")], is_malignant(labels).sum()
    names = [*BALANCED] if counts[diagnoses].min() < FEWEST else []
    names += OF_MELANOMA if min(melanomas, len(labels) - melanomas) < FEWEST else ()
    names += OF_MALIGNANT if min(malignant, len(labels) - malignant) < FEWEST else ()
    undefined: dict[str, Any] = dict.fromkeys(names)
    return replace(group, **undefined)
