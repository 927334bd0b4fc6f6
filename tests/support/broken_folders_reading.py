"""What becomes of a broken run folder, training log or public table: read as pages and commands read it."""

from __future__ import annotations

import atexit
import json
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from broken_folders import spoil
from event_files import events
from log_files import COLUMNS, PLAIN
from public_layouts import write_milk10k, write_photo

from melanoma.charts import results as result_charts
from melanoma.charts import training as training_charts
from melanoma.dataset.photo_table import read_photo_table, read_unknown_lesions
from melanoma.dataset.public_csv import TableError
from melanoma.diagnoses import CODES
from melanoma.documents import findings, findings_faithfulness, wording
from melanoma.documents.model_card import as_markdown
from melanoma.documents.runs import describe_missing_parts
from melanoma.evaluation import tables
from melanoma.evaluation.saved_predictions import estimate_rates, load_predictions, tabulate_confusion, trace_roc
from melanoma.photo import example_bytes, read_photo
from melanoma.run import DEFAULT_RUN, Run, RunError, find_run, open_run
from melanoma.run.folder import CALIBRATION, CHECKSUMS, EVALUATION, FACTS, HISTORY, ONNX, PREDICTIONS, file_sha256
from melanoma.run.history import (
    Log,
    find_best_epoch,
    list_metrics,
    read_history,
    tabulate_curves,
    tabulate_gaps,
    tabulate_runs,
)
from melanoma.run.imported_logs import LogError, read_log
from melanoma.serving import Classifier, why_not_ready

REFUSED, READ, TRACEBACK, NO_SENTENCE = "refused", "read", "traceback", "no sentence"
RUN_FILES = (FACTS, CALIBRATION, EVALUATION, PREDICTIONS, HISTORY, CHECKSUMS, ONNX)


@dataclass(frozen=True)
class Outcome:
    """What one input gave: REFUSED, READ, TRACEBACK or NO_SENTENCE, and the sentence or the error."""

    number: int
    file: str
    answer: str
    words: str = ""


def judge(number: int, file: str, read: Callable[[], None], errors: tuple[type[Exception], ...]) -> Outcome:
    """What reading gives; `errors` are the documented ones."""
    try:
        read()
    except errors as error:
        words = str(error)
        plain = words.rstrip().endswith(".") and "\n" not in words and "Traceback" not in words
        return Outcome(number, file, REFUSED if plain else NO_SENTENCE, words)
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)
        own = [f"{Path(f.filename).name}:{f.lineno}" for f in at if "/melanoma/" in f.filename]
        return Outcome(number, file, TRACEBACK, f"{error!r:.150} {' '.join(own[-3:])}")
    return Outcome(number, file, READ)


