"""A model card says what the run's files say, and no more."""

import shutil

import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES, NAMES
from melanoma.documents import model_card
from melanoma.documents.cards import Section, Table, markdown, pdf
from melanoma.evaluation.calibration import calibrate, tempered
from melanoma.evaluation.metrics import assess, probabilities_of
from melanoma.run import folder as runs


def made_up_predictions() -> pd.DataFrame:
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


def write_run(folder, **facts) -> runs.Run:
    folder.mkdir()
    known = {"state": "finished", "architecture": "efficientnet-lite0", "classes": list(CODES), "arguments": {}}
    known |= {"input": {"size": 160}, "protocol": "lesion-grouped", "parent": None} | facts
    runs.write_json(folder / "run.json", known)
    (folder / "model.keras").write_bytes(b"a network")
    runs.seal(folder)
    return runs.open_run(folder)


@pytest.fixture(scope="module")
def bare(tmp_path_factory) -> runs.Run:
    return write_run(tmp_path_factory.mktemp("bare") / "bare")


@pytest.fixture(scope="module")
def whole(bare, tmp_path_factory) -> runs.Run:
    folder = shutil.copytree(bare.folder, tmp_path_factory.mktemp("whole") / "whole")
    table = made_up_predictions()
    table[["image_id", "diagnosis", "group", "source", "split"]].to_csv(folder / "split.csv", index=False)
    calibration = calibrate(table[table["split"] != "train"])
    test = table[table["split"] == "test"].reset_index(drop=True)
    raw = probabilities_of(test)
    threshold = calibration["operating_points"]["high-sensitivity"]["threshold"]
    figures = assess(test, raw, tempered(raw, calibration["temperature"]), threshold)
    runs.write_json(folder / "calibration.json", calibration)
    runs.write_json(folder / "evaluation.json", figures | {"network_sha256": bare.sha256})
    runs.seal(folder)
    return runs.open_run(folder)


def table(run: runs.Run, caption: str) -> pd.DataFrame:
    found = [b for s in model_card.model_card(run) for b in s.blocks if isinstance(b, Table) and b.caption == caption]
    return found[0].rows


def test_research_use_comes_first_and_the_network_is_named_by_its_hash(whole):
    card = model_card.as_markdown(whole)
    assert card.splitlines()[2] == "**Research use only, not a medical device.**"
    assert whole.sha256 in card
    assert "another network file" not in card


def test_figures_are_those_of_the_evaluation(whole):
    rows = table(whole, "Figures").set_index("figure")["value (95 % interval)"]
    stored = whole.evaluation["figures"]["melanoma_auc"]
    assert rows["Melanoma AUC"] == f"{stored['value']:.2f} ({stored['low']:.2f}–{stored['high']:.2f})"


def test_every_diagnosis_and_source_has_its_figures(whole):
    by_diagnosis = table(whole, "By diagnosis").set_index("diagnosis")
    assert list(by_diagnosis.index) == [NAMES[code] for code in CODES]
    assert set(by_diagnosis["test photos"]) == {"10"}
    assert set(table(whole, "By source")["source"]) == {"HAM10000", "ISIC 2017"}


def test_groups_of_patients_are_there_when_they_were_measured_and_missed_when_not(whole, tmp_path):
    assert "By skin type, age, sex, body site, dermatoscope and hospital: not measured." in model_card.as_markdown(
        whole
    )
    folder = shutil.copytree(whole.folder, tmp_path / "grouped")
    source = whole.evaluation["per_source"]["isic2017"]
    runs.write_json(folder / "evaluation.json", whole.evaluation | {"per_age": {"under 30": source}})
    runs.seal(folder)
    grouped = runs.open_run(folder)
    row = table(grouped, "By age").iloc[0]
    assert (row["age"], row["test photos"]) == ("under 30", str(source["photos"]))
    assert row["sensitivity"] == table(whole, "By source").set_index("source").loc["ISIC 2017", "sensitivity"]
    assert "By skin type, sex, body site, dermatoscope and hospital: not measured." in model_card.as_markdown(grouped)


def test_operating_points_come_with_predictive_values(whole):
    points = table(whole, "On test photos")
    assert list(points["operating point"]) == ["high sensitivity", "balanced", "melanoma 95 %"]
    predictive = table(whole, "Predictive values by prevalence").set_index(["operating point", "prevalence"])
    stored = whole.calibration["operating_points"]["melanoma-95"]["test"]["npv"]["0.01"]
    assert predictive.loc[("melanoma 95 %", "1% melanoma"), "NPV"].startswith(f"{stored['value']:.3f} (")


def test_counts_are_those_of_the_split(whole):
    rows = table(whole, "Photos and lesions per diagnosis and split").set_index("diagnosis")
    assert rows.loc["melanoma", ["photos", "train", "validation", "test"]].tolist() == ["30", "10", "10", "10"]


def test_failures_name_diagnoses_of_one_source_and_rare_ones(whole):
    card = model_card.as_markdown(whole)
    assert "photos all come from one source: seborrheic keratosis (ISIC 2017)." in card
    assert "melanoma 10" in card


def test_what_a_run_lacks_is_said_to_be_not_measured(bare):
    assert set(table(bare, "Figures")["value (95 % interval)"]) == {"not measured"}
    assert set(table(bare, "By diagnosis").drop(columns="diagnosis").to_numpy().ravel()) == {"not measured"}
    card = model_card.as_markdown(bare)
    assert "Not measured: this run is not calibrated." in card
    assert "changed when one is laid on a photo: not measured." in card
    assert "| technical assessment | performance with intervals | not answered: not measured |" in card


def test_figures_of_another_network_are_called_so(whole, tmp_path):
    folder = shutil.copytree(whole.folder, tmp_path / "swapped")
    (folder / "model.keras").write_bytes(b"a later network")
    runs.seal(folder)
    assert "measured on another network file" in model_card.as_markdown(runs.open_run(folder))


def test_a_leaky_run_says_what_its_figures_are_worth(tmp_path):
    run = write_run(tmp_path / "leaky", protocol="leaky", warning="Mostly copies.", architecture="baseline-cnn")
    card = model_card.as_markdown(run)
    assert "Mostly copies." in card
    assert "overstate how good it is" in card
    assert "Starting weights: random" in card
    assert "EfficientNet" not in card


def test_pdf_holds_every_heading(whole):
    made = model_card.as_pdf(whole)
    assert made.startswith(b"%PDF")
    assert made.count(b"/Type /Page\n") >= 3
    for section in model_card.model_card(whole):
        assert f"/Title ({section.title})".encode() in made


def test_letters_that_a_pdf_font_lacks_do_not_stop_it():
    assert pdf("карта ◆", (Section("ВИДЫ", ("–", ("…",))),)).startswith(b"%PDF")


def test_markdown_of_each_kind_of_block():
    rows = pd.DataFrame({"a": ["x|y"], "b": ["1"]})
    section = Section("One", ("words", ("first", "second"), Table("Rows", rows)))
    said = "## One\n\nwords\n\n- first\n- second\n\n**Rows**\n\n| a | b |\n| --- | --- |\n| x\\|y | 1 |\n"
    assert markdown("Card", (section,)) == f"# Card\n\n**Research use only, not a medical device.**\n\n{said}"
