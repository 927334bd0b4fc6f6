"""Age, sex, site and skin tone in the same words, and MONET's scores beside them."""

import numpy as np
import pandas as pd
import pytest

from melanoma.dataset.milk10k import CONCEPTS, read_concept_scores, read_milk10k, settle_histology
from melanoma.dataset.patients import SEXES, SITE_OF, SITES, SKIN_TONES, read_patients


def test_every_source_states_the_patient_in_the_same_words(milk):
    later = pd.DataFrame(
        {
            "image": ["ISIC_0024306", "ISIC_0000001_downsampled"],
            "age_approx": [20, 45],
            "anatom_site_general": ["head/neck", "lower extremity"],
            "lesion_id": [None, None],
            "sex": ["male", "female"],
        }
    )
    (milk / "isic2019").mkdir()
    later.to_csv(milk / "isic2019" / "ISIC_2019_Training_Metadata.csv", index=False)
    patients = read_patients(milk)
    assert patients.loc["ISIC_0024306"].tolist()[:3] == [60, "female", "torso"]  # HAM10000 wins
    assert patients.loc["ISIC_0000001"].tolist()[:3] == [45, "female", "lower limb"]
    assert patients.loc["ISIC_1000003"].tolist() == [70, "male", "head and neck", 2]
    assert patients.loc[["ISIC_0024306", "ISIC_0000001"], "skin_tone"].isna().all()


def test_without_any_table_nobody_is_known(tmp_path):
    assert read_patients(tmp_path).empty
    assert read_milk10k(tmp_path).empty
    assert read_concept_scores(tmp_path).empty


@pytest.mark.parametrize("cell", ["inf", "-inf", "2.5", "9", "dark"])
def test_cells_that_are_no_age_and_no_skin_tone_are_left_open(milk, cell):
    path = milk / "milk10k" / "MILK10k_Training_Metadata.csv"
    table = pd.read_csv(path, dtype=str)
    table.loc[0, ["age_approx", "skin_tone_class"]] = cell
    table.to_csv(path, index=False)
    patient = read_patients(milk).loc[table.loc[0, "isic_id"]]
    assert pd.isna(patient["skin_tone"])
    assert pd.isna(patient["age"]) or np.isfinite(patient["age"])


def test_concept_scores_keep_their_meaning(milk):
    scores = read_concept_scores(milk)
    assert list(scores) == ["ulceration", "hair", "vessels", "erythema", "pigment", "gel", "ink"]
    assert scores.loc["ISIC_1000001", ["hair", "gel", "ink"]].tolist() == [0.2, 0.6, 0.7]


@pytest.mark.parametrize(
    "histology, code",
    [
        ("Squamous cell carcinoma in situ, Bowens disease", "SCC"),
        ("Keratoacanthoma", "SCC"),
        ("Solar or actinic keratosis", "AK"),
        ("Solar lentigo", "PBK"),
        ("Lichen planus like keratosis", "PBK"),
        ("Nevus", "NV"),
        ("Nevus, BAP-1 deficient", "NV"),
        ("Blue nevus", "NV"),
        ("Melanoma metastasis", "MEL"),
        ("Pyogenic granuloma", "VASC"),
        ("Ink-spot lentigo", None),
        ("Clear cell acanthoma", None),
        ("Benign soft tissue proliferations - Vascular", None),
        ("Mucosal melanotic macule", None),
        ("Collision - At least one malignant proliferation", None),
        ("Porokeratosis", None),
    ],
)
def test_histology_is_settled_as_the_note_on_the_data_says(histology, code):
    assert settle_histology(histology) == code


def test_real_tables_use_no_word_that_is_not_known(data):
    milk10k = read_milk10k(data)
    assert set(milk10k["site"].dropna()) <= set(SITE_OF)
    assert set(read_concept_scores(data)) == set(CONCEPTS.values())
    patients = read_patients(data)
    assert set(patients["sex"].dropna()) == set(SEXES)
    assert set(patients["site"].dropna()) == set(SITES)
    assert set(patients["skin_tone"].dropna()) == set(SKIN_TONES)