def read_broken_run(number: int) -> Outcome:
    """Spoil one file of the run that ships, seal it anew, and use the run."""
    random = np.random.default_rng([2026, number, 1])
    name = RUN_FILES[number % len(RUN_FILES)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "broken"
        folder.mkdir()
        original = find_default_run().folder
        for file in original.iterdir():
            (folder / file.name).symlink_to(file.resolve())
        content = spoil(name, (original / name).read_bytes(), random)
        (folder / name).unlink()
        (folder / name).write_bytes(content)
        if name != CHECKSUMS:
            seal(folder, name)
        return judge(number, name, lambda: use_run(folder), (RunError,))


def seal(folder: Path, name: str) -> None:
    """Make the checksum of one file fit, as whoever changed it might."""
    lines = (folder / CHECKSUMS).read_text().splitlines()
    lines = [f"{file_sha256(folder / name)}  {name}" if line.endswith(f"  {name}") else line for line in lines]
    (folder / CHECKSUMS).unlink()
    (folder / CHECKSUMS).write_text("\n".join(lines) + "\n")


@cache
def find_default_run() -> Run:
    """The run that ships."""
    return find_run(DEFAULT_RUN)


@cache
def read_example():
    """The synthetic example."""
    return read_photo(example_bytes())


def use_run(folder: Path) -> None:
    """Open a run, draw its training, write its card, show its test results, and ask it about a photo."""
    run = open_run(folder)
    use_curves([run])
    describe_missing_parts(run)
    as_markdown(run)
    if run.predictions is not None:
        use_predictions(run)
    if run.evaluation is not None:
        use_evaluation(run)
    if run.calibration is not None:
        tables.write_estimates(tables.tabulate_operating_points(run.calibration))
    if why_not_ready(run) is None:
        classifier = Classifier.open(run)
        prediction = classifier.predict(read_example())
        wording.write_headline(prediction)
        wording.describe_decision(prediction)
        wording.describe_threshold(prediction.point)
        wording.tabulate_predictive_values(prediction.point)
        wording.describe_diagnoses(prediction, classifier.calibration.prediction_set)
        wording.describe_coverage(classifier.calibration.prediction_set)
        wording.describe_network(run)


def use_curves(logs: list[Log]) -> None:
    """As the tab Training."""
    tabulate_runs(logs)
    best = {log.name: find_best_epoch(read_history(log), log.monitor) for log in logs}
    stars = {name: epoch.epoch for name, epoch in best.items() if epoch}
    for metric in list_metrics(logs)[:4]:
        curves = tabulate_curves(logs, metric, 0.5)
        training_charts.training_curves(curves, metric, stars, log=True)
        training_charts.describe_curves(curves, metric)
        training_charts.epoch_lines(
            tabulate_gaps(logs, metric), "gap", metric, zero=True, runs=[log.name for log in logs]
        )


def use_predictions(run: Run) -> None:
    """As the tabs Test results and Operating point."""
    for split in ("validation", "test"):
        predictions = load_predictions(run, split)
        assert predictions is not None
        counts = tabulate_confusion(predictions)
        result_charts.confusion_matrix(counts, as_shares=True, outline=("MEL", "NV"))
        result_charts.describe_confusion(counts)
        for score in ("malignant", "MEL"):
            estimate_rates(predictions, score, 0.3)
            if predictions.positive(score).any():
                trace_roc(predictions, score)


def use_evaluation(run: Run) -> None:
    """As the tab Test results."""
    evaluation = run.evaluation
    assert evaluation is not None
    for name, estimate in tables.list_headline(evaluation.headline):
        tables.write_estimate(name, estimate)
    if evaluation.reliability.after:
        result_charts.describe_reliability(evaluation.reliability)
        result_charts.reliability_diagram(evaluation.reliability)
    rows = tables.tabulate_classes(evaluation)
    tables.write_estimates(rows)
    for column in tables.estimate_columns(rows)[:1]:
        result_charts.forest_plot(rows.dropna(subset=column), "diagnosis", column, "support")
    groups = tables.tabulate_groups(evaluation)
    for column in tables.estimate_columns(groups)[:1]:
        tables.describe_weakest(groups, column, 30)
        tables.describe_groups(groups, column)
    if evaluation.robustness:
        findings.tabulate_robustness(evaluation.robustness)
        findings.describe_robustness(evaluation.robustness)
    if evaluation.out_of_distribution:
        findings.tabulate_out_of_distribution(evaluation.out_of_distribution)
        findings.describe_out_of_distribution(evaluation.out_of_distribution)
    if evaluation.source_probe:
        findings.tabulate_source_probe(evaluation.source_probe)
        findings.describe_source_probe(evaluation.source_probe)
    if evaluation.faithfulness:
        findings_faithfulness.tabulate_methods(evaluation.faithfulness)
        findings_faithfulness.describe_faithfulness(evaluation.faithfulness)


LOGS: dict[str, str] = {
    "keras.csv": PLAIN,
    "semicolons.csv": PLAIN.replace(".", "#").replace(",", ";").replace("#", ","),
    "history.json": json.dumps(COLUMNS),
    "rows.jsonl": pd.DataFrame(COLUMNS).to_json(orient="records", lines=True),
    "trainer_state.json": json.dumps(
        {"log_history": [{"epoch": 0.5 * i, "step": 10 * i, "loss": 2 / i, "eval_loss": 3 / i} for i in range(1, 7)]}
    ),
    "run-validation-tag-epoch_loss.csv": "Wall time,Step,Value\n1.7e9,0,2.5\n1.7e9,1,2.25\n1.7e9,2,2.0\n",
}


def read_broken_log(number: int) -> Outcome:
    """Spoil a training log, and open it as the tab Training does."""
    random = np.random.default_rng([2026, number, 2])
    logs = {name: text.encode() for name, text in LOGS.items()}
    logs["events.out.tfevents.1700000000.v2"] = events(*((i, "epoch_loss", 2 / (i + 1)) for i in range(5)))
    name = list(logs)[number % len(logs)]
    content = spoil("x.csv" if name == "semicolons.csv" else name.replace("jsonl", "txt"), logs[name], random)

    def read() -> None:
        log = read_log("colleague", {name: content})
        use_curves([log])
        describe_missing_parts(log)

    return judge(number, name, read, (LogError,))


TABLES = {
    "ham10000/HAM10000_metadata.csv": "lesion_id,image_id,dx,dx_type,age,sex,localization\n"
    "H1,ISIC_0024306,mel,histo,60,female,back\nH2,ISIC_0024307,bkl,histo,30,male,face\n",
    "milk10k/same_lesion_in_ham10000.csv": "image_id,isic_id,lesion_id\nISIC_0024306,ISIC_1000002,IL_0000001\n",
    "isic2017/ISIC-2017_Training_Part3_GroundTruth.csv": "image_id,melanoma,seborrheic_keratosis\n"
    "ISIC_0000001,1.0,0.0\nISIC_0000002,0.0,0.0\nISIC_0000003,0.0,1.0\n",
    "isic2019/ISIC_2019_Training_GroundTruth.csv": "image,MEL,NV,BCC,AK,BKL,DF,VASC,SCC,UNK\n"
    "ISIC_0024306,1.0,0,0,0,0,0,0,0,0\nISIC_0024307_downsampled,0,0,0,0,1.0,0,0,0,0\nISIC_0000001,0,1.0,0,0,0,0,0,0,0\n",
    "isic2019/ISIC_2019_Training_Metadata.csv": "image,age_approx,anatom_site_general,lesion_id,sex\n"
    "ISIC_0024306,55.0,anterior torso,L_1,female\nISIC_0024307_downsampled,,head/neck,,male\nISIC_0000001,40,,,\n",
}


def write_downloads(data: Path) -> None:
    """A small folder in the public layouts."""
    lesions = [
        ("IL_0000001", "Melanoma in situ", "ISIC_1000001,ISIC_1000002", 1),
        ("IL_0000002", "Sebaceous hyperplasia", "ISIC_1000003,ISIC_1000004", 2),
    ]
    write_milk10k(data / "milk10k", lesions)
    for image_id, seed in (("ISIC_0024306", 21), ("ISIC_0024307", 22)):
        write_photo(data / "ham10000" / "images" / f"{image_id}.jpg", seed)
    write_photo(data / "isic2017" / "ISIC-2017_Training_Data" / "ISIC_0000001.jpg", 23)
    for name, text in TABLES.items():
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).write_text(text)


@cache
def make_downloads() -> Path:
    """The folder of `write_downloads`, gone with this process."""
    place = tempfile.TemporaryDirectory()
    atexit.register(place.cleanup)
    write_downloads(Path(place.name))
    return Path(place.name)


def read_broken_table(number: int) -> Outcome:
    """Spoil one table of a folder of the public downloads, and read the folder's photos and labels."""
    random = np.random.default_rng([2026, number, 3])
    data = make_downloads()
    paths = sorted(data.rglob("*.csv"))
    path = paths[number % len(paths)]
    whole = path.read_bytes()
    path.write_bytes(spoil(path.name, whole, random))

    def read() -> None:
        table = read_photo_table(data)
        read_unknown_lesions(data)
        assert table["diagnosis"].isin(CODES).all() and table["image_id"].is_unique

    try:
        return judge(number, path.name, read, (TableError,))
    finally:
        path.write_bytes(whole)
