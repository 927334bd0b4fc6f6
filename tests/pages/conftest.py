"""A folder of runs as the pages meet them: complete, still training, figures only, broken."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from melanoma.diagnoses import CODES
from melanoma.evaluation.calibration import calibrate, tempered
from melanoma.evaluation.metrics import assess, probabilities_of
from melanoma.run import folder as runs


def made_up_predictions(photos_a_class: int = 30) -> pd.DataFrame:
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


def write_run(folder: Path, state: str = "finished", epochs: int = 5, *, tested: bool = False, **facts) -> runs.Run:
    """A run folder without a network: log, and where asked saved answers with their figures."""
    folder.mkdir(parents=True)
    epoch = np.arange(1, epochs + 1)
    log = {"epoch": epoch, "loss": 2 / epoch, "accuracy": 1 - 1 / (epoch + 1), "val_loss": 2.5 / epoch}
    log |= {"val_accuracy": 0.6 - 0.02 * (epoch - 3) ** 2, "learning_rate": 1e-3 / epoch, "seconds": 60.0}
    pd.DataFrame(log).to_csv(folder / "history.csv", index=False)
    arguments = {"monitor": "val_accuracy", "epochs": 9}
    facts = {
        "state": state,
        "architecture": "baseline-cnn",
        "protocol": "lesion-grouped",
        "classes": list(CODES),
    } | facts
    facts |= {"arguments": arguments, "input": {"size": 180}, "data": {"photos": 270}, "started": "2026-01-02T03:04:05"}
    runs.write_json(folder / "run.json", facts)
    if tested:
        table = made_up_predictions()
        table[["image_id", "diagnosis", "group", "source", "split"]].to_csv(folder / "split.csv", index=False)
        table.drop(columns="group").to_csv(folder / "predictions.csv", index=False)
        calibration = calibrate(table)
        test = table[table["split"] == "test"]
        before = probabilities_of(test)
        threshold = calibration["operating_points"][calibration["default_operating_point"]]["threshold"]
        figures = assess(test, before, tempered(before, calibration["temperature"]), threshold)
        runs.write_json(folder / "calibration.json", calibration)
        runs.write_json(folder / "evaluation.json", figures | {"command": "python -m melanoma evaluate models/whole"})
    if state != "training":
        runs.seal(folder)
    return runs.Run(folder)


@pytest.fixture(scope="session")
def models(tmp_path_factory) -> Path:
    """Runs `whole`, `moving` (training), the leaky pair, and a broken folder."""
    folder = tmp_path_factory.mktemp("models")
    write_run(folder / "whole", tested=True)
    write_run(folder / "moving", "training", epochs=2)
    write_run(folder / "baseline-cnn")
    write_run(folder / "baseline-cnn-leaky", protocol="leaky", warning="Mostly copies.", leaked_share=0.88)
    write_run(folder / "changed")
    (folder / "changed" / "history.csv").write_text("epoch,loss\n1,0.0\n")
    (folder / "stray").mkdir()
    return folder


@pytest.fixture
def shown(models, monkeypatch) -> Path:
    """`models`, as the folder that the pages read."""
    monkeypatch.setattr(runs, "MODELS", models)
    return models
