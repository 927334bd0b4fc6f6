"""A model card says what the run's files say, and no more."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from pdf_reader import count_pages, read_text

from melanoma.diagnoses import CODES, NAMES
from melanoma.documents import model_card
from melanoma.documents.cards import Table
from melanoma.documents.wording import write_share
from melanoma.evaluation.calibration import apply_temperature, calibrate
from melanoma.evaluation.metrics import evaluate_predictions, probabilities_of
from melanoma.run import DataFacts, NetworkInput, Run, RunFacts, TrainingSettings, open_run, write_checksums, write_part


def make_predictions() -> pd.DataFrame:
    """270 photos, each a lesion; all seborrheic keratoses from one source."""
    random = np.random.default_rng(3)
    codes = np.repeat(CODES, 30)
    table = pd.DataFrame(random.dirichlet(np.ones(9), len(codes)), columns=[f"p_{c}" for c in CODES])
    table.insert(0, "image_id", [f"P{i:03d}" for i in range(len(table))])
    table.insert(1, "diagnosis", codes)
    table.insert(2, "source", np.where(np.arange(len(table)) % 3, "ham10000", "isic2017"))
    table.loc[table["diagnosis"] == "SK", "source"] = "isic2017"
    table.insert(3, "split", np.resize(["train", "validation", "test"], len(table)))
    return table.assign(group=table["image_id"])


def write_run(folder, architecture: str = "efficientnet-lite0", **facts) -> Run:
    folder.mkdir()
    settings = TrainingSettings(architecture, input_size=160, epochs=1, samples_per_epoch=32)
    part = RunFacts(
        name=folder.name,
        state="finished",
        architecture=architecture,
        input=NetworkInput(160),
        settings=settings,
        data=DataFacts("0" * 64, 270, 270),
        seed=20,
        started="2026-01-01T00:00:00+00:00",
    )
    write_part(folder / "run.json", replace(part, **facts))
    (folder / "model.keras").write_bytes(b"a network")
    return close(folder)


def close(folder) -> Run:
    write_checksums(folder)
    return open_run(folder)


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> Run:
    return write_run(tmp_path_factory.mktemp("bare") / "bare")


@pytest.fixture(scope="module")
def whole(bare, tmp_path_factory) -> Run:
    folder = shutil.copytree(bare.folder, tmp_path_factory.mktemp("whole") / "whole")
    table = make_predictions()
    table[["image_id", "diagnosis", "group", "source", "split"]].to_csv(folder / "split.csv", index=False)
    calibration = calibrate(table[table["split"] != "train"])
    test = table[table["split"] == "test"].reset_index(drop=True)
    raw = probabilities_of(test)
    evaluation = evaluate_predictions(
        test,
        raw,
        apply_temperature(raw, calibration.temperature),
        calibration.default.threshold,
        command="python -m melanoma evaluate whole",
        made="2026-01-02T00:00:00+00:00",
        network_sha256=bare.sha256,
    )
    write_part(folder / "calibration.json", calibration)
    write_part(folder / "evaluation.json", evaluation)
    return close(folder)


def table(run: Run, caption: str) -> pd.DataFrame:
    blocks = [block for section in model_card.write_card(run) for block in section.blocks]
    return next(block.rows for block in blocks if isinstance(block, Table) and block.caption == caption)


def test_research_use_comes_first_and_the_network_is_named_by_its_hash(whole):
    card = model_card.as_markdown(whole)
    assert card.splitlines()[2] == "**Research use only, not a medical device.**"
    assert whole.sha256 in card
    assert "another network file" not in card


def test_estimates_are_those_of_the_evaluation(whole):
    rows = table(whole, "Estimates").set_index("estimate")["value (95 % interval)"]
    headline = whole.evaluation.headline
    assert rows["Melanoma AUC"] == headline.melanoma_auc.text()
    assert rows["Malignancy AUC"] == headline.malignant_auc.text()
    assert rows["Balanced accuracy, nine diagnoses"] == headline.balanced_accuracy_9.percent()
    assert rows["Expected calibration error"] == headline.ece.text()


def test_every_diagnosis_and_source_has_its_estimates(whole):
    by_diagnosis = table(whole, "By diagnosis").set_index("diagnosis")
    assert list(by_diagnosis.index) == [NAMES[code] for code in CODES]
    assert set(by_diagnosis["test photos"]) == {"10"}
    melanoma = whole.evaluation.per_class["MEL"]
    assert by_diagnosis.loc["melanoma", "sensitivity"] == write_share(melanoma.sensitivity)
    assert by_diagnosis.loc["melanoma", "specificity"] == write_share(melanoma.specificity)
    assert set(table(whole, "By source")["source"]) == {"HAM10000", "ISIC 2017"}


def test_groups_of_patients_are_there_when_they_were_measured_and_missed_when_not(whole, tmp_path):
    missing = "By age, sex, body site, skin tone, dermatoscope and hospital: not measured."
    assert missing in model_card.as_markdown(whole)
    folder = shutil.copytree(whole.folder, tmp_path / "grouped")
    source = whole.evaluation.per_source["isic2017"]
    write_part(folder / "evaluation.json", replace(whole.evaluation, per_age={"under 30": source}))
    grouped = close(folder)
    row = table(grouped, "By age").iloc[0]
    assert (row["age"], row["test photos"]) == ("under 30", str(source.photos))
    assert row["sensitivity"] == write_share(source.sensitivity)
    assert "By sex, body site, skin tone, dermatoscope and hospital: not measured." in model_card.as_markdown(grouped)


def test_operating_points_come_with_predictive_values(whole):
    points = table(whole, "On test photos").set_index("operating point")
    assert list(points.index) == ["high sensitivity", "balanced", "melanoma 95 %"]
    assert points.loc["melanoma 95 %", "refer when"].startswith("probability of melanoma at least ")
    rates = whole.calibration.operating_points["balanced"].test
    assert points.loc["balanced", "test sensitivity"] == write_share(rates.sensitivity)
    assert points.loc["balanced", "test specificity"] == write_share(rates.specificity)
    predictive = table(whole, "Predictive values by prevalence").set_index(["operating point", "prevalence"])
    row = predictive.loc[("balanced", "1 %")]
    assert row["positive predictive value"] == write_share(rates.ppv["0.01"])
    assert row["negative predictive value"] == write_share(rates.npv["0.01"])


def test_counts_are_those_of_the_split(whole):
    rows = table(whole, "Photos and lesions per diagnosis and split").set_index("diagnosis")
    assert rows.loc["melanoma", ["photos", "train", "validation", "test"]].tolist() == ["30", "10", "10", "10"]


def test_limits_name_diagnoses_of_one_source_and_rare_ones(whole):
    card = model_card.as_markdown(whole)
    assert "photos all come from one source: seborrheic keratosis (ISIC 2017)." in card
    assert "fewer than 200 training photos: actinic keratosis 10, " in card


def test_rare_is_what_few_training_photos_show(whole, tmp_path):
    folder = shutil.copytree(whole.folder, tmp_path / "uneven")
    often = pd.DataFrame({"diagnosis": "MEL", "source": "isic2017", "split": ["train"] * 1200 + ["test"] * 7})
    seldom = pd.DataFrame({"diagnosis": "NV", "source": "isic2017", "split": ["train"] * 6 + ["test"] * 250})
    split = pd.concat([often, seldom], ignore_index=True)
    split.assign(image_id=split.index, group=split.index).to_csv(folder / "split.csv", index=False)
    uneven = close(folder)
    card = model_card.as_markdown(uneven)
    rare = card.split("fewer than 200 training photos: ")[1].splitlines()[0]
    assert "nevus 6" in rare
    assert "melanoma" not in rare
    rows = table(uneven, "Photos and lesions per diagnosis and split").set_index("diagnosis")
    assert rows.loc["melanoma", ["photos", "lesions", "train", "test"]].tolist() == ["1,207", "1,207", "1,200", "7"]


def test_groups_that_the_guideline_asks_for_are_claimed_only_when_they_were_measured(whole, tmp_path):
    items = table(whole, "Items").set_index("item")["this card"]
    assert items["bias across groups"] == "in part: by diagnosis, source"
    assert items["skin tone and ethnicity"] == "not answered: not measured"
    assert items["age, sex and body site"] == "not answered: not measured"
    folder = shutil.copytree(whole.folder, tmp_path / "grouped")
    groups = {"known": whole.evaluation.per_source["isic2017"]}
    evaluation = replace(whole.evaluation, per_age=groups, per_sex=groups, per_site=groups)
    write_part(folder / "evaluation.json", evaluation)
    items = table(close(folder), "Items").set_index("item")["this card"]
    assert items["bias across groups"] == "in part: by diagnosis, source, age, sex, body site"
    assert items["age, sex and body site"] == "in part: age, sex, body site, where the sources record it"
    assert items["skin tone and ethnicity"] == "not answered: not measured"


def test_the_shipped_card_claims_skin_tone_as_it_was_measured(run):
    items = table(run, "Items").set_index("item")["this card"]
    assert items["skin tone and ethnicity"] == "in part: skin tone, where a source records it"
    assert items["bias across groups"] == "in part: by diagnosis, source, age, sex, body site, skin tone"


def test_what_a_run_lacks_is_said_to_be_not_measured(bare):
    assert set(table(bare, "Estimates")["value (95 % interval)"]) == {"not measured"}
    assert set(table(bare, "By diagnosis").drop(columns="diagnosis").to_numpy().ravel()) == {"not measured"}
    card = model_card.as_markdown(bare)
    assert "Not measured: this run is not calibrated." in card
    assert "that change when one is added: not measured." in card
    assert "| technical assessment | performance with intervals | not answered: not measured |" in card


def test_estimates_of_another_network_are_called_so(whole, tmp_path):
    folder = shutil.copytree(whole.folder, tmp_path / "swapped")
    (folder / "model.keras").write_bytes(b"a later network")
    assert "measured on another network file" in model_card.as_markdown(close(folder))


def test_a_leaky_run_says_what_its_estimates_are_worth(tmp_path):
    card = model_card.as_markdown(write_run(tmp_path / "leaky", "baseline-cnn", protocol="leaky", warning="Copies."))
    assert "Copies." in card
    assert "Data leakage example: the split was not made by lesion. The estimates are too high." in card
    assert "Starting weights: random" in card
    assert "EfficientNet" not in card


def test_a_lesion_attentive_run_says_what_its_maps_do_not_prove(bare, tmp_path):
    settings = replace(bare.facts.settings, lesion_attention_weight=0.3)
    attentive = write_run(tmp_path / "attentive", settings=settings)
    sentence = "This network was trained to put its evidence on the lesion."
    assert sentence in model_card.as_markdown(attentive)
    assert sentence not in model_card.as_markdown(bare)


def test_reports_of_the_shipped_run_are_quoted(run):
    card = model_card.as_markdown(run)
    artefacts = run.evaluation.robustness.changes["artefact"]
    assert f"ruler {artefacts['ruler'].decision.percent()}" in card
    everyday = run.evaluation.kinds.counts["everyday photo"]
    assert f"of {sum(everyday.values())} everyday test photos, {everyday['other']} were taken for such" in card
    assert f"melanoma {run.evaluation.source_probe.diagnoses['MEL'].auc.text()}" in card
    assert "artefact cut-outs" in set(table(run, "Licences: research and other non-commercial use only")["material"])


def test_the_pdf_says_every_heading_and_research_use_on_every_page(whole):
    content = model_card.as_pdf(whole)
    text = read_text(content)
    assert text.startswith("Research use only, not a medical device.")
    assert text.count("Research use only, not a medical device. Page ") == count_pages(content) >= 3
    assert all(section.title in text for section in model_card.write_card(whole))
