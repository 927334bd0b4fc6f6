"""Estimates of groups of patients."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score, roc_auc_score

from melanoma.dataset.patients import SEXES, read_patients
from melanoma.diagnoses import CODES, index
from melanoma.estimates import Estimate
from melanoma.evaluation.calibration import apply_temperature
from melanoma.evaluation.metrics import probabilities_of, softmax
from melanoma.evaluation.subgroups import (
    ARTEFACTS,
    UNKNOWN,
    age_group,
    estimate_per_artefact,
    estimate_per_patient_group,
)
from melanoma.run import MODELS

MALIGNANT = [index(code) for code in ("AK", "BCC", "MEL", "SCC")]


@pytest.mark.parametrize(
    ("years", "group"), [(0, "under 30"), (29, "under 30"), (30, "30 to 44"), (75, "75 and over"), (np.nan, None)]
)
def test_ages_fall_into_groups_that_leave_no_gap(years, group):
    assert age_group(years) == group


@pytest.fixture
def answers():
    """Answers to 300 photos with their patients; the last ten are described by no table."""
    rng = np.random.default_rng(4)
    labels = np.arange(300) % 9
    logits = rng.normal(size=(300, 9))
    logits[np.arange(300), labels] += 1.5
    photos = pd.DataFrame(
        {
            "image_id": [f"P{i}" for i in range(300)],
            "diagnosis": [CODES[k] for k in labels],
            "group": [f"L{i // 2}" for i in range(300)],
        }
    )
    patients = pd.DataFrame(
        {"age": 50.0, "sex": rng.choice(SEXES, 290), "site": ["torso"] * 287 + ["palms and soles"] * 3},
        index=photos["image_id"][:290],
    )
    return photos, patients, softmax(logits)


def test_estimates_of_a_group_are_scikit_learns_on_its_photos(answers):
    photos, patients, probabilities = answers
    groups = estimate_per_patient_group(photos, patients, probabilities, 0.4, draws=30)
    assert list(groups["per_sex"]) == [*SEXES, UNKNOWN]
    own = np.append((patients["sex"] == "female").to_numpy(), np.zeros(10, bool))
    labels = np.array([index(code) for code in photos["diagnosis"]])[own]
    group = groups["per_sex"]["female"]
    malignant, score = np.isin(labels, MALIGNANT), probabilities[own][:, MALIGNANT].sum(axis=1)
    assert group.photos == own.sum()
    assert group.malignant == malignant.sum()
    assert group.lesions == photos["group"][own].nunique()
    for name, expected in (
        ("sensitivity", recall_score(malignant, score >= 0.4)),
        ("specificity", recall_score(~malignant, score < 0.4)),
        ("melanoma_auc", roc_auc_score(labels == index("MEL"), probabilities[own][:, index("MEL")])),
        ("balanced_accuracy_9", recall_score(labels, probabilities[own].argmax(axis=1), average="macro")),
    ):
        assert getattr(group, name).value == pytest.approx(expected, abs=1e-5)
        assert getattr(group, name).low <= getattr(group, name).value <= getattr(group, name).high


def test_estimates_that_rest_on_next_to_no_photos_are_not_given(answers):
    photos, patients, probabilities = answers
    groups = estimate_per_patient_group(photos, patients, probabilities, 0.4, draws=30)
    tiny = groups["per_site"]["palms and soles"]
    assert tiny.photos == 3
    assert not [name for name, value in vars(tiny).items() if isinstance(value, Estimate)]
    unknown = groups["per_age"][UNKNOWN]  # ten photos, one or two of each diagnosis
    assert unknown.specificity is not None
    assert unknown.balanced_accuracy_9 is None
    assert unknown.melanoma_auc is None


def test_a_grouping_that_no_table_describes_is_left_out(answers):
    photos, patients, probabilities = answers
    groups = estimate_per_patient_group(photos, patients.assign(sex=None), probabilities, 0.4, draws=5)
    assert set(groups) == {"per_age", "per_site"}


def test_photos_with_and_without_ink_are_measured_apart(answers):
    photos, _, probabilities = answers
    rng = np.random.default_rng(1)
    scores = pd.DataFrame(rng.random((250, 3)), index=photos["image_id"][:250], columns=ARTEFACTS)
    groups = estimate_per_artefact(photos, scores, probabilities, 0.4, draws=5)
    assert list(groups) == ["ink", "no ink", "hair", "no hair", "gel", "no gel"]
    inked = np.append((scores["ink"] >= 0.5).to_numpy(), np.zeros(50, bool))
    malignant = np.isin([index(code) for code in photos["diagnosis"]], MALIGNANT)[inked]
    score = probabilities[inked][:, MALIGNANT].sum(axis=1)
    assert groups["ink"].photos == inked.sum()
    assert groups["ink"].photos + groups["no ink"].photos == 250
    assert groups["ink"].sensitivity.value == pytest.approx(recall_score(malignant, score >= 0.4), abs=1e-5)
    assert estimate_per_artefact(photos, scores[:0], probabilities, 0.4, draws=5) == {}


def test_groups_of_the_shipped_run_hold_every_test_photo_once(data, run):
    table = run.predictions[run.predictions["split"] == "test"]
    table = table.assign(group=table["image_id"].map(run.split.set_index("image_id")["group"]))
    probabilities = apply_temperature(probabilities_of(table), run.calibration.temperature)
    groups = estimate_per_patient_group(table, read_patients(data), probabilities, 0.1, draws=5)
    for key, parts in groups.items():
        assert sum(group.photos for group in parts.values()) == len(table)
        assert key == "per_skin_tone" or parts[UNKNOWN].photos < 0.2 * len(table)  # one source alone states the tone


def test_the_runs_of_the_project_keep_no_patient_column():
    for folder in [*MODELS.glob("*/split.csv"), *MODELS.glob("splits/*.csv")]:
        assert not {"age", "sex", "site", "localization"} & set(pd.read_csv(folder, nrows=1).columns)
