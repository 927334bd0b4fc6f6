"""Figures against scikit-learn's on the same arrays, and the command that writes them into a run."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
import typer
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, recall_score, roc_auc_score
from typer.testing import CliRunner

from melanoma.commands.evaluate import evaluate
from melanoma.diagnoses import CODES, MERGED_CODES
from melanoma.evaluation.metrics import (
    MERGED_INDEX,
    PROBABILITIES,
    classes_present,
    confusion,
    epoch_metrics,
    figures,
    merge,
    per_class,
    per_group,
    reliability,
    softmax,
)
from melanoma.photo.synthetic import example_bytes
from melanoma.run import folder as runs

MALIGNANT = [0, 1, 3, 6]


def answers(n: int = 600, seed: int = 0, classes: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels (n,), probabilities (n, 9) that know something of them, lesion groups (n,)."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, n)
    logits = rng.normal(0, 1, (n, 9))
    logits[np.arange(n), labels] += 1.2
    return labels, softmax(logits), rng.integers(0, n // 2, n)


def value(figure: dict) -> float:
    return pytest.approx(figure["value"], abs=1e-5)


def test_figures_are_scikit_learns():
    labels, probabilities, groups = answers()
    top = probabilities.argmax(axis=1)
    result = figures(labels, probabilities, groups, before=probabilities, draws=50)
    seven = merge(probabilities)
    assert accuracy_score(labels, top) == value(result["accuracy"])
    assert balanced_accuracy_score(labels, top) == value(result["balanced_accuracy_9"])
    assert balanced_accuracy_score(MERGED_INDEX[labels], seven.argmax(axis=1)) == value(result["balanced_accuracy_7"])
    assert roc_auc_score(labels == 3, probabilities[:, 3]) == value(result["melanoma_auc"])
    malignant = np.isin(labels, MALIGNANT)
    assert roc_auc_score(malignant, probabilities[:, MALIGNANT].sum(axis=1)) == value(result["malignant_auc"])
    assert recall_score(labels, top, labels=[3], average=None)[0] == value(result["melanoma_sensitivity"])
    assert result["ece"] == result["ece_before"]
    for figure in result.values():
        assert figure["low"] <= figure["value"] <= figure["high"]


def test_epoch_metrics_agree_with_figures():
    labels, probabilities, groups = answers(seed=2)
    watched, result = epoch_metrics(labels, np.log(probabilities)), figures(labels, probabilities, groups, draws=5)
    assert watched["balanced_accuracy"] == value(result["balanced_accuracy_9"])
    assert watched["malignant_auc"] == value(result["malignant_auc"])


def test_merging_adds_keratoses_and_squamous_to_actinic():
    probabilities = np.array([[0.2, 0, 0, 0, 0.3, 0.1, 0.2, 0.2, 0]])
    merged = dict(zip(MERGED_CODES, merge(probabilities)[0], strict=True))
    assert merged["AK+SCC"] == pytest.approx(0.4)
    assert merged["PBK+SK"] == pytest.approx(0.3)
    assert merged["NV"] == pytest.approx(0.3)


def test_each_class_against_the_rest():
    labels, probabilities, groups = answers(seed=3)
    top = probabilities.argmax(axis=1)
    for k, row in enumerate(per_class(labels, probabilities, groups, threshold=0.4, draws=20).values()):
        assert row["support"] == (labels == k).sum()
        assert recall_score(labels == k, top == k) == value(row["sensitivity"])
        assert recall_score(labels != k, top != k) == value(row["specificity"])
        assert roc_auc_score(labels == k, probabilities[:, k]) == value(row["auc"])
        referred = probabilities[labels == k][:, MALIGNANT].sum(axis=1) >= 0.4
        assert referred.mean() == value(row["referred"])


def test_absent_class_is_left_out_of_the_mean_and_has_no_figures():
    labels, probabilities, groups = answers(seed=4, classes=7)  # neither SK nor VASC
    rows = per_class(labels, probabilities, groups, threshold=0.4, draws=20)
    assert rows["SK"]["support"] == 0
    assert rows["SK"]["sensitivity"] is None
    assert rows["SK"]["auc"] is None
    assert classes_present(labels) == list(CODES[:7])
    present = recall_score(labels, probabilities.argmax(axis=1), labels=range(7), average="macro")
    assert present == value(figures(labels, probabilities, groups, draws=20)["balanced_accuracy_9"])


def test_sources_are_told_apart():
    labels, probabilities, groups = answers(seed=5)
    sources = np.where(np.arange(len(labels)) < 200, "one", "two")
    result = per_group(sources, labels, probabilities, groups, threshold=0.4, before=probabilities, draws=20)
    assert result["one"]["photos"] == 200
    assert result["one"]["malignant"] == np.isin(labels[:200], MALIGNANT).sum()
    own = probabilities[:200].argmax(axis=1) == labels[:200]
    assert own.mean() == value(result["one"]["accuracy"])
    malignant, referred = np.isin(labels[:200], MALIGNANT), probabilities[:200][:, MALIGNANT].sum(axis=1) >= 0.4
    assert recall_score(malignant, referred) == value(result["one"]["sensitivity"])
    assert recall_score(~malignant, ~referred) == value(result["one"]["specificity"])
    assert result["two"]["accuracy"] == figures(labels[200:], probabilities[200:], groups[200:], draws=20)["accuracy"]


def test_reliability_counts_every_photo_once():
    labels, probabilities, _ = answers(seed=6)
    bins = reliability(labels, probabilities)
    assert sum(b["count"] for b in bins) == len(labels)
    weighted = sum(b["count"] * abs(b["accuracy"] - b["confidence"]) for b in bins if b["count"]) / len(labels)
    assert weighted == pytest.approx(
        figures(labels, probabilities, np.arange(len(labels)), draws=5)["ece"]["value"], abs=1e-5
    )
    assert bins[0]["confidence"] is None  # nine classes: the top one is never below 1/9
    assert all(b["low"] <= b["confidence"] <= b["high"] for b in bins if b["count"])


def test_bins_of_the_reliability_diagram_are_scikit_learns():
    labels, probabilities, _ = answers(seed=6)
    filled = [b for b in reliability(labels, probabilities) if b["count"]]
    right = probabilities.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, probabilities.max(axis=1), n_bins=15, strategy="uniform")
    assert [b["accuracy"] for b in filled] == pytest.approx(accuracy, abs=1e-5)
    assert [b["confidence"] for b in filled] == pytest.approx(confidence, abs=1e-5)


def test_confusion_counts():
    labels, probabilities, _ = answers(seed=7)
    counts = np.array(confusion(labels, probabilities)["counts"])
    assert counts.sum() == len(labels)
    assert (counts == confusion_matrix(labels, probabilities.argmax(axis=1))).all()


# The command


def command(*arguments) -> "CliRunner.Result":
    app = typer.Typer()
    app.command()(evaluate)
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})


@pytest.fixture
def folder(tmp_path):
    """A sealed run that keeps predictions and no network."""
    folder = tmp_path / "models" / "kept"
    folder.mkdir(parents=True)
    labels, probabilities, groups = answers(n=800, seed=9)
    table = pd.DataFrame(
        {
            "image_id": [f"P{i}" for i in range(800)],
            "diagnosis": [CODES[k] for k in labels],
            "group": [f"L{g}" for g in groups],
            "source": np.where(np.arange(800) % 3, "ham10000", "isic2017"),
            "split": np.where(groups % 2, "validation", "test"),
        }
    )
    table.to_csv(folder / "split.csv", index=False)
    stated = pd.DataFrame(softmax(2 * np.log(probabilities)), columns=PROBABILITIES)
    pd.concat([table.drop(columns="group"), stated], axis=1).to_csv(
        folder / "predictions.csv", index=False, float_format="%.7g"
    )
    facts = {"name": "kept", "state": "finished", "classes": list(CODES), "arguments": {}, "input": {"size": 32}}
    runs.write_json(folder / "run.json", facts | {"data": {"fingerprint": "abc"}})
    runs.seal(folder)
    return folder


def test_command_remakes_everything_from_predictions(folder):
    result = command(folder)
    assert result.exit_code == 0, result.output
    run = runs.open_run(folder)  # sealed again
    test = run.predictions[run.predictions["split"] == "test"]
    top = np.array(CODES)[test[PROBABILITIES].to_numpy().argmax(axis=1)]
    assert (top == test["diagnosis"]).mean() == value(run.evaluation["figures"]["accuracy"])
    assert run.evaluation["photos"] == len(test)
    assert run.evaluation["lesions"] == run.split[run.split["split"] == "test"]["group"].nunique()
    assert run.evaluation["data_fingerprint"] == "abc"
    assert run.calibration["temperature"] > 1.2
    assert run.evaluation["figures"]["ece"]["value"] < run.evaluation["figures"]["ece_before"]["value"]
    assert "balanced_accuracy_9" in result.output
    assert "NaN" not in (folder / "evaluation.json").read_text() + (folder / "calibration.json").read_text()


def test_command_gives_the_same_twice_and_keeps_what_others_measured(folder):
    command(folder)
    evaluation = json.loads((folder / "evaluation.json").read_text())
    others = {"faithfulness": {"mean": 1}, "robustness": {"photos": 2}, "per_age": {"under 30": {"photos": 3}}}
    runs.write_json(folder / "evaluation.json", evaluation | others)
    runs.seal(folder)
    assert command(folder).exit_code == 0
    again = runs.open_run(folder).evaluation
    assert again["faithfulness"] == {"mean": 1}
    assert again["robustness"] == {"photos": 2}
    assert again["per_age"] == {"under 30": {"photos": 3}}
    assert again["figures"] == evaluation["figures"]
    assert again["per_source"] == evaluation["per_source"]


def test_command_drops_what_was_measured_on_another_network(folder):
    command(folder)
    evaluation = json.loads((folder / "evaluation.json").read_text())
    runs.write_json(folder / "evaluation.json", evaluation | {"network_sha256": "other", "robustness": {"photos": 2}})
    runs.seal(folder)
    command(folder)
    assert "robustness" not in runs.open_run(folder).evaluation


def test_command_refuses_in_one_sentence(folder, tmp_path):
    (folder / "predictions.csv").unlink()
    runs.seal(folder)
    result = command(folder)
    assert result.exit_code == 2
    assert "nothing to evaluate" in result.output
    assert "Traceback" not in result.output
    assert command(tmp_path / "absent").exit_code == 2
    facts = json.loads((folder / "run.json").read_text())
    runs.write_json(folder / "run.json", facts | {"state": "training"})
    assert "still training" in command(folder).output


def test_command_asks_the_network_through_the_serving_path(tmp_path):
    """Drawn specimens in the layout of HAM10000, and a network that was never trained."""
    import keras
    from melanoma.training.fit import logits_of

    from melanoma.dataset.splitting import fingerprint
    from melanoma.photo.photos import read_photo
    from melanoma.photo.preprocessing import network_input
    from melanoma.training import architectures as networks

    data, folder = tmp_path / "data", tmp_path / "models" / "untrained"
    (data / "ham10000" / "images").mkdir(parents=True)
    folder.mkdir(parents=True)
    kinds = {"bcc": "BCC", "bkl": "PBK", "df": "DF", "mel": "MEL", "nv": "NV", "vasc": "VASC"}
    rows = []
    for i in range(36):
        name, dx = f"ISIC_{i:07d}", list(kinds)[i % 6]
        (data / "ham10000" / "images" / f"{name}.jpg").write_bytes(example_bytes(seed=i, width=200, height=150))
        rows.append((name, f"HAM_{i:07d}", dx, ("validation", "test")[i // 6 % 2]))
    table = pd.DataFrame(rows, columns=["image_id", "lesion_id", "dx", "split"])
    patients = table.drop(columns="split").assign(age=50.0, sex=["female", "male"] * 18, localization="back")
    patients.to_csv(data / "ham10000" / "HAM10000_metadata.csv", index=False)
    split = table.assign(diagnosis=table["dx"].map(kinds), group=table["image_id"], source="ham10000")
    split = split[["image_id", "diagnosis", "group", "source", "split"]]
    split.to_csv(folder / "split.csv", index=False)
    keras.utils.set_random_seed(1)
    network = networks.build("baseline-cnn", size=32, classes=9)
    network.save(folder / "model.keras")
    facts = {"name": "untrained", "state": "finished", "classes": list(CODES), "input": {"size": 32}}
    facts |= {"arguments": {}, "data": {"fingerprint": fingerprint(split)}}
    runs.write_json(folder / "run.json", facts)
    runs.seal(folder)

    result = command(folder, "--data", data)
    assert result.exit_code == 0, result.output
    run = runs.open_run(folder)
    photos = [read_photo((data / "ham10000" / "images" / f"{i}.jpg").read_bytes()) for i in run.predictions["image_id"]]
    served = softmax(logits_of(network, np.stack([network_input(p.pixels, 32) for p in photos])))
    assert run.predictions[PROBABILITIES].to_numpy() == pytest.approx(served, abs=1e-4)
    assert run.evaluation["robustness"]["photos"] == 18
    assert set(run.evaluation["robustness"]["changes"]) == {"turn and flip", "JPEG", "resize", "light"}
    assert run.evaluation["source_probe"]["MEL"] is None  # one source
    assert "everyday" not in run.evaluation["unfamiliar"]
    assert run.evaluation["command"] == "python -m melanoma evaluate models/untrained --data DATA"
    assert run.evaluation["per_age"]["45 to 59"]["photos"] == 18
    assert run.evaluation["per_site"]["torso"]["photos"] == 18
    assert {sex: group["photos"] for sex, group in run.evaluation["per_sex"].items()} == {"female": 9, "male": 9}

    shutil.rmtree(data / "ham10000" / "images")
    (data / "ham10000" / "images").mkdir()
    (data / "ham10000" / "images" / "ISIC_0000000.jpg").write_bytes(example_bytes(seed=0, width=200, height=150))
    refused = command(folder, "--data", data)
    assert refused.exit_code == 2
    assert "35 of 36 photos" in refused.output
    assert runs.open_run(folder).evaluation == run.evaluation  # left as it was
