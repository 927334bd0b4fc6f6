"""Runs as the pages open them: anew when their files change, and a broken one beside the others."""

import os
import shutil
from dataclasses import replace

import pandas as pd
from copied_runs import recalibrate

from melanoma.run import DEFAULT_RUN, folder, write_checksums, write_part
from pages.parts.open_runs import open_all_logs, open_all_runs, open_classifier, open_ready_runs


def test_broken_folders_are_named_and_the_others_open(models):
    runs, refused = open_all_runs()
    assert [run.name for run in runs] == ["baseline-cnn", "baseline-cnn-leaky", "moving", "whole"]
    assert set(refused) == {"changed", "stray"}


def test_a_run_that_has_not_changed_is_opened_once(models):
    assert open_all_runs()[0][0] is open_all_runs()[0][0]


def test_a_run_is_opened_anew_when_one_of_its_files_changes(models, tmp_path, monkeypatch):
    shutil.copytree(models / "whole", tmp_path / "whole")
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    (before,) = open_all_runs()[0]
    assert len(before.history) == 5
    history = pd.read_csv(tmp_path / "whole" / "history.csv")
    history.iloc[:2].to_csv(tmp_path / "whole" / "history.csv", index=False)
    assert "changed" in open_all_runs()[1]["whole"]  # it no longer fits its checksums
    write_checksums(tmp_path / "whole")
    (after,) = open_all_runs()[0]
    assert len(after.history) == 2


def test_a_new_calibration_gives_a_new_classifier(one_network):
    (before,) = open_ready_runs()[0]
    assert open_classifier(before) is open_classifier(before)
    recalibrate(one_network, temperature=8.0)
    (after,) = open_ready_runs()[0]
    assert open_classifier(after).calibration.temperature == 8.0
    assert open_classifier(before).calibration.temperature != 8.0


def test_only_runs_that_can_answer_are_ready_and_of_the_others_is_said_why(models):
    ready, refused = open_ready_runs()
    assert ready == []
    assert "no network" in refused["whole"]


def test_of_the_runs_that_ship_no_data_leakage_example_is_ready(run):
    ready, refused = open_ready_runs()
    names = [ready_run.name for ready_run in ready]
    assert names[0] == DEFAULT_RUN
    assert not [name for name in names if "baseline" in name]
    assert set(names) | set(refused) == {path.parent.name for path in folder.MODELS.glob("*/run.json")}


def test_a_data_leakage_example_that_could_answer_is_not_ready(one_network):
    facts = replace(one_network.facts, protocol="leaky")
    write_part(one_network.folder / "run.json", facts)
    write_checksums(one_network.folder)
    ready, refused = open_ready_runs()
    assert ready == []
    assert "teaching example" in refused[one_network.name]


def test_a_folder_of_splits_is_no_run(models, tmp_path, monkeypatch):
    (tmp_path / folder.SPLITS).mkdir()
    monkeypatch.setattr(folder, "MODELS", tmp_path)
    assert open_all_runs() == ([], {})
    assert open_all_logs() == ([], {})


def test_a_folder_that_cannot_be_looked_at_stops_no_other(one_network, monkeypatch):
    """A name that is no text, a link to itself beside the parts, a log that ends never."""
    models = one_network.folder.parent
    (one_network.folder / "notes").symlink_to("notes")
    (models / os.fsdecode(b"bad\xff")).mkdir()
    (models / "dangling").symlink_to("nowhere")
    (models / "log").mkdir()
    os.mkfifo(models / "log" / "history.csv")
    runs, refused = open_all_runs()
    assert [run.name for run in runs] == [one_network.name]
    assert refused["bad�"] == "bad� cannot be opened. Give the app leave to read it, or rename it."
    assert open_all_logs() == ([], {})
