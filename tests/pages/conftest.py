"""Folders of runs as the pages meet them: complete, still training, history only, broken; and two that answer."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from copied_runs import copy_run, recalibrate

from melanoma.diagnoses import CODES
from melanoma.evaluation.report import evaluate_run, write_report
from melanoma.run import (
    DataFacts,
    NetworkInput,
    Run,
    RunFacts,
    TrainingSettings,
    folder,
    write_checksums,
    write_part,
)


def make_predictions(photos_a_class: int = 30) -> pd.DataFrame:
    """Answers of a network that is often right, on lesions of one or two photos."""
    random = np.random.default_rng(5)
    codes = np.repeat(CODES, photos_a_class)
    logits = random.normal(size=(len(codes), len(CODES)))
    logits[np.arange(len(codes)), [CODES.index(c) for c in codes]] += 1.5
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    table = pd.DataFrame(probabilities, columns=[f"p_{c}" for c in CODES])
    table.insert(0, "image_id", [f"P{i:04d}" for i in range(len(table))])
    table.insert(1, "diagnosis", codes)
    table.insert(2, "source", random.choice(["north", "south"], len(table)))
    table.insert(3, "split", np.where(np.arange(len(table)) % 2, "test", "validation"))
    table["group"] = [f"L{i // 4}-{i % 2}" for i in range(len(table))]
    return table


def write_run(path: Path, state: str = "finished", epochs: int = 5, *, tested: bool = False, **facts) -> None:
    """A run folder without a network: history, and where `tested` saved predictions with their evaluation."""
    path.mkdir(parents=True)
    epoch = np.arange(1, epochs + 1)
    history = {"epoch": epoch, "loss": 2 / epoch, "accuracy": 1 - 1 / (epoch + 1), "val_loss": 2.5 / epoch}
    history |= {"val_accuracy": 0.6 - 0.02 * (epoch - 3) ** 2, "learning_rate": 1e-3 / epoch, "seconds": 60.0}
    pd.DataFrame(history).to_csv(path / "history.csv", index=False)
    settings = TrainingSettings("baseline-cnn", 180, 9, 100, monitor="val_accuracy")
    known = {
        "name": path.name,
        "state": state,
        "architecture": "baseline-cnn",
        "input": NetworkInput(180),
        "settings": settings,
        "data": DataFacts("made-up", 270, 200),
        "seed": 1,
        "started": "2026-01-02T03:04:05+00:00",
    }
    write_part(path / "run.json", RunFacts(**known | facts))
    if tested:
        table = make_predictions()
        table[["image_id", "diagnosis", "group", "source", "split"]].to_csv(path / "split.csv", index=False)
        table.drop(columns="group").to_csv(path / "predictions.csv", index=False)
        write_report(Run(path), evaluate_run(Run(path)))
    elif state != "training":
        write_checksums(path)


@pytest.fixture(scope="session")
def example_models(tmp_path_factory) -> Path:
    """Runs `whole`, `moving` (training), the leaky pair, and broken folders."""
    models = tmp_path_factory.mktemp("models")
    write_run(models / "whole", tested=True)
    write_run(models / "moving", "training", epochs=2)
    write_run(models / "baseline-cnn")
    write_run(models / "baseline-cnn-leaky", protocol="leaky", warning="Mostly copies.", leaked_share=0.88)
    write_run(models / "changed")
    (models / "changed" / "history.csv").write_text("epoch,loss\n1,0.0\n")
    (models / "stray").mkdir()
    return models


@pytest.fixture
def models(example_models, monkeypatch) -> Path:
    """The same, as the folder that the pages read."""
    monkeypatch.setattr(folder, "MODELS", example_models)
    return example_models


@pytest.fixture
def empty_models(tmp_path, monkeypatch) -> Path:
    """A folder without a run, as the one that the pages read."""
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setattr(folder, "MODELS", models)
    return models


@pytest.fixture
def two_networks(run, empty_models) -> Path:
    """The run that the app opens with, and `other`, which is far less sure of its answers."""
    copy_run(run, empty_models / run.name)
    recalibrate(copy_run(run, empty_models / "other"), temperature=8.0)
    return empty_models


@pytest.fixture
def one_network(run, empty_models) -> Run:
    """A copy of the run that the app opens with, alone."""
    return copy_run(run, empty_models / run.name)
